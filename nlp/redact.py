"""Takes names, telephone numbers, identity and bank card numbers, plates and accounts out of a text.

For texts that leave the hotline (to a unit outside, to another citizen, into a sample). What is needed to do
the work stays: places, house numbers, prices, dates, case and order numbers. Knows no case and no channel.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import chain

from nlp.normalise import rows

MARKS = "〔{}〕"
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2D7: 0x2D, 0x2014: 0x2D}
_NUMERALS = zip("〇零一幺二两三四五六七八九", "0011223456789", strict=True)
_SPOKEN = _WIDTH | {ord(han): ord(digit) for han, digit in _NUMERALS}
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, 3.5
_ID_CHECKS = "10X98765432"
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")  # GB/T 2260
_HAN = "[\u4e00-\u9fff]"
_ALONE = r"(?<![0-9A-Za-z])"
_DONE = r"(?![0-9A-Za-z])"
_MOBILE = re.compile(rf"{_ALONE}(?:(?:\+|00)?86[- ]?)?1[3-9](?:[- ]?\d){{9}}(?!\d)")
_LANDLINE = re.compile(
    rf"{_ALONE}(?:\(0\d{{2,3}}\)|0\d{{2,3}})[- ]{{0,2}}[2-9]\d{{2,3}}[- ]?\d{{4}}(?:(?:转|-)\d{{1,5}})?(?!\d)"
)
_LOCAL = re.compile(
    r"(?:电话|座机|固话|号码|致电|拨打|联系方式|tel)(?:号码|号)?(?:是|为|:|\.)? ?"
    r"(?P<it>[2-9]\d{2,3}[- ]?\d{4})(?![\d年])",
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    rf"{_ALONE}[1-9]\d{{5}}[- ]?(?:(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[- ]?\d{{3}}[\dXx]"
    rf"|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}){_DONE}"
)
_IDENTITY_SAID = re.compile(
    r"身份证(?:号码|号)?(?:是|为|:)? ?(?P<it>\d{6}[- ]?\d{8}[- ]?\d{3}[\dXx]|\d{15})(?!\d)"
)
_CARD = re.compile(rf"{_ALONE}(?:62|4\d|5[1-5]|35|9\d)\d{{2}}(?:[ -]?\d{{4}}){{3}}(?:[ -]?\d{{1,3}})?{_DONE}")
_CARD_SAID = re.compile(
    r"(?:银行卡|卡号|账号|帐号|账户)(?:号码|号)?(?:是|为|:)? ?(?P<it>\d(?:[ -]?\d){11,18})(?!\d)"
)
_PLATE = re.compile(  # with a digit: '新System' is none
    rf"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Za-hj-np-z][·•. -]?"
    rf"(?=[A-Za-z]{{0,5}}\d)(?:[A-HJ-NP-Za-hj-np-z0-9]{{6}}|[A-HJ-NP-Za-hj-np-z0-9]{{5}}|[A-HJ-NP-Za-hj-np-z0-9]{{4}}[警学挂港澳使领]){_DONE}"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,4}", re.ASCII)
_ACCOUNT = re.compile(
    r"(?:微信号?|vx|wx|wechat|qq号?|抖音号)(?:码|名)?(?:是|为|:)? ?"
    r"(?P<it>[A-Za-z][-\w]{5,19}|[1-9]\d{4,10})(?![-\w])",
    re.ASCII | re.IGNORECASE,
)


class Kind(StrEnum):
    """The value stands in the place of what was taken out."""

    NAME = "姓名"
    PHONE = "电话"
    IDENTITY = "证件号"
    CARD = "银行卡"
    PLATE = "车牌"
    EMAIL = "邮箱"
    ACCOUNT = "账号"


@dataclass(frozen=True, slots=True, order=True)
class Private:
    """`text[start:end]` is not for others."""

    start: int
    end: int
    kind: Kind


class TextRedactor:
    """Implements the port `Redactor`."""

    def redact(self, text: str) -> str:
        return redact(text)


def redact(text: str) -> str:
    """The text with a mark such as 〔电话〕 for each thing that is private. Idempotent."""
    pieces: list[str] = []
    kept = 0
    for one in private(text):
        pieces += (text[kept : one.start], MARKS.format(one.kind))
        kept = one.end
    return "".join((*pieces, text[kept:]))


def private(text: str) -> list[Private]:
    """What is private, in order and not overlapping; of two that overlap the longer one."""
    even = text.translate(_WIDTH)
    found = chain(_numbers(even), _spoken(text.translate(_SPOKEN)), _names(even))
    chosen: list[Private] = []
    for one in sorted(found, key=lambda it: (it.start, -it.end)):
        if not chosen or one.start >= chosen[-1].end:
            chosen.append(one)
    return chosen


def _numbers(even: str) -> Iterator[Private]:
    for match in chain(_IDENTITY.finditer(even), _IDENTITY_SAID.finditer(even)):
        if "it" in match.groupdict() or _is_identity(match.group()):
            yield _private(match, Kind.IDENTITY)
    for match in _CARD.finditer(even):
        if _luhn(match.group()):
            yield _private(match, Kind.CARD)
    yield from (_private(match, Kind.CARD) for match in _CARD_SAID.finditer(even))
    for kind, pattern in (
        (Kind.PHONE, _MOBILE),
        (Kind.PHONE, _LANDLINE),
        (Kind.PHONE, _LOCAL),
        (Kind.PLATE, _PLATE),
        (Kind.EMAIL, _EMAIL),
        (Kind.ACCOUNT, _ACCOUNT),
    ):
        yield from (_private(match, kind) for match in pattern.finditer(even))


def _spoken(even: str) -> Iterator[Private]:
    """Telephone numbers of Chinese numerals: '幺三八…'."""
    for match in chain(_MOBILE.finditer(even), _LANDLINE.finditer(even)):
        yield _private(match, Kind.PHONE)


def _names(even: str) -> Iterator[Private]:
    ordinary = _words("ordinary")
    for pattern in _name_patterns():
        for match in pattern.finditer(even):
            if not even.startswith(ordinary, match.start("it")):
                yield _private(match, Kind.NAME)


@cache
def _name_patterns() -> tuple[re.Pattern[str], ...]:
    surname = rf"(?:{'|'.join(_words('compound'))}|[{_words('single')[0]}])"
    title = rf"(?:{'|'.join(_words('title'))})"
    name = rf"{surname}{_HAN}{{1,2}}?"
    no_place = rf"(?!{_HAN}{{1,2}}[路街巷弄村镇桥]的)"  # '我是李庄村的' says where from
    end = r"(?=[,。.、;!?:()\s]|住|家住|电话|手机|今年|身份证|的|先生|女士|反映|来电|投诉|咨询|举报|称|$)"
    return (
        re.compile(rf"(?P<it>{surname}{_HAN}{{0,2}}?){title}(?!店|兄弟|机构)"),
        re.compile(rf"(?:我叫|{'|'.join(_words('role'))})(?:是|为|叫|:)? ?(?P<it>{name}){end}"),
        re.compile(
            rf"(?:我是|本人|市民|居民|村民|群众(?!路线)|热心市民)(?:是|:)? ?{no_place}(?P<it>{name}){end}"
        ),
        re.compile(rf"(?<![百])姓(?P<it>{surname})(?![氏名])"),
    )


@cache
def _words(kind: str) -> tuple[str, ...]:
    return tuple(word for row in rows("names.csv") if row["kind"] == kind for word in row["words"].split("|"))


def _private(match: re.Match[str], kind: Kind) -> Private:
    start, end = match.span("it") if "it" in match.groupdict() else match.span()
    return Private(start, end, kind)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit() or character in "Xx")


def _is_identity(text: str) -> bool:
    """18 characters with a right check character, or the 15 digits of before 1999 (GB 11643-1999)."""
    number = _digits(text).upper()
    if not _PROVINCES.match(number):
        return False
    if len(number) < len(_ID_WEIGHTS):
        return True
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number[:-1], strict=True))
    return _ID_CHECKS[total % 11] == number[-1]


def _luhn(text: str) -> bool:
    """The check digit of a bank card (ISO/IEC 7812-1, annex B)."""
    digits = [int(digit) for digit in reversed(_digits(text))]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
