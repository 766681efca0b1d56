"""Keyword tables and category trees as rows of a sheet, both ways. Knows no file format.

A sheet is taken whole or not at all: every row at fault is named with what to do about it.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TypeVar

from callcenter.domain.codes import Category
from callcenter.domain.errors import InvalidInputError
from callcenter.domain.rules import EVERY_CLASS, RuleWord

Row = tuple[int, Sequence[str]]  # number as a person counts it (the heading is row 1), cells
WORD_HEAD = ("类目编码", "类目名称", "类型", "词", "权重", "启用", "修改人")
TREE_HEAD = ("类别", "大类编码", "大类名称", "小类编码", "小类名称")
LEVELS = ("一级分类", "二级分类", "三级分类", "四级分类")
OTHER_NAMES: Mapping[str, str] = {
    "code": "类目编码",
    "name": "类目名称",
    "kind": "类型",
    "term": "词",
    "weight": "权重",
    "enabled": "启用",
    "author": "修改人",
    "编码": "类目编码",
    "关键词": "词",
}
NO = frozenset({"否", "0", "停用", "false", "no", "n"})
YES = frozenset({"", "是", "1", "启用", "true", "yes", "y"})
MOST_PROBLEMS = 50
MIN_LEVELS = 2
LONGEST = {"kind": 20, "major": 20, "minor": 20, "name": 100, "major_name": 100}
LONGEST_CODE = 40
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Problem:
    row: int
    message: str


def word_rows(words: Sequence[RuleWord]) -> list[list[object]]:
    return [
        [word.code, word.name, word.kind, word.term, word.weight, "是" if word.enabled else "否", word.author]
        for word in words
    ]


def words_of(rows: Sequence[Row], names: Mapping[str, str]) -> tuple[list[RuleWord], list[Problem]]:
    """The words of a sheet, and what is wrong with it. `names`: class code -> name in the scheme."""
    at, body = _columns(rows, ("类目编码", "类型", "词", "权重"))
    return _gathered(
        body,
        lambda cells: _word(_Cells(at, cells), names),
        lambda word: (word.key, f"“{word.term}”在这个类目里出现了两次，请删掉一行。"),
    )


def _gathered(
    body: Sequence[Row], read: Callable[[Sequence[str]], _T], name: Callable[[_T], tuple[Hashable, str]]
) -> tuple[list[_T], list[Problem]]:
    """What the rows say, once each; `name` gives the key of one and what to say of a second one."""
    kept: dict[Hashable, _T] = {}
    problems: list[Problem] = []
    for number, cells in body:
        try:
            one = read(cells)
        except InvalidInputError as error:
            problems.append(Problem(number, str(error)))
            continue
        key, twice = name(one)
        if key in kept:
            problems.append(Problem(number, twice))
        kept[key] = one
    return list(kept.values()), problems[:MOST_PROBLEMS]


@dataclass(frozen=True, slots=True)
class _Cells:
    at: Mapping[str, int]
    cells: Sequence[str]

    def get(self, column: str) -> str:
        index = self.at.get(column, len(self.cells))
        return self.cells[index].strip() if index < len(self.cells) else ""


def _columns(rows: Sequence[Row], needed: Sequence[str]) -> tuple[dict[str, int], Sequence[Row]]:
    """Where each column stands, and the rows below the heading that are not empty."""
    head = [OTHER_NAMES.get(cell.strip().lower(), cell.strip()) for cell in rows[0][1]] if rows else []
    at = {name: index for index, name in enumerate(head) if name}
    missing = [name for name in needed if name not in at]
    if missing:
        raise InvalidInputError(
            "file", f"第一行要有这些列：{'、'.join(needed)}；缺少：{'、'.join(missing)}。可先导出一份照着填。"
        )
    return at, [row for row in rows[1:] if any(cell.strip() for cell in row[1])]


def _word(cells: _Cells, names: Mapping[str, str]) -> RuleWord:
    code = cells.get("类目编码")
    if code != EVERY_CLASS and code not in names:
        raise InvalidInputError("code", f"现行分类里没有“{code}”，请改成如“事件|05|05”的编码。")
    word = RuleWord(
        code=code,
        name=names.get(code, "全部"),
        kind=cells.get("类型"),
        term=cells.get("词"),
        weight=_number(cells.get("权重")),
        enabled=_flag(cells.get("启用")),
        author=cells.get("修改人")[:40],
    )
    word.check()
    return word


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InvalidInputError("weight", f"权重“{text}”不是数字，请填如 2.6 或 -2。") from None
    if not isfinite(value):
        raise InvalidInputError("weight", "权重要是普通的数字，如 2.6 或 -2。")
    return value


def _flag(text: str) -> bool:
    if text.lower() not in YES | NO:
        raise InvalidInputError("enabled", f"“启用”请填“是”或“否”，现在是“{text}”。")
    return text.lower() not in NO


def tree_of(rows: Sequence[Row], standard: str) -> tuple[list[Category], list[Problem]]:
    """Classes of a sheet with codes (类别 大类 小类) or with levels (一级分类 二级分类 …)."""
    head = [cell.strip() for cell in rows[0][1]] if rows else []
    leveled = LEVELS[0] in head
    at, body = _columns(rows, LEVELS[:MIN_LEVELS] if leveled else TREE_HEAD)
    numbers = _Numbers()

    def read(cells: Sequence[str]) -> Category:
        row = _Cells(at, cells)
        return _by_level(row, standard, numbers) if leveled else _by_code(row, standard)

    return _gathered(
        body, read, lambda one: (one.code, f"“{one.name}”（{one.code}）重复了，请删掉一行或改编码。")
    )


def _by_code(row: _Cells, standard: str) -> Category:
    kind, major, major_name, minor, name = (row.get(column) for column in TREE_HEAD)
    return _checked(kind, _padded(major), major_name, _padded(minor), name, standard)


def _padded(number: str) -> str:
    """Excel makes a 5 of a 05."""
    return number.zfill(2) if number.isdecimal() else number


class _Numbers:
    """Codes for names that have none: 01, 02 … in the order of the sheet, below each parent."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, ...], dict[str, str]] = {}

    def of(self, *path: str) -> str:
        below = self._given.setdefault(path[:-1], {})
        return below.setdefault(path[-1], f"{len(below) + 1:02d}")


