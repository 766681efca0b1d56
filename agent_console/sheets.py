"""CSV and XLSX files to rows of text and back. Knows nothing of what the rows mean.

What goes out cannot run as a formula in the reader's Excel; what comes in is bounded before it is opened.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from typing import Literal
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from callcenter.domain.errors import InvalidInputError
from callcenter.domain.rules import MOST_WORDS
from callcenter.usecases.rule_sheets import Row

Format = Literal["csv", "xlsx"]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_ROWS = MOST_WORDS + 2  # a heading, a full table, and the row that is too many
MOST_COLUMNS = 30
MOST_UNPACKED = 20_000_000  # bytes; a small file may unpack to gigabytes
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BROKEN = (  # what a damaged or hostile file may raise in the libraries below
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    IndexError,
    TypeError,
    AttributeError,
    OSError,
    NotImplementedError,
    RuntimeError,
)
_UNREADABLE = "文件读不懂：请用 UTF-8 或 GBK 的 CSV，或 Excel 的 .xlsx（旧的 .xls 请先另存为 .xlsx）。"


def write(head: Sequence[str], rows: Iterable[Sequence[object]], kind: Format) -> bytes:
    safe: list[Sequence[object]] = [head, *([_neutral(cell) for cell in row] for row in rows)]
    return _csv(safe) if kind == "csv" else _xlsx(safe)


def _neutral(cell: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    shown = ILLEGAL_CHARACTERS_RE.sub("", cell)  # XML cannot hold them
    return f"'{shown}" if shown.startswith(FORMULA) else shown


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("词表")
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(body: bytes) -> list[Row]:
    """Rows with their numbers, from 1. Raises `InvalidInputError` for what is no table or too big."""
    if not body:
        raise InvalidInputError("file", "文件是空的，请重新选择。")
    rows = _from_xlsx(body) if body.startswith(b"PK") else _from_csv(body)
    if len(rows) >= MOST_ROWS:
        raise InvalidInputError("file", f"文件最多 {MOST_WORDS} 行，请分开导入。")
    return [(number, [_plain(cell) for cell in row]) for number, row in enumerate(rows, start=1)]


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _from_csv(body: bytes) -> list[list[str]]:
    try:
        lines = csv.reader(io.StringIO(_decoded(body), newline=""))
        return [row[:MOST_COLUMNS] for row, _ in zip(lines, range(MOST_ROWS), strict=False)]
    except csv.Error:
        raise InvalidInputError("file", _UNREADABLE) from None


def _decoded(body: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidInputError("file", _UNREADABLE)


def _from_xlsx(body: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise InvalidInputError("file", "文件展开后太大，请只留要导入的那一张表。")
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
        return [["" if cell is None else _text(cell) for cell in row] for row in rows]
    except BROKEN:
        raise InvalidInputError("file", _UNREADABLE) from None


def _text(cell: object) -> str:
    """Excel keeps the code '05' as the number 5 unless the column is text; whole numbers lose their '.0'."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
