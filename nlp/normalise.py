"""Brings a text into one spelling without losing where each character came from.

Full width to half width, capitals to small letters, traditional and variant characters, frequent
misspellings, Chinese house numbers ('十二号楼' = '12号楼'); removes blanks between Han characters,
emoji and other invisible characters, repeated punctuation, the greeting and the closing formula.
Characters are replaced one to one or a whole run at a time, so that offsets map back exactly.
"""

import csv
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

DATA = "nlp.data"
HAN = "\u3400-\u9fff"
LONGEST_CLOSING = 80  # characters at the end of a text in which the closing formula is looked for
_INVISIBLE = "\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_DIGITS = "零一二三四五六七八九"
_NUMERALS = f"〇{_DIGITS}十百两"
# invisible | blanks between Han characters | what repeats the punctuation before it | house numbers
_CHANGED = re.compile(
    rf"[{_INVISIBLE}]++"
    rf"|(?<=[{HAN}])[ \t\u00a0\u3000]++(?=[{HAN}])"
    r"|(?P<mark>[,。!?、~…;:.\-])(?P<again>(?P=mark)++)"
    rf"|(?<![{_NUMERALS}几数])(?P<number>[{_NUMERALS}]{{1,7}}+)(?=号|栋|幢|单元|室|弄|层|楼|座)"
)
_GREETING = re.compile(
    r"(?:(?:尊敬的|敬爱的)[^,。:!\n]{1,12}[,:!\n ]|(?:你|您)们?好(?!像|几|多|久|意|心|歹|坏)|喂(?=[,!。])"
    r"|各位领导[,:!好]|领导好|早上好|上午好|中午好|下午好|晚上好|打扰(?:一下|了)[,。!])[,。!?:~ \n]*+"
)
_CLOSING = re.compile(
    r"(?:[,。!?~ \n]*+(?:此致|敬礼|谢谢(?:了|啦|您)?|多谢|(?:非常|十分|万分|不胜)?感[谢激](?:不尽)?"
    r"|拜托了|辛苦了|麻烦了|祝(?:工作|万事|身体|一切)[^,。!?\n]{2,6}|望回复|盼复|盼回复))++[,。!?~ \n]*+\Z"
)
_NUMBER = re.compile(rf"(?:([{_DIGITS}两])?(百))?(零)?(?:([{_DIGITS}])?(十))?([{_DIGITS}两])?|[〇{_DIGITS}]+")


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is what to search in; `span` leads back to the original.

    Run number i begins at `starts[i]` in `text` and at `origins[i]` in the original. `ends[i]` is 0
    for a run that corresponds one to one, else where the replaced run ends in the original.
    """

    text: str
    starts: tuple[int, ...] = ()
    origins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def position(self, index: int) -> int:
        """Where the character `text[index]` stands in the original."""
        run = bisect_right(self.starts, index) - 1
        if run < 0:
            return index
        return self.origins[run] + (0 if self.ends[run] else index - self.starts[run])

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of `text[start:end]` (not empty)."""
        run = bisect_right(self.starts, end - 1) - 1
        last = self.ends[run] if run >= 0 else 0
        return self.position(start), last or self.position(end - 1) + 1


def normalise(text: str, *, whole: bool = False) -> Normalised:
    """`whole`: with greeting and closing formula, for words that are looked for ('特别感谢')."""
    even = replace_words(text.translate(_characters()))
    first, last = (0, len(even)) if whole else _body(even)
    pieces: list[str] = []
    runs: list[tuple[int, int, int]] = []
    if first:
        runs.append((0, first, 0))
    kept, length = first, 0
    for start, end, new in _changes(even, first, last):
        pieces += (even[kept:start], new)
        length += start - kept
        if new:
            runs.append((length, start, end))
            length += len(new)
        runs.append((length, end, 0))
        kept = end
    pieces.append(even[kept:last])
    starts, origins, ends = zip(*runs, strict=True) if runs else ((), (), ())
    return Normalised("".join(pieces), starts, origins, ends)