def _by_level(row: _Cells, standard: str, numbers: _Numbers) -> Category:
    levels = [row.get(level) for level in LEVELS]
    while levels and not levels[-1]:
        levels.pop()
    if len(levels) < MIN_LEVELS or not all(levels):
        raise InvalidInputError("file", "至少要填到二级分类，中间不能空。")
    top, leaf = levels[0], levels[-1]
    middle = "/".join(levels[1:-1]) or top
    return _checked(top, numbers.of(top, middle), middle, numbers.of(top, middle, leaf), leaf, standard)


def _checked(kind: str, major: str, major_name: str, minor: str, name: str, standard: str) -> Category:
    given = {"kind": kind, "major": major, "minor": minor, "name": name, "major_name": major_name}
    labels = dict(zip(given, ("类别", "大类编码", "小类编码", "小类名称", "大类名称"), strict=True))
    for field, value in given.items():
        if not value or len(value) > LONGEST[field]:
            raise InvalidInputError("file", f"“{labels[field]}”要填，最多 {LONGEST[field]} 个字。")
    if any("|" in value for value in (kind, major, minor)):
        raise InvalidInputError("file", "类别和编码里不能有“|”。")
    code = f"{kind}|{major}|{minor}"
    if len(code) > LONGEST_CODE:
        raise InvalidInputError("file", f"编码“{code}”太长，类别与编码合起来最多 {LONGEST_CODE - 2} 个字。")
    return Category(code, standard, kind, major, minor, name, major_name, sure="local")
