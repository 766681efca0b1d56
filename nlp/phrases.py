"""Finds many phrases in one pass over a text (Aho-Corasick).

A phrase is a run of characters or several parts joined by '…': parts that stand near each other in
one sentence, in any order. What phrases mean is not known here. Time is linear in the text.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import ahocorasick

from nlp.normalise import normalise

GAP = 12  # characters between two parts
MOST_HITS_PER_ATOM = 64  # a part that stands there more often says nothing new
JOIN = "…"
Span = tuple[int, int]
_Place = tuple[int, int, frozenset[str] | None]  # start, end, groups it counts for (None = all)
_Places = dict[str, list[_Place]]
_SENTENCE_END = re.compile(r"[。!?;\n]")


@dataclass(frozen=True, slots=True)
class Hit:
    """Phrase number `phrase` stands at `spans`: one per part, in the order of the parts."""

    phrase: int
    spans: tuple[Span, ...]

    @property
    def start(self) -> int:
        return min(start for start, _ in self.spans)

    @property
    def end(self) -> int:
        return max(end for _, end in self.spans)


class PhraseFinder:
    """Immutable once made; safe to share between threads."""

    def __init__(self, phrases: Sequence[str], groups: Sequence[str] = ()) -> None:
        self._parts = [tuple(normalise(phrase).text.split(JOIN)) for phrase in phrases]
        self._groups = groups or [""] * len(phrases)
        self._whole: dict[str, set[str]] = {}
        for parts, group in zip(self._parts, self._groups, strict=True):
            if len(parts) == 1:
                self._whole.setdefault(parts[0], set()).add(group)
        self._longest = max(map(len, self._whole), default=0)
        self._automaton = ahocorasick.Automaton()
        for atom in {part for parts in self._parts for part in parts if part}:
            self._automaton.add_word(atom, atom)
        self._by_first: dict[str, list[int]] = {}
        for number, parts in enumerate(self._parts):
            self._by_first.setdefault(parts[0], []).append(number)
        if len(self._automaton):
            self._automaton.make_automaton()

    def find(self, text: str, blocked: Iterable[Span] = ()) -> list[Hit]:
        """All phrases of a normalised text, each at its first place, in the order of the phrases.

        A run inside a longer whole phrase counts only for the group of that phrase (not '井盖' in
        '污水井盖' for other kinds of covers); a run inside a `blocked` span, the name of a place, never.
        """
        places = self._places(text, blocked)
        found: list[Hit] = []
        for atom in places:
            for number in self._by_first.get(atom, ()):
                spans = self._match(number, places, text)
                if spans:
                    found.append(Hit(number, spans))
        return sorted(found, key=lambda hit: hit.phrase)

    def _places(self, text: str, blocked: Iterable[Span]) -> _Places:
        """Where each part stands, with the groups that it may count for there (None = all)."""
        atoms = list(self._atoms(text))
        covers: dict[int, list[tuple[int, set[str]]]] = {}
        for start, end, atom in atoms:
            if atom in self._whole:
                covers.setdefault(start, []).append((end, self._whole[atom]))
        hidden = _Cover(blocked)
        places: _Places = {}
        for start, end, atom in atoms:
            if not hidden.over(start, end):
                places.setdefault(atom, []).append((start, end, self._owners(start, end, covers)))
        return places

    def _owners(
        self, start: int, end: int, covers: Mapping[int, Sequence[tuple[int, set[str]]]]
    ) -> frozenset[str] | None:
        owners: set[str] = set()
        covered = False
        for first in range(max(0, end - self._longest), start + 1):
            for last, groups in covers.get(first, ()):
                if last >= end and last - first > end - start:
                    covered = True
                    owners |= groups
        return frozenset(owners) if covered else None

    def _atoms(self, text: str) -> Iterator[tuple[int, int, str]]:
        if not len(self._automaton):
            return
        counts: dict[str, int] = {}
        for last, atom in self._automaton.iter(text):
            seen = counts.get(atom, 0)
            if seen < MOST_HITS_PER_ATOM:
                counts[atom] = seen + 1
                yield last + 1 - len(atom), last + 1, atom

    def _match(self, number: int, places: _Places, text: str) -> tuple[Span, ...]:
        """The first place where all parts are near each other; () if there is none."""
        parts, group = self._parts[number], self._groups[number]
        if any(part not in places for part in parts):
            return ()
        spans = [_of_group(places[part], group) for part in parts]
        chains = (_chain(first, spans[1:], text) for first in spans[0])
        return next((chain for chain in chains if chain), ())


def _of_group(places: Iterable[_Place], group: str) -> list[Span]:
    return [(start, end) for start, end, owners in places if owners is None or group in owners]


def _chain(first: Span, others: Sequence[Sequence[Span]], text: str) -> tuple[Span, ...]:
    chain = [first]
    for spans in others:
        step = _near(chain[-1], spans, text)
        if step is None or step in chain:
            return ()
        chain.append(step)
    return tuple(chain)


def _near(here: Span, others: Sequence[Span], text: str) -> Span | None:
    """The nearest of the sorted `others` after, else before `here`, in reach and in the same sentence."""
    index = bisect_left(others, (here[1], 0))
    after = others[index] if index < len(others) else None
    if after and after[0] - here[1] <= GAP and not _SENTENCE_END.search(text, here[1], after[0]):
        return after
    before = next((other for other in reversed(others[:index]) if other[1] <= here[0]), None)
    if before and here[0] - before[1] <= GAP and not _SENTENCE_END.search(text, before[1], here[0]):
        return before
    return None


class _Cover:
    """Answers whether one of many spans covers another, after one sort."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[int] = []
        self._reach: list[int] = []
        for start, end in sorted(spans):
            self._starts.append(start)
            self._reach.append(max(end, self._reach[-1] if self._reach else end))

    def over(self, start: int, end: int) -> bool:
        """A longer span, or the same one."""
        index = bisect_right(self._starts, start)
        return index > 0 and self._reach[index - 1] >= end
