"""From a complaint text to points on the map: implements the port `Geocoder`.

Every candidate says how sure it is, how far off it may be, and what to ask when that is not enough.
Knows the city only through `CityMap`; a newer map makes a new geocoder.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from callcenter.domain.citymap import CityMap, LatLon, Road
from callcenter.domain.places import Grid, Place, PlaceCandidate, PlaceKind
from callcenter.geo.gazetteer import Gazetteer, NameHit
from callcenter.geo.grid import GridIndex
from callcenter.geo.plane import along, apart_m, between, crossing, length_m, moved, nearest
from callcenter.geo.reading import (
    CROSSING,
    EAST_NORTH,
    JOINT,
    SECTION,
    TO,
    Detail,
    read_detail,
    read_number,
)

LONGEST_TEXT = 10_000  # a place stands early in a complaint; what follows is not searched
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B)}
AREAS = (PlaceKind.DISTRICT, PlaceKind.STREET)
DEFAULT_EXTENT_M = {
    PlaceKind.COMMUNITY: 120.0,
    PlaceKind.POINT: 50.0,
    PlaceKind.BUS_STOP: 8.0,
    PlaceKind.METRO_STATION: 60.0,
    PlaceKind.STREET: 1200.0,
    PlaceKind.DISTRICT: 4000.0,
}
STATION_QUESTIONS = {
    PlaceKind.METRO_STATION: "在{}几号口？站内还是站外？",
    PlaceKind.BUS_STOP: "在{}往哪个方向的站台？",
}
OTHER_EXTENT_M = 50.0
BIG_PLACE_M = 70.0  # half a side; from here on a gate has to be asked for
ACROSS_M = 30.0  # over the street
SIDE_M = 20.0
ROADS_MEET_M = 150.0
ROADS_OF_A_CROSSING, ROADS_OF_A_SECTION = 2, 3
LONGEST_QUERY = 100
UNSURE = 0.5
OUTSIDE_NAMED_DISTRICT = 0.5
_FIGURES = re.compile(r"\d+|\D+")


@dataclass(frozen=True, slots=True)
class _Context:
    """What the whole text says about where: districts named, and points that are certain."""

    districts: frozenset[str]
    anchors: tuple[LatLon, ...]


class MapGeocoder:
    def __init__(self, city: CityMap) -> None:
        self._gazetteer = Gazetteer(city)
        self._grids = GridIndex(city.grids)
        self._extents = city.extents

    def grid_at(self, lat: float, lon: float) -> Grid | None:
        return self._grids.at(lat, lon)

    def candidates(self, text: str, limit: int = 3) -> Sequence[PlaceCandidate]:
        """Places that the text may mean, best first, at most one per span and meaning."""
        even = text[:LONGEST_TEXT].translate(FULL_WIDTH)
        hits = self._gazetteer.hits(even)
        context = _Context(_districts(hits), tuple(_certain(hits)))
        found = [candidate for part in self._read(even, hits, context) for candidate in part]
        kept = _best_per_label(found)
        return [self._with_grid(candidate) for candidate in kept[:limit]]

    def search(self, query: str, limit: int = 10) -> Sequence[Place]:
        """For the place field: crossings and house numbers first, then names."""
        query = "".join(query.split())[:LONGEST_QUERY]
        exact = [
            _as_place(candidate)
            for candidate in self.candidates(query if CROSSING.search(query) else f"{query}路口")
            if candidate.kind in (PlaceKind.CROSSING, PlaceKind.ADDRESS) and candidate.confidence > UNSURE
        ]
        return [*exact, *self._gazetteer.search(query, limit)][:limit]

    def _with_grid(self, candidate: PlaceCandidate) -> PlaceCandidate:
        return replace(candidate, grid=self._grids.at(candidate.lat, candidate.lon))

    def _read(
        self, text: str, hits: Sequence[NameHit], context: _Context
    ) -> Iterator[Sequence[PlaceCandidate]]:
        """Goes over the names from left to right; a crossing or section takes several at once."""
        index = 0
        while index < len(hits):
            taken, found = (
                self._section(text, hits[index : index + 3])
                or self._crossing(text, hits[index : index + 2])
                or (1, self._single(text, hits, index, context))
            )
            yield found
            index += taken

    def _section(self, text: str, hits: Sequence[NameHit]) -> tuple[int, list[PlaceCandidate]] | None:
        """'文昌路望湖路至石榴巷段': the piece of the first road between the other two."""
        roads = [_road(hit) for hit in hits]
        if (
            len(hits) < ROADS_OF_A_SECTION
            or not all(roads)
            or not TO.fullmatch(text, hits[1].end, hits[2].start)
        ):
            return None
        main, first, second = (road for road in roads if road)
        end = SECTION.match(text, hits[2].end)
        a, b = crossing(main, first)[0], crossing(main, second)[0]
        lat, lon = between(a, b)
        label = f"{main.name}（{first.name}至{second.name}段）"
        candidate = PlaceCandidate(
            label,
            PlaceKind.ROAD,
            lat,
            lon,
            round(apart_m(a, b) / 2),
            0.7,
            hits[0].start,
            end.end() if end else hits[2].end,
            detail="路段",
            question=f"在{main.name}这一段的什么位置？",
        )
        return 3, [candidate]

    def _crossing(self, text: str, hits: Sequence[NameHit]) -> tuple[int, list[PlaceCandidate]] | None:
        """'文昌路和澜东大道路口', '学府街石榴巷交叉口东侧'."""
        roads = [road for road in map(_road, hits) if road]
        if len(roads) < ROADS_OF_A_CROSSING or not JOINT.fullmatch(text, hits[0].end, hits[1].start):
            return None
        joint = CROSSING.match(text, hits[1].end)
        if not joint and text[hits[0].end : hits[1].start] != "交":
            return None
        detail = read_detail(text, joint.end() if joint else hits[1].end)
        return 2, [_crossing_candidate(roads[0], roads[1], hits, detail)]

    def _single(
        self, text: str, hits: Sequence[NameHit], index: int, context: _Context
    ) -> list[PlaceCandidate]:
        hit = hits[index]
        if _road(hit) and index + 1 < len(hits) and hits[index + 1].start == hit.end:
            return []  # '文昌路实验小学': the road only leads to the school
        return [
            _judged(self._meaning(text, hit, meaning, context), hit, context, meaning)
            for meaning in hit.meanings
        ]

    def _meaning(self, text: str, hit: NameHit, meaning: Place | Road, context: _Context) -> PlaceCandidate:
        if isinstance(meaning, Road):
            return _on_road(text, hit, meaning, context)
        if meaning.kind in AREAS:
            return _area(hit, meaning)
        return self._at_place(text, hit, meaning)

    def _at_place(self, text: str, hit: NameHit, place: Place) -> PlaceCandidate:
        detail = read_detail(text, hit.end)
        extent = self._extents.get(place.id, (DEFAULT_EXTENT_M.get(place.kind, OTHER_EXTENT_M),) * 2)
        point = _moved_by(detail, (place.lat, place.lon), extent)
        radius, confidence, what = _certainty(detail, extent)
        return PlaceCandidate(
            label=_label(place.name, detail),
            kind=place.kind,
            lat=point[0],
            lon=point[1],
            radius_m=radius,
            confidence=confidence,
            start=hit.start,
            end=detail.end,
            detail=what,
            question=_question(place, detail, extent),
        )


def _road(hit: NameHit) -> Road | None:
    return next((meaning for meaning in hit.meanings if isinstance(meaning, Road)), None)


def _crossing_candidate(first: Road, second: Road, hits: Sequence[NameHit], detail: Detail) -> PlaceCandidate:
    point, apart = crossing(first, second)
    met = apart <= ROADS_MEET_M
    east, north = EAST_NORTH.get(detail.towards or detail.side, (0, 0))
    step = detail.metres or (SIDE_M if detail.side else 0)
    lat, lon = moved(point, east * step, north * step)
    name = f"{first.name}与{second.name}交叉口"
    asked = "" if detail.side or detail.towards else "在路口的哪一侧，东西南北？"
    return PlaceCandidate(
        label=_label(name, detail),
        kind=PlaceKind.CROSSING,
        lat=lat,
        lon=lon,
        radius_m=15.0 + round(apart / 2) + detail.metres * 0.2,
        confidence=(0.94 if met else 0.3) * min(hit.likeness for hit in hits),
        start=hits[0].start,
        end=detail.end,
        detail="路口",
        question=asked if met else f"{first.name}和{second.name}不相交，是靠近哪条路？",
    )


def _on_road(text: str, hit: NameHit, road: Road, context: _Context) -> PlaceCandidate:
    house = read_number(text, hit.end)
    if house:
        return _house(hit, road, *house)
    anchor = next(iter(context.anchors), None)
    lat, lon = nearest(road.points, anchor) if anchor else along(road.points, 0.5)
    at_crossing = CROSSING.match(text, hit.end)
    question = (
        f"是{road.name}和哪条路的路口？" if at_crossing else f"在{road.name}哪一段，靠近哪个路口或门牌？"
    )
    return PlaceCandidate(
        label=f"{road.name}路口" if at_crossing else road.name,
        kind=PlaceKind.ROAD,
        lat=lat,
        lon=lon,
        radius_m=round(length_m(road.points) / 2),
        confidence=0.4,
        start=hit.start,
        end=at_crossing.end() if at_crossing else hit.end,
        detail="道路",
        question=question,
    )


def _house(hit: NameHit, road: Road, number: int, end: int) -> PlaceCandidate:
    low, high = road.numbers
    known = low <= number <= high
    lat, lon = along(road.points, (number - low) / max(1, high - low))
    return PlaceCandidate(
        label=f"{road.name} {number} 号",
        kind=PlaceKind.ADDRESS,
        lat=lat,
        lon=lon,
        radius_m=25.0 if known else 200.0,
        confidence=0.9 if known else 0.3,
        start=hit.start,
        end=end,
        detail="门牌",
        question="" if known else f"{road.name}没有 {number} 号，请核对门牌。",
    )


def _area(hit: NameHit, place: Place) -> PlaceCandidate:
    return PlaceCandidate(
        label=place.name,
        kind=place.kind,
        lat=place.lat,
        lon=place.lon,
        radius_m=DEFAULT_EXTENT_M[place.kind],
        confidence=0.25 if place.kind is PlaceKind.STREET else 0.15,
        start=hit.start,
        end=hit.end,
        detail="区域",
        question=f"在{place.name}的什么位置？哪条路、哪个小区？",
    )


def _moved_by(detail: Detail, centre: LatLon, extent: tuple[float, float]) -> LatLon:
    width, height = extent
    east, north = EAST_NORTH.get(detail.gate or detail.side, (0, 0))
    beyond = ACROSS_M if detail.opposite else SIDE_M if detail.side else 0.0
    point = moved(centre, east * (width + beyond), north * (height + beyond))
    east, north = EAST_NORTH.get(detail.towards, (0, 0))
    return moved(point, east * detail.metres, north * detail.metres)


def _certainty(detail: Detail, extent: tuple[float, float]) -> tuple[float, float, str]:
    """Radius in metres, confidence and what kind of statement it is."""
    size = max(extent)
    if detail.metres:
        return 20.0 + detail.metres * 0.3 + (0 if detail.gate else size), 0.8, "相对位置"
    if detail.opposite:
        return (30.0, 0.88, "相对位置") if detail.gate else (size + ACROSS_M, 0.7, "相对位置")
    if detail.building:
        return size / 2, 0.9, "楼栋"
    if detail.gate or detail.exit:
        return 15.0, 0.9, "出入口"
    if detail.side:
        return size / 2 + SIDE_M, 0.8, "相对位置"
    return size, 0.8 if size < BIG_PLACE_M else 0.75, "地点"


def _question(place: Place, detail: Detail, extent: tuple[float, float]) -> str:
    name = place.name
    if place.kind in STATION_QUESTIONS:
        return "" if detail.said else STATION_QUESTIONS[place.kind].format(name)
    if detail.gate or detail.building or detail.metres or detail.side or max(extent) < BIG_PLACE_M:
        return ""
    return f"在{name}哪个门的对面？" if detail.opposite else f"在{name}哪个门附近？"


def _label(name: str, detail: Detail) -> str:
    gate = f"{detail.gate}门" if detail.gate else f"{detail.exit}口" if detail.exit else ""
    building = " ".join(["", *_FIGURES.findall("".join(detail.building.split()))])
    side = f"{detail.side}侧" if detail.side else ""
    metres = f"向{detail.towards} {detail.metres} 米" if detail.metres else ""
    opposite = "（对面）" if detail.opposite else ""
    return f"{name}{building}{gate}{side}{metres}{opposite}"


def _judged(
    candidate: PlaceCandidate, hit: NameHit, context: _Context, meaning: Place | Road
) -> PlaceCandidate:
    """Less sure after a typing error, among several of one name, and outside the district named."""
    confidence = candidate.confidence * hit.likeness
    others = context.districts - {""}
    if others and meaning.district and meaning.district not in others:
        confidence *= OUTSIDE_NAMED_DISTRICT
    elif not others:
        confidence /= len(hit.meanings)
    question = candidate.question if hit.likeness == 1 else f"是不是“{hit.name}”？"
    return replace(candidate, confidence=round(confidence, 3), question=question)


def _districts(hits: Sequence[NameHit]) -> frozenset[str]:
    meanings = (meaning for hit in hits for meaning in hit.meanings if isinstance(meaning, Place))
    return frozenset(meaning.district for meaning in meanings if meaning.kind in AREAS)


def _certain(hits: Sequence[NameHit]) -> Iterator[LatLon]:
    for hit in hits:
        meaning = hit.meanings[0]
        if len(hit.meanings) == 1 and isinstance(meaning, Place) and meaning.kind not in AREAS:
            yield meaning.lat, meaning.lon


def _best_per_label(found: Sequence[PlaceCandidate]) -> list[PlaceCandidate]:
    """Best first; a bare road that a better candidate already speaks of adds nothing."""
    kept: list[PlaceCandidate] = []
    for candidate in sorted(found, key=lambda one: (-one.confidence, one.start)):
        if not any(candidate.label in better.label for better in kept):
            kept.append(candidate)
    return kept


def _as_place(candidate: PlaceCandidate) -> Place:
    return Place(
        f"{candidate.kind}:{candidate.label}", candidate.kind, candidate.label, candidate.lat, candidate.lon
    )
