"""Names of the city and what they stand for: exact, by alias, by part, and with a typing error.

Finds names in a text and places for a query; what stands around a name ('北门对面') is read elsewhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from callcenter.domain.citymap import CityMap, Road
from callcenter.domain.places import Place, PlaceKind
from callcenter.geo.plane import along

Meaning = Place | Road
SHORTEST_NAME = 2
SHORTEST_FUZZY_NAME = 4  # one wrong character of three leaves too many roads to mean
LEAST_LIKENESS = 0.75
LEAST_QUERY_LIKENESS = 60.0
MOST_FUZZY_ENDS = 30  # ends of names that are tried per text
ORDER = (
    PlaceKind.POINT,
    PlaceKind.COMMUNITY,
    PlaceKind.ROAD,
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
        self._by_last: dict[str, list[str]] = {}
        for name in self._meanings:
            if len(name) >= SHORTEST_FUZZY_NAME:
                self._by_last.setdefault(name[-1], []).append(name)

    def hits(self, text: str) -> list[NameHit]:
        """Names in a text, longest first where they overlap, then those with a typing error."""
        exact = list(self._exact(text))
        return sorted([*exact, *self._fuzzy(text, exact)], key=lambda hit: hit.start)

    def _exact(self, text: str) -> Iterator[NameHit]:
        if self._meanings:
            for last, name in self._automaton.iter_long(text):
                yield NameHit(last + 1 - len(name), last + 1, name, tuple(self._meanings[name]))

    def _fuzzy(self, text: str, exact: Sequence[NameHit]) -> Iterator[NameHit]:
        covered = bytearray(len(text))
        for hit in exact:
            covered[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
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


def as_place(meaning: Meaning) -> Place:
    """A road as a place at its middle."""
    if isinstance(meaning, Place):
        return meaning
    lat, lon = along(meaning.points, 0.5)
    return Place(meaning.id, PlaceKind.ROAD, meaning.name, lat, lon, meaning.district, "", meaning.aliases)
