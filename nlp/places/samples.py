"""Marked texts for the place model: one JSON object {"text", "spans": [[start, end, type], ...]} per line.

Errors are told with the number of the line and never quote it, which may hold personal data.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from nlp.normalise import Normalised, normalise
from nlp.phrases import Span

LONGEST_LINE = 1024 * 1024
LONGEST_TEXT = 2000  # what comes after that in one text is not learned from


@dataclass(frozen=True, slots=True)
class Marked:
    """A normalised text and its places."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class BrokenLine:
    line: int
    why: str


def read(lines: Iterable[str]) -> tuple[list[Marked], list[BrokenLine]]:
    """Good lines and what is wrong with the others; blank lines are passed over."""
    good: list[Marked] = []
    broken: list[BrokenLine] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            good.append(_marked(line))
        except ValueError as error:
            broken.append(BrokenLine(number, str(error)))
    return good, broken


def _marked(line: str) -> Marked:
    """Raises `ValueError` with what is wrong."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"超过 {LONGEST_LINE} 个字符")
    if "\ufffd" in line:
        raise ValueError("不是 UTF-8")
    try:
        row = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ValueError("不是 JSON") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise ValueError("没有 text 字段")  # noqa: TRY004 - one kind of error for one kind of cause
    if not isinstance(row.get("spans"), list):
        raise ValueError("没有 spans 列表")  # noqa: TRY004 - the same
    text = row["text"]
    spans = sorted(_span(one, len(text)) for one in row["spans"])
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        raise ValueError("spans 互相重叠")
    even = normalise(text)
    moved = [_moved(even, span) for span in spans]
    return Marked(even.text[:LONGEST_TEXT], tuple(span for span in moved if span and span[1] <= LONGEST_TEXT))


def _span(one: Any, length: int) -> Span:
    if (
        not isinstance(one, list)
        or len(one) < 2  # noqa: PLR2004 - start and end
        or type(one[0]) is not int
        or type(one[1]) is not int
        or not 0 <= one[0] < one[1] <= length
    ):
        raise ValueError("spans 的起止位置不对")
    return one[0], one[1]


def _moved(even: Normalised, span: Span) -> Span | None:
    """Where a span of the original stands in the normalised text; None when nothing of it is left."""
    inside = [index for index in range(len(even.text)) if span[0] <= even.position(index) < span[1]]
    return (inside[0], inside[-1] + 1) if inside else None
