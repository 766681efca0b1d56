"""Brings a text into one spelling without losing where each character came from.

Full width to half width, capitals to small letters, traditional and variant characters, frequent
misspellings; removes blanks between Han characters, invisible characters and repeated punctuation.
Everything is a one-to-one replacement or a removal, so that offsets map back exactly.
"""

import csv
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

DATA = "nlp.data"
HAN = "\u3400-\u9fff"
# invisible characters | blanks between Han characters | what repeats the punctuation before it
_REMOVED = re.compile(
    r"[\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff]++"
    rf"|(?<=[{HAN}])[ \t\u00a0\u3000]++(?=[{HAN}])"
    r"|([,。!?、~…;:.\-])(\1++)"
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is what to search in; `span` leads back to the original."""

    text: str
    cuts: tuple[int, ...] = ()  # positions in `text` after which characters are missing
    shifts: tuple[int, ...] = ()  # how many, in sum, up to that cut

    def position(self, index: int) -> int:
        """Where the character `text[index]` stands in the original."""
        before = bisect_right(self.cuts, index)
        return index + (self.shifts[before - 1] if before else 0)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of `text[start:end]` (not empty)."""
        return self.position(start), self.position(end - 1) + 1


def normalise(text: str) -> Normalised:
    even = replace_words(text.translate(_characters()))
    pieces: list[str] = []
    cuts: list[int] = []
    shifts: list[int] = []
    kept = removed = 0
    for match in _REMOVED.finditer(even):
        start = match.start(2) if match.group(2) else match.start()
        pieces.append(even[kept:start])
        removed += match.end() - start
        kept = match.end()
        cuts.append(kept - removed)
        shifts.append(removed)
    pieces.append(even[kept:])
    return Normalised("".join(pieces), tuple(cuts), tuple(shifts))


def replace_words(text: str) -> str:
    """Frequent misspellings, each replaced by a word of the same length."""
    words, pattern = _words()
    return pattern.sub(lambda match: words[match.group()], text)


@cache
def _characters() -> dict[int, int]:
    table = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    table |= {ord(capital): ord(capital) + 32 for capital in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    table |= {ord(capital) + 0xFEE0: ord(capital) + 32 for capital in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    table |= {0x3000: 0x20, 0x00A0: 0x20}
    for old, new in _variants("chars"):
        table |= {ord(a): ord(b) for a, b in zip(old, new, strict=True)}
    return table


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
