"""Precision, recall and flips of keyword tables on confirmed reports: pure functions over ranks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from callcenter.domain.rules import NONE, Confirmed

Ranks = Mapping[str, tuple[str, ...]]  # report id -> best classes, best first; () = none of these
ORDER = {"worse": 0, "better": 1, "wrong": 2}


@dataclass(frozen=True, slots=True)
class Share:
    right: int
    of: int

    @property
    def ratio(self) -> float | None:
        """None when there is nothing to measure."""
        return self.right / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """`recall.of` is the number of confirmed reports of the class."""

    precision: Share
    recall: Share


@dataclass(frozen=True, slots=True)
class Figures:
    first: Share  # the first class is the confirmed one
    among: Share  # the confirmed one is among the three
    classes: Mapping[str, ClassFigures]


@dataclass(frozen=True, slots=True)
class Flip:
    """A report whose first class changes. Codes; '' = none of these."""

    report: Confirmed
    before: str
    after: str
    words: tuple[str, ...]  # the changed words that stand in it

    @property
    def verdict(self) -> Literal["better", "worse", "wrong"]:
        """'better', 'worse', or 'wrong' (it was wrong and is wrong in another way)."""
        if self.after == self.report.code:
            return "better"
        return "worse" if self.before == self.report.code else "wrong"


def first_of(codes: Sequence[str]) -> str:
    return codes[0] if codes else NONE


def figures(reports: Sequence[Confirmed], ranks: Ranks) -> Figures:
    """Of each class and of all."""
    truth = Counter(report.code for report in reports)
    said = Counter(first_of(ranks[report.report_id]) for report in reports)
    right = Counter(r.code for r in reports if first_of(ranks[r.report_id]) == r.code)
    among = sum(r.code in (ranks[r.report_id] or (NONE,)) for r in reports)
    classes = {
        code: ClassFigures(Share(right[code], said[code]), Share(right[code], truth[code]))
        for code in sorted(truth.keys() | said.keys())
    }
    return Figures(Share(right.total(), len(reports)), Share(among, len(reports)), classes)


def flips(
    reports: Sequence[Confirmed], before: Ranks, after: Ranks, words: Mapping[str, tuple[str, ...]]
) -> tuple[Flip, ...]:
    """What got worse first, then better, then still wrong; newest first in each."""
    both = ((r, first_of(before[r.report_id]), first_of(after[r.report_id])) for r in reports)
    found = [Flip(r, old, new, words.get(r.report_id, ())) for r, old, new in both if old != new]
    return tuple(sorted(found, key=lambda flip: ORDER[flip.verdict]))
