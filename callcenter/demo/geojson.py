"""Map layers of the demo city as GeoJSON (RFC 7946), small enough to be served whole.

What the console draws: districts, river and lakes, parks, roads, buildings, unit grids, place labels.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from callcenter.demo.city import DemoCity, demo_city
from callcenter.demo.layout import Node, between
from callcenter.demo.shapes import Point, from_sketch, noise, rectangle, to_degrees
from callcenter.domain.citymap import LatLon
from callcenter.domain.places import PlaceKind

Layer = dict[str, Any]
RIVER = ((20, 262), (75, 264), (140, 250), (215, 236), (290, 232), (350, 248), (410, 276), (470, 286))
RIVER_EAST = ((470, 286), (530, 288), (585, 308), (640, 314), (700, 310), (750, 300))
RIVER_HALF_WIDTH_M = 130.0
BUILT_UP_BLOCKS = 9
PARK_WORDS = ("公园", "广场")
GREEN_EXTENT = (125.0, 95.0)
HOUSE_GAP, COURTYARD = -0.6, 0.2  # of a chance from -1 to 1
DECIMALS = 5


@cache
def geojson() -> dict[str, Layer]:
    """Layer name -> FeatureCollection, coordinates (lon, lat) in WGS 84."""
    city = demo_city()
    return {
        "districts": _layer(_districts(city)),
        "water": _layer(_water()),
        "parks": _layer(_parks(city)),
        "roads": _layer(_roads(city)),
        "buildings": _layer(_buildings(city)),
        "grids": _layer(_grids(city)),
        "places": _layer(_places(city)),
    }


def _districts(city: DemoCity) -> Iterator[Layer]:
    for district in city.ground.districts:
        label = _lonlat(to_degrees(district.label))
        yield _polygon(district.outline, {"code": district.code, "name": district.name, "label": label})


def _water() -> Iterator[Layer]:
    middle = _smooth([from_sketch(point) for point in (*RIVER, *RIVER_EAST[1:])])
    line = [_lonlat(to_degrees(point)) for point in middle]
    yield _feature("LineString", line, {"name": "澜江", "width_m": 2 * RIVER_HALF_WIDTH_M})
    for name, point, size in (("望湖", (405, 150), 620.0), ("青岭水库", (95, 110), 480.0)):
        yield _polygon(_blob(from_sketch(point), size), {"name": name})


def _parks(city: DemoCity) -> Iterator[Layer]:
    for place in city.map.places:
        if place.name.endswith(PARK_WORDS):
            yield _feature(
                "Polygon", [_box(place.lat, place.lon, GREEN_EXTENT)], {"name": place.name, "kind": "park"}
            )
        elif place.kind is PlaceKind.POINT and "学" in place.name and "站" not in place.name:
            extent = city.map.extents[place.id]
            yield _feature(
                "Polygon", [_box(place.lat, place.lon, extent)], {"name": place.name, "kind": "school"}
            )


def _roads(city: DemoCity) -> Iterator[Layer]:
    for road in city.map.roads:
        properties = {"id": road.id, "name": road.name, "class": "main" if road.main else "minor"}
        yield _feature(
            "LineString", [_lonlat(point) for point in road.points], {**properties, "width_m": road.width_m}
        )


def _buildings(city: DemoCity) -> Iterator[Layer]:
    """One MultiPolygon: every block near the centre carries some houses along its edges."""
    green = {node for identity, node in city.landmarks.blocks if _is_open_space(city, identity)}
    blocks = (node for node, _ in city.layout.blocks() if node not in green)
    near = [node for node in blocks if max(abs(node[0]), abs(node[1])) <= BUILT_UP_BLOCKS]
    houses = [[_ring(house)] for node in near for house in _houses(node)]
    yield _feature("MultiPolygon", houses, {"name": ""})


def _is_open_space(city: DemoCity, identity: str) -> bool:
    name = next(place.name for place in city.landmarks.places if place.id == identity)
    return name.endswith(PARK_WORDS)


def _houses(node: Node) -> Iterator[Sequence[Point]]:
    """Up to nine houses in a block, irregular but the same every time."""
    for row in range(3):
        for column in range(3):
            chance = noise(node[0] * 3 + column, node[1] * 3 + row)
            if chance < HOUSE_GAP or (row == column == 1 and chance < COURTYARD):
                continue
            middle = between(node[0] + (column + 0.5) / 3, node[1] + (row + 0.5) / 3)
            yield rectangle(middle, 26 + 12 * chance, 20 + 8 * noise(node[0] + column, node[1] - row, 7))


def _grids(city: DemoCity) -> Iterator[Layer]:
    for cell in city.map.grids:
        ring = [_lonlat(point) for point in cell.outline]
        yield _feature("Polygon", [[*ring, ring[0]]], {"code": cell.grid.code, "name": cell.grid.name})


def _places(city: DemoCity) -> Iterator[Layer]:
    for place in city.map.places:
        properties = {
            "id": place.id,
            "name": place.name,
            "kind": str(place.kind),
            "rank": _rank(place.name, place.kind),
        }
        yield _feature("Point", _lonlat((place.lat, place.lon)), properties)


def _rank(name: str, kind: PlaceKind) -> int:
    """1 is drawn first when the map is small."""
    if kind is PlaceKind.DISTRICT:
        return 1
    if kind is PlaceKind.STREET:
        return 2
    return 4 if name.endswith("站") else 3


def _layer(features: Iterable[Layer]) -> Layer:
    return {"type": "FeatureCollection", "features": list(features)}


def _feature(kind: str, coordinates: Any, properties: Mapping[str, Any]) -> Layer:
    return {
        "type": "Feature",
        "properties": dict(properties),
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def _polygon(ring: Sequence[Point], properties: Mapping[str, Any]) -> Layer:
    return _feature("Polygon", [_ring(ring)], properties)


def _ring(ring: Sequence[Point]) -> list[list[float]]:
    points = [_lonlat(to_degrees(point)) for point in ring]
    return [*points, points[0]]


def _lonlat(point: LatLon) -> list[float]:
    return [round(point[1], DECIMALS), round(point[0], DECIMALS)]


def _box(lat: float, lon: float, extent: tuple[float, float]) -> list[list[float]]:
    width, height = extent[0] / 97_700, extent[1] / 111_195
    corners = [
        (lat - height, lon - width),
        (lat - height, lon + width),
        (lat + height, lon + width),
        (lat + height, lon - width),
    ]
    ring = [_lonlat(corner) for corner in corners]
    return [*ring, ring[0]]


def _smooth(line: Sequence[Point], rounds: int = 3) -> list[Point]:
    """Chaikin's corner cutting."""
    for _ in range(rounds):
        cut = [line[0]]
        for (x1, y1), (x2, y2) in pairwise(line):
            cut += [
                (0.75 * x1 + 0.25 * x2, 0.75 * y1 + 0.25 * y2),
                (0.25 * x1 + 0.75 * x2, 0.25 * y1 + 0.75 * y2),
            ]
        line = [*cut, line[-1]]
    return list(line)


def _blob(centre: Point, size: float) -> list[Point]:
    corners = [(1.0, 0.1), (0.6, 0.7), (-0.2, 0.8), (-0.9, 0.4), (-1.0, -0.3), (-0.3, -0.7), (0.5, -0.8)]
    ring = [(centre[0] + size * x, centre[1] + size * 0.7 * y) for x, y in corners]
    return _smooth([*ring, ring[0]], rounds=2)[:-1]
