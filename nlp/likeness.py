"""What a complaint says, cut into parts that can be compared. Implements the port `Likeness`.

Parts are pairs of neighbouring characters: no dictionary, no loading, and a typing error costs two
pairs instead of a word. How much a shared part counts depends on how rare it is among the open cases,
which is not known here. Stock phrases that stand in every complaint are left out.
"""

import re
from collections.abc import Iterator

from callcenter.domain.duplicates import Told
from nlp.normalise import HAN, normalise

LONGEST = 500  # characters; what the matter is stands in front
MOST_SAME = 4
_RUN = re.compile(rf"[{HAN}a-z0-9]+")
_STOCK = re.compile(
    "市民(?:来电)?反映|来电(?:人|反映|咨询)?|反映|您好|你好|请问|麻烦|谢谢|希望|要求|建议|尽快|尽早|及时|有关|相关"
    "|部门|单位|处理|解决|核实|情况|问题|一下|今天|昨天|昨晚|早上|上午|中午|下午|晚上|现在|目前|已经|一直|多次"
    "|我们|这里|那里|这个|那个|有人|没有人|没人|居民|群众|小区里|一个|很多|非常|严重|影响|出行|生活"
)
_GENERIC = re.compile(
    "附近|对面|旁边|门口|路口|交叉口|交叉|路段|中段|沿线|北侧|南侧|东侧|西侧|小区|社区|街道|大道|大厦|广场|花园|公园"
    "|[东南西北]门|[东南西北]侧|[与和]"
)
_DIGITS = {han: str(value) for value, han in enumerate("零一二三四五六七八九")} | {"两": "2"}
_NUMBER = re.compile(
    r"(?<![\d月年])(\d{1,4}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九两])"
    r"(号楼|栋|幢|座|单元|弄|号(?!线|口|路|公|施))"
)
_SORT = {"号楼": "栋", "幢": "栋", "座": "栋"}


class TextLikeness:
    """Holds no state; safe between threads. Linear in the text."""

    def read(self, text: str, place: str = "") -> Told:
        """`place` is the name of the place where it is known apart from the text."""
        even = normalise(text[:LONGEST]).text
        where = normalise(place[:LONGEST]).text
        named = frozenset(_pairs(where, _GENERIC))
        return Told(
            matter=frozenset(_pairs(even, _STOCK)) - named,
            place=named,
            numbers=frozenset(_numbers(where)) or frozenset(_numbers(even)),
        )

    def same(self, first: str, second: str) -> tuple[str, ...]:
        """Runs of characters that both texts say, in the words of the first, longest first."""
        theirs = frozenset(_pairs(normalise(second[:LONGEST]).text, _STOCK))
        runs = {run for run in _shared(normalise(first[:LONGEST]).text, theirs) if not run.isdigit()}
        return tuple(sorted(runs, key=lambda run: (-len(run), run))[:MOST_SAME])


def _runs(text: str, left_out: re.Pattern[str]) -> list[str]:
    return _RUN.findall(left_out.sub(" ", _NUMBER.sub(" ", text)))


def _pairs(text: str, left_out: re.Pattern[str]) -> Iterator[str]:
    for run in _runs(text, left_out):
        for start in range(len(run) - 1):
            yield run[start : start + 2]


def _shared(text: str, theirs: frozenset[str]) -> Iterator[str]:
    for run in _runs(text, _STOCK):
        begun = 0
        for end in range(1, len(run) + 1):
            if end < len(run) and run[end - 1 : end + 1] in theirs:
                continue
            if end - begun > 1:
                yield run[begun:end]
            begun = end


def _numbers(text: str) -> Iterator[str]:
    for number, sort in _NUMBER.findall(text):
        yield f"{_arabic(number)}{_SORT.get(sort, sort)}"


def _arabic(number: str) -> str:
    if number.isdigit():
        return number.lstrip("0") or "0"
    tens, ten, ones = number.partition("十")
    if not ten:
        return _DIGITS[number]
    return f"{_DIGITS.get(tens, '1')}{_DIGITS.get(ones, '0')}"
