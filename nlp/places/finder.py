"""Where a text says where: names of the city that it is given, patterns, and a model if there is one.

Spans only; which place on the map is meant is the geocoder's business. Knows no city by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import ahocorasick

from callcenter.domain.places import PlaceKind
from nlp.normalise import normalise
from nlp.phrases import Span
from nlp.places.anchored import anchored
from nlp.places.kinds import kind_of
from nlp.places.patterns import suffixed
from nlp.places.shape import adjacent, crossings_joined, overlapping, with_parts, with_side
from nlp.places.words import stops_in

SHORTEST_NAME = 2
SURE, LEARNED, GUESSED = 0.9, 0.8, 0.6  # a name of the city, the model, patterns alone


class Tagger(Protocol):
    """A model that was trained: `bare` are the places that names and patterns find."""

    def spans(self, text: str, bare: Sequence[Span]) -> list[Span]: ...


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """`confidence` orders what was found in one text; it is no probability."""

    start: int
    end: int
    kind: PlaceKind
    confidence: float


class PlaceFinder:
    """`names`: names and aliases of places of the city; longer ones win."""

    def __init__(self, names: Iterable[str] = (), tagger: Tagger | None = None) -> None:
        self._tagger = tagger
        self._names = ahocorasick.Automaton()
        for name in {normalise(name).text for name in names}:
            if len(name) >= SHORTEST_NAME:
                self._names.add_word(name, len(name))
        if len(self._names):
            self._names.make_automaton()

    def find(self, text: str, known: list[Span] | None = None) -> list[Span]:
        """Places in a normalised text, in order, with house number, gate, side or crossing.

        `known`: what `known` says of the text, where the caller has asked already.
        """
        known = self.known(text) if known is None else known
        bare = _bare(text, known)
        if self._tagger:
            return _merged(text, self._tagger.spans(text, bare), [with_side(text, span) for span in known])
        return crossings_joined(text, [with_side(text, span) for span in bare])

    def ranked(self, text: str) -> list[FoundPlace]:
        """The same with what they are, the surest first."""
        known = self.known(text)
        otherwise = LEARNED if self._tagger else GUESSED
        found = [
            FoundPlace(
                start,
                end,
                kind_of(text[start:end]),
                SURE if any(start <= a and b <= end for a, b in known) else otherwise,
            )
            for start, end in self.find(text)
        ]
        return sorted(found, key=lambda place: (-place.confidence, place.start))

    def bare(self, text: str) -> list[Span]:
        """What names and patterns find, without side and distance: what a tagger is shown."""
        return _bare(text, self.known(text))

    def known(self, text: str) -> list[Span]:
        """Names of the city, longest first, not overlapping."""
        if not len(self._names):
            return []
        return [(last + 1 - length, last + 1) for last, length in self._names.iter_long(text)]


def _bare(text: str, known: list[Span]) -> list[Span]:
    stops = stops_in(text)
    after_area = anchored(text, stops)
    by_end = suffixed(text, adjacent([*known, *after_area]), stops)
    spans = [with_parts(text, span) for span in adjacent([*known, *after_area, *by_end])]
    return crossings_joined(text, spans)


def _merged(text: str, learned: list[Span], known: list[Span]) -> list[Span]:
    """What overlaps is one place; a known name that the model passed over is kept."""
    return crossings_joined(text, overlapping([*learned, *known]))
