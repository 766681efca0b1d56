"""Plane geometry of the demo city in metres (x east, y north) and its way to WGS 84 degrees.

Knows nothing of roads, people or cases.
"""

from collections.abc import Sequence
from math import cos, hypot, radians, sin

Point = tuple[float, float]
Ring = tuple[Point, ...]

ORIGIN_LAT, ORIGIN_LON = 28.50, 118.50
METRES_PER_DEGREE = 111_195.0
METRES_PER_SKETCH_UNIT = 34.0
SKETCH_CENTRE = (390.0, 285.0)


def to_degrees(point: Point) -> tuple[float, float]:
    """(lat, lon) of a point in metres, to a tenth of a metre."""
    x, y = point
    lon = ORIGIN_LON + x / (METRES_PER_DEGREE * cos(radians(ORIGIN_LAT)))
    return round(ORIGIN_LAT + y / METRES_PER_DEGREE, 6), round(lon, 6)


def from_sketch(point: Sequence[float]) -> Point:
    """Metres of a point of the drawn city map (y grows downwards there)."""
    return (
        (point[0] - SKETCH_CENTRE[0]) * METRES_PER_SKETCH_UNIT,
        (SKETCH_CENTRE[1] - point[1]) * METRES_PER_SKETCH_UNIT,
    )


def noise(a: float, b: float, salt: int = 0) -> float:
    """A repeatable number in -1..1 for a pair of coordinates."""
    value = sin(a * 12.9898 + b * 78.233 + salt * 37.719) * 43_758.5453
    return 2 * (value - int(value)) if value < 0 else 2 * (value - int(value)) - 1


def wavy_edge(start: Point, end: Point, depth: int = 3) -> list[Point]:
    """Points from `start` up to but without `end`, bent by midpoint displacement.

    The same edge gives the same points from either side, so that neighbours share their border.
    """
    if start > end:
        return [start, *reversed(wavy_edge(end, start, depth)[1:])]
    return _bend(start, end, depth)


def _bend(start: Point, end: Point, depth: int) -> list[Point]:
    if depth == 0:
        return [start]
    (x1, y1), (x2, y2) = start, end
    length = hypot(x2 - x1, y2 - y1)
    shift = noise((x1 + x2) / 1000, (y1 + y2) / 1000) * 0.09
    middle = ((x1 + x2) / 2 - (y2 - y1) * shift, (y1 + y2) / 2 + (x2 - x1) * shift)
    if length < 1:
        return [start]
    return _bend(start, middle, depth - 1) + _bend(middle, end, depth - 1)


def wavy_ring(corners: Sequence[Point]) -> Ring:
    ring: list[Point] = []
    for index, corner in enumerate(corners):
        ring += wavy_edge(corner, corners[(index + 1) % len(corners)])
    return tuple(ring)


def inside(point: Point, ring: Sequence[Point]) -> bool:
    """Ray casting; a point on the edge may fall on either side, but always on the same."""
    x, y = point
    hit = False
    x1, y1 = ring[-1]
    for x2, y2 in ring:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            hit = not hit
        x1, y1 = x2, y2
    return hit


def area(ring: Sequence[Point]) -> float:
    """Square metres, positive when the ring turns left."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def centroid(ring: Sequence[Point]) -> Point:
    return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)


def clip(ring: Sequence[Point], window: Sequence[Point]) -> Ring:
    """The part of `ring` inside the convex `window` that turns left (Sutherland-Hodgman)."""
    result = list(ring)
    for index, corner in enumerate(window):
        if not result:
            break
        result = _clip_half_plane(result, corner, window[(index + 1) % len(window)])
    return tuple(result)


def _clip_half_plane(ring: list[Point], a: Point, b: Point) -> list[Point]:
    kept: list[Point] = []
    previous = ring[-1]
    before = _side(previous, a, b)
    for point in ring:
        now = _side(point, a, b)
        if (now >= 0) != (before >= 0):
            part = before / (before - now)
            kept.append(
                (previous[0] + (point[0] - previous[0]) * part, previous[1] + (point[1] - previous[1]) * part)
            )
        if now >= 0:
            kept.append(point)
        previous, before = point, now
    return kept


def _side(point: Point, a: Point, b: Point) -> float:
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])


def rectangle(centre: Point, half_width: float, half_height: float) -> Ring:
    x, y = centre
    return (
        (x - half_width, y - half_height),
        (x + half_width, y - half_height),
        (x + half_width, y + half_height),
        (x - half_width, y + half_height),
    )
