"""Names of the city and what they stand for: exact, by alias, by part, and with a typing error.

Finds names in a text and places for a query; what stands around a name ('北门对面') is read elsewhere.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from callcenter.domain.citymap import CityMap, Road
from callcenter.domain.places import Place, PlaceKind
from callcenter.geo.homophones import by_sound
from callcenter.geo.plane import along

Meaning = Place | Road
SHORTEST_NAME = 2
SHORTEST_SOUNDING_NAME = 3  # two characters sound like too many words
SOUND_LIKENESS = 0.85
SHORTEST_FUZZY_NAME = 4  # one wrong character of three leaves too many roads to mean
LEAST_LIKENESS = 0.75
LEAST_QUERY_LIKENESS = 60.0
MOST_FUZZY_ENDS = 30  # ends of names that are tried per text
ORDER = (
    PlaceKind.POINT,
    PlaceKind.COMMUNITY,
    PlaceKind.ROAD,
    PlaceKind.METRO_STATION,
    PlaceKind.BUS_STOP,
    PlaceKind.STREET,
    PlaceKind.DISTRICT,
    PlaceKind.CROSSING,
    PlaceKind.ADDRESS,
)


@dataclass(frozen=True, slots=True)
class NameHit:
    """`text[start:end]` names one of `meanings`; `likeness` below 1 means with a typing error."""

    start: int
    end: int
    name: str
    meanings: tuple[Meaning, ...]
    likeness: float = 1.0


class Gazetteer:
    def __init__(self, city: CityMap) -> None:
        self._meanings: dict[str, list[Meaning]] = {}
        meanings: list[Meaning] = [*city.places, *city.roads]
        for meaning in meanings:
            for name in dict.fromkeys((meaning.name, *meaning.aliases)):
                if len(name) >= SHORTEST_NAME:
                    self._meanings.setdefault(name, []).append(meaning)
        self._automaton = ahocorasick.Automaton()
        for name in self._meanings:
            self._automaton.add_word(name, name)
        if self._meanings:
            self._automaton.make_automaton()
        self._by_sound = _sounding(self._meanings)
        self._by_last: dict[str, list[str]] = {}
        for name in self._meanings:
            if len(name) >= SHORTEST_FUZZY_NAME:
                self._by_last.setdefault(name[-1], []).append(name)

    def hits(self, text: str) -> list[NameHit]:
        """Names in a text, longest first where they overlap, then those by sound or with a typing error."""
        exact = list(self._exact(text))
        sounding = list(self._sounding(text, exact))
        sure = [*sounding, *(hit for hit in exact if not _inside_one(hit, sounding))]
        return sorted([*sure, *self._fuzzy(text, _covered(text, sure))], key=lambda hit: hit.start)

    def _exact(self, text: str) -> Iterator[NameHit]:
        if self._meanings:
            for last, name in self._automaton.iter_long(text):
                yield NameHit(last + 1 - len(name), last + 1, name, tuple(self._meanings[name]))

    def _sounding(self, text: str, exact: Sequence[NameHit]) -> Iterator[NameHit]:
        """Names that are written with other characters of the same sound; an exact name may stand inside
        one (澜东 in 澜东大到), but is never cut.
        """
        if not len(self._by_sound):
            return
        ends = [hit.end for hit in exact]
        for last, name in self._by_sound.iter_long(by_sound(text)):
            start, end = last + 1 - len(name), last + 1
            first = bisect_right(ends, start)
            touched = [hit for hit in exact[first : first + len(name)] if hit.start < end]
            if text[start:end] != name and all(start <= hit.start and hit.end <= end for hit in touched):
                yield NameHit(start, end, name, tuple(self._meanings[name]), SOUND_LIKENESS)

    def _fuzzy(self, text: str, covered: bytearray) -> Iterator[NameHit]:
        ends = (i + 1 for i, character in enumerate(text) if character in self._by_last and not covered[i])
        for _, end in zip(range(MOST_FUZZY_ENDS), ends, strict=False):
            free = max((i + 1 for i in range(max(0, end - 12), end) if covered[i]), default=max(0, end - 12))
            best = self._like(text, free, end)
            if best:
                yield best

    def _like(self, text: str, free: int, end: int) -> NameHit | None:
        """The name most like what ends at `end`, of all beginnings from `free` on."""
        best: NameHit | None = None
        for start in range(free, end - SHORTEST_FUZZY_NAME + 2):
            found = process.extractOne(
                text[start:end],
                self._by_last[text[end - 1]],
                scorer=Levenshtein.normalized_similarity,
                score_cutoff=max(LEAST_LIKENESS, best.likeness + 0.01 if best else 0.0),
            )
            if found:
                name, likeness, _ = found
                best = NameHit(start, end, name, tuple(self._meanings[name]), likeness)
        return best

    def search(self, query: str, limit: int) -> list[Place]:
        """Begins with, contains, then is like the query; places before roads before areas."""
        if not query or limit < 1:
            return []
        ranked: dict[str, tuple[int, int, int, str]] = {}
        for name in self._meanings:
            rank = 0 if name == query else 1 if name.startswith(query) else 2 if query in name else None
            if rank is not None:
                self._rank(ranked, name, rank)
        if len(ranked) < limit:
            for name, _, _ in process.extract(
                query,
                self._meanings.keys(),
                scorer=fuzz.ratio,
                score_cutoff=LEAST_QUERY_LIKENESS,
                limit=limit,
            ):
                self._rank(ranked, name, 3)
        places = {meaning.id: as_place(meaning) for meaning in self._all()}
        return [places[key] for key in sorted(ranked, key=lambda key: ranked[key])[:limit]]

    def _rank(self, ranked: dict[str, tuple[int, int, int, str]], name: str, rank: int) -> None:
        for meaning in self._meanings[name]:
            kind = meaning.kind if isinstance(meaning, Place) else PlaceKind.ROAD
            key = (rank, len(name), ORDER.index(kind), name)
            ranked[meaning.id] = min(key, ranked.get(meaning.id, key))

    def _all(self) -> Iterable[Meaning]:
        return (meaning for meanings in self._meanings.values() for meaning in meanings)


def _sounding(names: Iterable[str]) -> ahocorasick.Automaton:
    """Sound -> name; a sound that several names share means none of them."""
    sounds: dict[str, str | None] = {}
    for name in names:
        if len(name) >= SHORTEST_SOUNDING_NAME:
            sound = by_sound(name)
            sounds[sound] = None if sound in sounds else name
    automaton = ahocorasick.Automaton()
    for sound, only in sounds.items():
        if only:
            automaton.add_word(sound, only)
    if len(automaton):
        automaton.make_automaton()
    return automaton


def _inside_one(hit: NameHit, others: Sequence[NameHit]) -> bool:
    return any(other.start <= hit.start and hit.end <= other.end for other in others)


def _covered(text: str, hits: Sequence[NameHit]) -> bytearray:
    """1 for every character that belongs to a name already found."""
    covered = bytearray(len(text))
    for hit in hits:
        covered[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
    return covered


def as_place(meaning: Meaning) -> Place:
    """A road as a place at its middle."""
    if isinstance(meaning, Place):
        return meaning
    lat, lon = along(meaning.points, 0.5)
    return Place(meaning.id, PlaceKind.ROAD, meaning.name, lat, lon, meaning.district, "", meaning.aliases)
