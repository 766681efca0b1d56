"""The open cases as an index in memory: which of them may be the matter that is being told?

Candidates come from the cells of the city around the point and from the rarest parts of the words, a
bounded number of each, newest first; so a look-up costs the same with a thousand open cases and with a
hundred thousand. Nothing here knows texts, databases or threads.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from heapq import nlargest
from math import cos, floor, log, radians
from typing import TypeAlias

from callcenter.domain import duplicates
from callcenter.domain.duplicates import LASTING_KIND, CaseNews, Facts, Question, Spot, Told
from callcenter.domain.places import distance_m

WINDOW = timedelta(days=90)  # after that even a lasting matter is a new one
CELL_M = 300.0
METRES_PER_DEGREE = 111_320.0
FARTHEST_M = 900.0  # beyond, the uncertainty of a place hides no duplicate any more
MOST_NEAR = 250  # candidates by cell
MOST_READ = 1_500  # entries of the word lists that one look-up reads
MOST_ALIKE = 80  # candidates by words
# Rarity before there is a corpus: as if 200 cases had been seen and each part stood in two of them.
PRIOR_CASES, PRIOR_SEEN = 200, 2
LEAST_NAMED = 0.3  # less of the other's place name in the words is chance, not a place
DAY_S = 86_400.0
Slots: TypeAlias = "array[int]"  # ascending


@dataclass(frozen=True, slots=True)
class Match:
    """`away_m` None = no point on one side."""

    case_id: str
    score: float
    away_m: float | None
    same_caller: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    case_id: str
    version: int
    category: str
    at: float  # POSIX seconds
    spot: Spot | None
    matter: Slots
    place: Slots
    numbers: frozenset[str]


class OpenCases:
    """Not safe between threads: one at a time, please."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._slots: dict[str, int] = {}
        self._next = 0
        self._parts: dict[str, int] = {}
        self._standing: list[Slots] = []  # part -> slots in which it stands, ascending
        self._cells: dict[tuple[int, int], Slots] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def knows(self, news: CaseNews) -> bool:
        """Nothing to do: it stands here like this, or is neither open nor here."""
        slot = self._slots.get(news.id)
        if slot is None:
            return not news.open
        return news.open and self._entries[slot].version == news.version

    def put(self, news: CaseNews, told: Told) -> None:
        """Take in an open case, replacing what was known of it."""
        self.drop(news.id)
        slot, self._next = self._next, self._next + 1
        entry = _Entry(
            case_id=news.id,
            version=news.version,
            category=news.category,
            at=news.reported_at.timestamp(),
            spot=news.spot,
            matter=self._ids(told.matter),
            place=self._ids(told.place),
            numbers=told.numbers,
        )
        self._slots[news.id] = slot
        self._entries[slot] = entry
        for slots in self._lists(entry):
            slots.append(slot)

    def drop(self, case_id: str) -> None:
        slot = self._slots.pop(case_id, None)
        if slot is None:
            return
        for slots in self._lists(self._entries.pop(slot)):
            del slots[bisect_left(slots, slot)]

    def _lists(self, entry: _Entry) -> Iterator[Slots]:
        for part in {*entry.matter, *entry.place}:
            yield self._standing[part]
        if entry.spot is not None:
            yield self._cells.setdefault(_cell(entry.spot), array("I"))

    def _ids(self, parts: Iterable[str]) -> Slots:
        ids = array("I")
        for part in parts:
            number = self._parts.setdefault(part, len(self._parts))
            if number == len(self._standing):
                self._standing.append(array("I"))
            ids.append(number)
        return ids

    # ------------------------------------------------------------------------- looking

    def find(self, asked: Question, least: float, limit: int) -> list[Match]:
        """Open cases that score `least` or more, best first."""
        look = _Look(self, asked)
        slots = {*self._near(asked.spot), *look.alike(), *self._own(asked.own)}
        found = [match for slot in slots if (match := look.at(self._entries[slot], least))]
        return sorted(found, key=lambda match: -match.score)[:limit]

    def _own(self, own: frozenset[str]) -> Iterator[int]:
        return (self._slots[case_id] for case_id in own if case_id in self._slots)

    def _near(self, spot: Spot | None) -> Iterator[int]:
        """Of the cells around the point, nearest first, in each the newest first."""
        left = MOST_NEAR if spot else 0
        for cell in _around(spot) if spot else ():
            slots = self._cells.get(cell, ())
            yield from slots[: -left - 1 : -1]
            left -= min(left, len(slots))
            if not left:
                return

    def rarity(self, part: int) -> float:
        return log((len(self._entries) + PRIOR_CASES) / (len(self._standing[part]) + PRIOR_SEEN))

    def known(self, parts: Iterable[str]) -> tuple[dict[int, float], float]:
        """Rarity of the parts that stand somewhere, and the sum of the rarity of all."""
        numbers = [self._parts.get(part) for part in parts]
        found = {number: self.rarity(number) for number in numbers if number is not None}
        never = log((len(self._entries) + PRIOR_CASES) / PRIOR_SEEN)
        return found, sum(found.values()) + never * (len(numbers) - len(found))

    def standing(self, part: int) -> Sequence[int]:
        return self._standing[part]


