"""Finds many phrases in one pass: Aho-Corasick over their parts.

A phrase is a word, alternatives ('路灯|街灯'), a group of `data/groups.csv` ('<坏>'), or several of
these joined by '…': they must stand at most `GAP` characters apart within one sentence, in any order
('路灯|街灯…<不亮>'). What phrases mean is not known here. Time is linear in the text.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain

import ahocorasick

from nlp.normalise import normalise, rows

GAP = 12  # characters between two parts
MOST_HITS_PER_ATOM = 64  # a word that stands there more often says nothing new
JOIN = "…"
EITHER = "|"
Span = tuple[int, int]
_Part = frozenset[str]
_Place = tuple[int, int, frozenset[str] | None]  # start, end, groups it counts for (None = all)
Ends = Mapping[str, list[int]]  # where each word ends
_Whole = tuple[int, int, frozenset[str]]  # start, end, groups that have it as a phrase of its own
_SENTENCE_END = re.compile(r"[。!?;\n]")
_GROUP = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Hit:
    """Phrase number `phrase` stands at `spans`: one per part, in the order of the parts."""

    phrase: int
    spans: tuple[Span, ...]

    @property
    def start(self) -> int:
        return self.spans[0][0] if len(self.spans) == 1 else min(start for start, _ in self.spans)

    @property
    def end(self) -> int:
        return self.spans[0][1] if len(self.spans) == 1 else max(end for _, end in self.spans)


class WordScan:
    """The words of several finders, read in one pass: passing over the text is what costs."""

    def __init__(self, finders: Iterable["PhraseFinder"]) -> None:
        words = {word for finder in finders for word in finder.words}
        # the automaton tries the beginnings of words in the order they came in: frequent ones first
        frequent = Counter(chain.from_iterable(words))
        self._automaton = ahocorasick.Automaton()
        for word in sorted(words, key=lambda word: (-frequent[word[0]], word)):
            self._automaton.add_word(word, word)
        if words:
            self._automaton.make_automaton()

    def read(self, text: str) -> Ends:
        """Where each word ends, in order."""
        ends: defaultdict[str, list[int]] = defaultdict(list)
        for last, word in self._automaton.iter(text) if len(self._automaton) else ():
            ends[word].append(last + 1)
        return ends


class PhraseFinder:
    """Immutable once made; safe to share between threads."""

    def __init__(
        self, phrases: Sequence[str], groups: Sequence[str] = (), covering: Sequence[bool] = ()
    ) -> None:
        """`covering`: whether a phrase hides shorter ones of other groups inside it (all, if not given)."""
        shared: dict[_Part, _Part] = {}
        self._parts = [
            tuple(shared.setdefault(part, part) for part in parts_of(phrase)) for phrase in phrases
        ]
        rare = [sorted(parts, key=_how_common) for parts in self._parts]
        self._second = [parts[:2][-1] for parts in rare]
        self._groups = groups or [""] * len(phrases)
        self._whole = self._words_alone(covering or [True] * len(phrases)) if groups else {}
        self._longest = max(map(len, self._whole), default=0)
        self._by_rarest: dict[str, list[int]] = {}
        for number, parts in enumerate(rare):
            for atom in parts[0]:
                self._by_rarest.setdefault(atom, []).append(number)
        self.words = frozenset(atom for parts in self._parts for part in parts for atom in part if atom)

    @cached_property
    def _alone(self) -> "WordScan":
        return WordScan([self])

    def _words_alone(self, covering: Sequence[bool]) -> dict[str, frozenset[str]]:
        """Words that are a phrase by themselves and cover others, with the groups that have them."""
        whole: dict[str, set[str]] = {}
        for parts, group, covers in zip(self._parts, self._groups, covering, strict=True):
            for atom in parts[0] if covers and len(parts) == 1 else ():
                whole.setdefault(atom, set()).add(group)
        return {atom: frozenset(having) for atom, having in whole.items()}

    def find(self, text: str, blocked: Iterable[Span] = (), ends: Ends | None = None) -> list[Hit]:
        """All phrases of a normalised text, each at its best place, in the order of the phrases.
        `ends` is what a `WordScan` with this finder's words read in it, if somebody has one.

        A run inside a longer whole phrase counts only for the group of that phrase (not '井盖' in
        '污水井盖' for other kinds of covers); a run inside a `blocked` span, the name of a place, never.
        """
        ends = self._alone.read(text) if ends is None else ends
        reading = _Reading(text, ends, self._whole, self._longest, blocked)
        asked = {number for atom in reading.there for number in self._by_rarest.get(atom, ())}
        there, second = reading.there, self._second  # asked hundreds of times for every text
        return [
            Hit(number, spans)
            for number in sorted(asked)
            if not second[number].isdisjoint(there) and (spans := self._match(number, reading))
        ]

    def _match(self, number: int, reading: "_Reading") -> tuple[Span, ...]:
        """Where all parts stand nearest to each other; () if they are nowhere near."""
        parts, group = self._parts[number], self._groups[number]
        spans = []
        for part in parts:
            found = reading.spans(part, group)
            if not found:
                return ()
            spans.append(found)
        if len(parts) == 1:
            return (spans[0][0],)
        chains = (_chain(first, spans[1:], reading.text) for first in spans[0])
        return min((chain for chain in chains if chain), key=_width, default=())


class _Reading:
    """One text while it is read: which words count where, worked out for those that are asked for."""

    def __init__(
        self,
        text: str,
        ends: Ends,
        whole: Mapping[str, frozenset[str]],
        longest: int,
        blocked: Iterable[Span],
    ) -> None:
        self.text = text
        self.there = set(ends)
        self._ends = ends
        self._covers = _Covers(
            sorted((*span, whole[atom]) for atom in ends if atom in whole for span in self._first(atom)),
            longest,
        )
        self._hidden = _Blocked(blocked)
        self._owned: dict[str, list[_Place]] = {}
        self._known: dict[tuple[_Part, str], list[Span]] = {}

    def spans(self, part: _Part, group: str) -> list[Span]:
        """Where a word of the part stands and counts for the group; sorted."""
        known = self._known.get((part, group))
        if known is None:
            known = self._known[part, group] = self._spans(part, group)
        return known

    def _spans(self, part: _Part, group: str) -> list[Span]:
        atoms = part & self.there
        spans = [
            (start, end)
            for atom in atoms
            for start, end, owners in self._places_of(atom)
            if owners is None or group in owners
        ]
        return sorted(spans) if len(atoms) > 1 else spans

    def _places_of(self, atom: str) -> list[_Place]:
        places = self._owned.get(atom)
        if places is None:
            places = self._owned[atom] = [
                (start, end, self._covers.owners(start, end))
                for start, end in self._first(atom)
                if not self._hidden.over(start, end)
            ]
        return places

    def _first(self, atom: str) -> list[Span]:
        """Where a word stands, not oftener than counts."""
        return [(end - len(atom), end) for end in self._ends[atom][:MOST_HITS_PER_ATOM]]


def _how_common(part: _Part) -> tuple[int, int]:
    """Words of one character stand in nearly every text: the part with fewer of them is asked for first."""
    return sum(len(atom) == 1 for atom in part), len(part)


def parts_of(phrase: str) -> tuple[_Part, ...]:
    """The parts of a phrase, each as the words of which one must stand there, normalised."""
    spelled = _GROUP.sub(lambda match: word_groups().get(match[1], match[0]), phrase)
    return tuple(frozenset(_word(word) for word in part.split(EITHER)) for part in spelled.split(JOIN))


@cache
def word_groups() -> dict[str, str]:
    """Words that mean the same trouble for many things, by the name of the group: '坏' = '坏|破|烂'."""
    return {row["group"]: row["words"] for row in rows("groups.csv")}


@cache
def _word(word: str) -> str:
    return normalise(word, whole=True).text


def _chain(first: Span, others: Sequence[Sequence[Span]], text: str) -> tuple[Span, ...]:
    chain = [first]
    for spans in others:
        step = _near(chain[-1], spans, text)
        if step is None or step in chain:
            return ()
        chain.append(step)
    return tuple(chain)


def _width(chain: Sequence[Span]) -> int:
    return max(end for _, end in chain) - min(start for start, _ in chain)


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


class _Covers:
    """Which whole phrases stand over a run; looks back no further than the longest of them."""

    def __init__(self, wholes: Sequence[_Whole], longest: int) -> None:
        self._wholes = wholes
        self._longest = longest

    def owners(self, start: int, end: int) -> frozenset[str] | None:
        """Groups of all longer phrases over the run; None when there is no longer one."""
        index = bisect_left(self._wholes, (end - self._longest,))
        owners: frozenset[str] | None = None
        while index < len(self._wholes) and self._wholes[index][0] <= start:
            first, last, groups = self._wholes[index]
            if last >= end and last - first > end - start:
                owners = groups if owners is None else owners | groups
            index += 1
        return owners


class _Blocked:
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
