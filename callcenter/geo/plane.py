"""Small distances on the map: moving a point by metres, walking along a polyline, crossings of roads.

Degrees in, degrees out; a city is small enough to be flat.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import cos, radians

from callcenter.domain.citymap import LatLon, Road
from callcenter.domain.places import distance_m

METRES_PER_DEGREE = 111_195.0


def moved(point: LatLon, east_m: float, north_m: float) -> LatLon:
    lat, lon = point
    return lat + north_m / METRES_PER_DEGREE, lon + east_m / (METRES_PER_DEGREE * cos(radians(lat)))


def length_m(points: Sequence[LatLon]) -> float:
    return sum(apart_m(a, b) for a, b in pairwise(points))


def along(points: Sequence[LatLon], part: float) -> LatLon:
    """The point at `part` (0 to 1) of the way along a polyline."""
    rest = max(0.0, min(1.0, part)) * length_m(points)
    for a, b in pairwise(points):
        step = apart_m(a, b)
        if step and rest <= step:
            return between(a, b, rest / step)
        rest -= step
    return points[-1]


def between(a: LatLon, b: LatLon, part: float = 0.5) -> LatLon:
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part


def nearest(points: Sequence[LatLon], target: LatLon) -> LatLon:
    """The vertex of a polyline that lies nearest to a point."""
    return min(points, key=lambda point: apart_m(point, target))


def crossing(first: Road, second: Road) -> tuple[LatLon, float]:
    """Where two roads meet and how far apart they are there (0 = a shared vertex)."""
    shared = set(first.points) & set(second.points)
    if shared:
        return next(point for point in first.points if point in shared), 0.0
    pairs = [(a, nearest(second.points, a)) for a in first.points]
    a, b = min(pairs, key=lambda pair: apart_m(*pair))
    return between(a, b), apart_m(a, b)


def apart_m(a: LatLon, b: LatLon) -> float:
    return distance_m(a[0], a[1], b[0], b[1])
