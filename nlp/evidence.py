"""Danger told in words that no phrase of the table has: small pieces of evidence are weighed together.

`data/danger_weights.csv` holds runs of one and two characters with a weight for 'any danger' and for each
kind, fitted on texts of our own writing by `tests/bench/fit_dangers.py`. Prediction is a sum over the runs
that stand in a piece of text, divided by the root of their number: no library, linear in the text. What the
phrases find is not known here.
"""

import csv
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from importlib.resources import files
from itertools import chain

import ahocorasick

from nlp.normalise import DATA
from nlp.phrases import Span

TABLE = "danger_weights.csv"
ALARM = math.log(0.65 / 0.35)  # log odds from which a text is an alarm, and a kind is named
WHOLE = 80  # characters up to which a text is weighed in one piece; longer ones sentence by sentence
LEAST = 12  # runs: fewer of them are no more telling than these many
REASONS = 3  # runs that are shown as the reason
_PIECE = re.compile(rf"[^。!?;\n]{{1,{WHOLE}}}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """`kinds`, the surest first, and the runs that weigh most."""

    kinds: tuple[str, ...]
    spans: tuple[Span, ...]


class EvidenceFinder:
    """Immutable once made; safe to share between threads."""

    def __init__(self) -> None:
        lines = files(DATA).joinpath(TABLE).read_text("utf-8").splitlines()
        head, bias, *table = csv.reader(line for line in lines if not line.startswith("#"))
        self._kinds = tuple(head[2:])
        self._runs = [run for run, *_ in table]
        self._bias = [float(weight) for weight in bias[1:]]
        self._weights = [
            array("f", map(float, column)) for column in zip(*(row[1:] for row in table), strict=True)
        ]
        self._automaton = ahocorasick.Automaton()
        frequent = Counter(chain.from_iterable(self._runs))  # tried in the order they come in
        for number, run in sorted(enumerate(self._runs), key=lambda known: -frequent[known[1][0]]):
            self._automaton.add_word(run, number)
        self._automaton.make_automaton()

    def find(self, text: str) -> Evidence | None:
        """The first piece that is an alarm; None where there is none."""
        pieces = ((0, len(text)),) if len(text) <= WHOLE else (m.span() for m in _PIECE.finditer(text))
        return next(filter(None, (self._weigh(text, *piece) for piece in pieces)), None)

    def _weigh(self, text: str, start: int, end: int) -> Evidence | None:
        hits = self._automaton.iter(text, start, end)
        lasts = {number: last for last, number in hits}
        if not lasts or self._odds(lasts, 0) < ALARM:
            return None
        odds = {kind: self._odds(lasts, column) for column, kind in enumerate(self._kinds, start=1)}
        ranked = sorted(odds, key=lambda kind: -odds[kind])
        return Evidence(
            kinds=(ranked[0], *(kind for kind in ranked[1:] if odds[kind] >= ALARM)),
            spans=self._reasons(lasts),
        )

    def _odds(self, runs: Iterable[int], column: int) -> float:
        """Log odds of 'any danger' (column 0) or of a kind, from the runs by their numbers."""
        weights = list(map(self._weights[column].__getitem__, runs))
        return self._bias[column] + sum(weights) / math.sqrt(max(len(weights), LEAST))

    def _reasons(self, lasts: Mapping[int, int]) -> tuple[Span, ...]:
        """The heaviest runs of more than one character, where they stand last."""
        telling = (number for number in lasts if len(self._runs[number]) > 1 and self._weights[0][number] > 0)
        heavy = nlargest(REASONS, telling, key=self._weights[0].__getitem__)
        return tuple((lasts[number] + 1 - len(self._runs[number]), lasts[number] + 1) for number in heavy)
