"""Which unit grid a point lies in: polygons in a table of square tiles. Pure Python, read-only.

A point on a border belongs to exactly one grid; one in a gap of the data belongs to none.
"""

from collections.abc import Iterable, Sequence
from math import floor

from callcenter.domain.citymap import GridCell, LatLon
from callcenter.domain.places import Grid

TILE_DEGREES = 0.005


class GridIndex:
    def __init__(self, cells: Iterable[GridCell]) -> None:
        self._tiles: dict[tuple[int, int], list[GridCell]] = {}
        for cell in cells:
            for tile in _tiles(cell.outline):
                self._tiles.setdefault(tile, []).append(cell)

    def at(self, lat: float, lon: float) -> Grid | None:
        try:
            tile = _tile(lat, lon)
        except (OverflowError, ValueError):  # infinite or not a number
            return None
        cells = self._tiles.get(tile, ())
        return next((cell.grid for cell in cells if inside(lat, lon, cell.outline)), None)


def inside(lat: float, lon: float, outline: Sequence[LatLon]) -> bool:
    """Even-odd rule with half-open edges, so that neighbours never both own a point."""
    hit = False
    lat1, lon1 = outline[-1]
    for lat2, lon2 in outline:
        if (lat1 > lat) != (lat2 > lat) and lon < (lon2 - lon1) * (lat - lat1) / (lat2 - lat1) + lon1:
            hit = not hit
        lat1, lon1 = lat2, lon2
    return hit


def _tiles(outline: Sequence[LatLon]) -> Iterable[tuple[int, int]]:
    south, west = _tile(min(lat for lat, _ in outline), min(lon for _, lon in outline))
    north, east = _tile(max(lat for lat, _ in outline), max(lon for _, lon in outline))
    return [(row, column) for row in range(south, north + 1) for column in range(west, east + 1)]


def _tile(lat: float, lon: float) -> tuple[int, int]:
    return floor(lat / TILE_DEGREES), floor(lon / TILE_DEGREES)