class _Look:
    """One question against many cases: what it says is weighed once."""

    def __init__(self, index: OpenCases, asked: Question) -> None:
        self._index = index
        self._asked = asked
        self._now = asked.at.timestamp()
        self._matter, self._matter_sum = index.known(asked.told.matter)
        self._place, self._place_sum = index.known(asked.told.place)
        self._all = {**self._matter, **self._place}
        self._seen: dict[str, float] = {}

    def alike(self) -> set[int]:
        """Slots that share the rarest parts: of the name of the place, and of all that was said."""
        return {*self._sharing(self._place), *self._sharing(self._all)}

    def _sharing(self, parts: Mapping[int, float]) -> list[int]:
        """What stands in too many cases is not looked at, unless nothing else was said (half the city without
        water): then the newest of them are.
        """
        weights: dict[int, float] = {}
        left = MOST_READ
        for part, rare in sorted(parts.items(), key=lambda known: -known[1]):
            slots = self._index.standing(part)
            if len(slots) > left and weights:
                break
            slots = slots[-left:]
            left -= len(slots)
            for slot in slots:
                weights[slot] = weights.get(slot, 0.0) + rare
        return nlargest(MOST_ALIKE, weights, key=weights.__getitem__)

    def at(self, entry: _Entry, least: float) -> Match | None:
        """From the cheapest question to the dearest; most cases do not come as far as the words."""
        age = (self._now - entry.at) / DAY_S
        if age > WINDOW.days:
            return None
        away, vague = self._away(entry.spot)
        facts = Facts(
            same_class=self._class(entry.category),
            away_m=away,
            vague_m=vague,
            age_days=age,
            lasting=entry.category.startswith(LASTING_KIND),
            same_caller=entry.case_id in self._asked.own,
        )
        if duplicates.most(facts) < least:
            return None
        other = duplicates.other_number(self._asked.told.numbers, entry.numbers)
        facts = replace(facts, names=self._names(entry), other_number=other)
        if duplicates.score(facts, 1.0) < least:
            return None
        score = round(duplicates.score(facts, self._words(entry)), 3)
        return Match(entry.case_id, score, away, facts.same_caller) if score >= least else None

    def _class(self, code: str) -> float:
        if code not in self._seen:
            self._seen[code] = duplicates.class_likeness(self._asked.classes, code)
        return self._seen[code]

    def _away(self, spot: Spot | None) -> tuple[float | None, float]:
        own = self._asked.spot
        if spot is None or own is None:
            return None, 0.0
        return distance_m(own.lat, own.lon, spot.lat, spot.lon), max(own.radius_m, spot.radius_m)

    def _words(self, entry: _Entry) -> float:
        """Cosine of the two texts, parts weighted by rarity."""
        shared = sum(self._matter.get(part, 0.0) for part in entry.matter)
        theirs = sum(map(self._index.rarity, entry.matter)) if shared else 0.0
        return shared / (self._matter_sum * theirs) ** 0.5 if theirs else 0.0

    def _names(self, entry: _Entry) -> float | None:
        """How much of one's place name the other one says, anywhere in the text. None = no telling."""
        theirs = sum(map(self._index.rarity, entry.place))
        said = sum(self._all.get(part, 0.0) for part in entry.place)
        told = said / theirs if theirs else 0.0
        if not self._place:
            return told if told >= LEAST_NAMED else None
        both = {*entry.place, *entry.matter}
        heard = sum(weight for part, weight in self._place.items() if part in both) / self._place_sum
        return max(told, heard) if theirs or heard else None


def _cell(spot: Spot) -> tuple[int, int]:
    high = METRES_PER_DEGREE / CELL_M
    row = floor(spot.lat * high)
    # of the row, not of the point: all cells of a row are equally wide
    wide = high * max(cos(radians(row / high)), 0.01)
    return row, floor(spot.lon * wide)


def _around(spot: Spot) -> Iterator[tuple[int, int]]:
    """Cells that hold every point as near as the uncertainty of `spot` wants, nearest rings first."""
    rings = 1 + floor(min(spot.radius_m, FARTHEST_M - CELL_M) / CELL_M)
    step = CELL_M / METRES_PER_DEGREE
    wide = step / max(cos(radians(spot.lat)), 0.01)
    cells = {
        _cell(Spot(spot.lat + north * step, spot.lon + east * wide)): max(abs(north), abs(east))
        for north in range(-rings, rings + 1)
        for east in range(-rings, rings + 1)
    }
    return iter(sorted(cells, key=cells.__getitem__))
