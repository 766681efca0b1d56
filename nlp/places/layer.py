"""One layer of the sequence model: weights per column and value, and the best sequence of tags.

Pure arrays; where they come from (training, a file) is not known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.phrases import Span
from nlp.places.columns import (
    CHARACTER_SHIFTS,
    PAIR_SHIFTS,
    TAG,
    TAGS,
    TRIPLE_SHIFTS,
    Floats,
    Ints,
    TextKeys,
    shifted,
)

HOPELESS = 7.0  # a character whose best other tag is so much behind is outside a place
OUTSIDE, FIRST, INNER, LAST, ALONE = (TAG[tag] for tag in TAGS)


@dataclass(frozen=True)
class Layer:
    """`keys[name]` is sorted; row `offset(shift) + 1 + its index` of `weights` belongs to that key at that
    shift, row 0 to whatever was not seen in training. State columns follow, one row per value.
    """

    keys: Mapping[str, Ints]  # characters, pairs, triples
    sizes: Ints  # of the state columns
    weights: Floats  # rows x tags
    transitions: Floats  # tags x tags

    def emissions(self, text: TextKeys, states: Sequence[tuple[int, Ints]]) -> Floats:
        rows = [*self._text_rows(text), *self._state_rows(states)]
        return np.asarray(self.weights[np.stack(rows)].sum(axis=0), dtype=np.float32)

    def _text_rows(self, text: TextKeys) -> list[Ints]:
        rows: list[Ints] = []
        offset = 0
        for name, shifts in SHIFTS.items():
            known = self.keys[name]
            found = lookup(known, getattr(text, name))
            for by in shifts:
                moved = shifted(found, by, -1)
                rows.append(np.where(moved >= 0, moved + 1 + offset, 0))
                offset += len(known)
        return rows

    def _state_rows(self, states: Sequence[tuple[int, Ints]]) -> list[Ints]:
        first = 1 + sum(len(self.keys[name]) * len(shifts) for name, shifts in SHIFTS.items())
        starts = first + np.cumsum(self.sizes) - self.sizes
        return [values + start for (_, values), start in zip(states, starts, strict=True)]

    def chances(self, emissions: Floats) -> Floats:
        """Per character, its tags without their neighbours; each row sums to 1."""
        grown = np.exp(emissions - emissions.max(axis=1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=1, keepdims=True), dtype=np.float32)

    def best(self, emissions: Floats) -> list[Span]:
        """Spans of the best sequence. Where only `OUTSIDE` is possible nothing is searched."""
        margin = emissions[:, 1:].max(axis=1) - emissions[:, OUTSIDE]
        alive = np.flatnonzero(margin > -HOPELESS)
        found: list[Span] = []
        if len(alive):
            for run in np.split(alive, np.flatnonzero(np.diff(alive) > 1) + 1):
                start = int(run[0])
                path = _viterbi(emissions[start : int(run[-1]) + 1].tolist(), self.transitions.tolist())
                found += [(start + a, start + b) for a, b in spans_of(path)]
        return found


SHIFTS = {"characters": CHARACTER_SHIFTS, "pairs": PAIR_SHIFTS, "triples": TRIPLE_SHIFTS}


def lookup(known: Ints, keys: Ints) -> Ints:
    """Index of each key in the sorted `known`, -1 where it is not."""
    if not len(known):
        return np.full(len(keys), -1, dtype=np.int64)
    index = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[index] == keys, index, -1)


# what may stand before each tag
_BEFORE = {
    OUTSIDE: (OUTSIDE, LAST, ALONE),
    FIRST: (OUTSIDE, LAST, ALONE),
    INNER: (FIRST, INNER),
    LAST: (FIRST, INNER),
    ALONE: (OUTSIDE, LAST, ALONE),
}
_FIRST = (OUTSIDE, FIRST, ALONE)
_LAST = (OUTSIDE, LAST, ALONE)
_NEVER = -1e9


def _viterbi(emissions: list[list[float]], transitions: list[list[float]]) -> list[int]:
    scores = [value if tag in _FIRST else _NEVER for tag, value in enumerate(emissions[0])]
    back: list[list[int]] = []
    for row in emissions[1:]:
        sources = [0] * len(row)
        next_scores = [0.0] * len(row)
        for tag, before in _BEFORE.items():
            best = before[0]
            score = scores[best] + transitions[best][tag]
            for source in before[1:]:
                other = scores[source] + transitions[source][tag]
                if other > score:
                    best, score = source, other
            sources[tag] = best
            next_scores[tag] = score + row[tag]
        scores = next_scores
        back.append(sources)
    path = [max(_LAST, key=scores.__getitem__)]
    for sources in reversed(back):
        path.append(sources[path[-1]])
    return path[::-1]


def spans_of(path: Sequence[int]) -> list[Span]:
    found: list[Span] = []
    start = 0
    for index, tag in enumerate(path):
        if tag in {FIRST, ALONE}:
            start = index
        if tag in {LAST, ALONE}:
            found.append((start, index + 1))
    return found