def _changes(even: str, first: int, last: int) -> Iterator[tuple[int, int, str]]:
    """What is replaced by something of another length, or by nothing: start, end, replacement."""
    for match in _CHANGED.finditer(even, first, last):
        if match["number"]:
            digits = house_number(match["number"])
            if digits:
                yield match.start(), match.end(), digits
        else:
            yield (match.start("again") if match["again"] else match.start()), match.end(), ""


def _body(text: str) -> tuple[int, int]:
    """Without the greeting in front and the closing formula behind, unless nothing else is there."""
    start = 0
    while match := _GREETING.match(text, start):
        start = match.end()
    closing = _CLOSING.search(text, max(start, len(text) - LONGEST_CLOSING))
    end = closing.start() if closing else len(text)
    return (start, end) if text[start:end].strip() else (0, len(text))


def house_number(numeral: str) -> str:
    """Arabic digits of a Chinese numeral up to 999, or of digits read one by one; '' if it is none."""
    match = _NUMBER.fullmatch(numeral)
    if not match:
        return ""
    hundreds, hundred, _, tens, ten, ones = match.groups()
    if not (hundred or ten):
        return "".join(str(_digit(character)) for character in numeral)
    if hundred and not hundreds:
        return ""
    value = 100 * _digit(hundreds) + 10 * (_digit(tens) or bool(ten)) + _digit(ones)
    return str(value)


def _digit(character: str | None) -> int:
    if character == "两":
        return 2
    return max(0, _DIGITS.find(character)) if character else 0


def replace_words(text: str) -> str:
    """Frequent misspellings, each replaced by a word of the same length."""
    words, pattern = _words()
    return pattern.sub(lambda match: words[match.group()], text)


@cache
def _characters() -> dict[int, int]:
    """One character for another: width, capitals, traditional characters, then our own variants."""
    table = _compatible() | {ord(old): ord(new) for old, new in _traditional()}
    table |= {ord(capital): ord(capital) + 32 for capital in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    for old, new in _variants("chars"):
        table |= {ord(a): ord(b) for a, b in zip(old, new, strict=True)}
    return {code: _settled(table, code) for code in table}


def _settled(table: dict[int, int], code: int) -> int:
    """The end of a chain of replacements, so that normalising twice changes nothing more."""
    for _ in range(4):
        code = table.get(code, code)
    return code


def _compatible() -> dict[int, int]:
    """Full width forms, circled numbers, radicals used as characters: what is one character in NFKC."""
    blocks = (range(0xFF01, 0xFFF0), range(0x2460, 0x24FF), range(0x2E80, 0x2FE0), range(0xF900, 0xFB00))
    forms = {
        code: unicodedata.normalize("NFKC", chr(code)) for block in blocks for code in (*block, 0x3000, 0xA0)
    }
    return {code: ord(form) for code, form in forms.items() if len(form) == 1 and ord(form) != code}


def _traditional() -> Iterator[tuple[str, str]]:
    """Traditional characters with one simplified form in the basic plane, from opencc's tables."""
    from opencc import OpenCC  # noqa: PLC0415 - 25 ms that only a process which normalises pays

    traditional = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    simplified = OpenCC("t2s").convert("\n".join(traditional)).split("\n")
    for old, new in zip(traditional, simplified, strict=True):
        if old != new and len(new) == 1 and new <= "\uffff":
            yield old, new


@cache
def _words() -> tuple[dict[str, str], re.Pattern[str]]:
    words = dict(_variants("word"))
    return words, re.compile("|".join(map(re.escape, words)))


def _variants(kind: str) -> list[tuple[str, str]]:
    return [(row["from"], row["to"]) for row in rows("variants.csv") if row["kind"] == kind]


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a table in `nlp/data`; lines that begin with '#' are its head."""
    lines = files(DATA).joinpath(name).read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))
