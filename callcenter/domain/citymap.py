"""The city as the map data of the hotline: names, roads, unit grids. Filled from the database or files.

Plain data in WGS 84 degrees. How a text becomes a place is `callcenter.geo`'s business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from callcenter.domain.places import Grid, Place

LatLon = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Road:
    """A named road as a polyline. House numbers run from `numbers[0]` at the first point to
    `numbers[1]` at the last one; a crossing is a vertex that two roads share.
    """

    id: str
    name: str
    district: str
    points: tuple[LatLon, ...]
    main: bool = False
    width_m: float = 12.0
    numbers: tuple[int, int] = (1, 1)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GridCell:
    """Outline of a 单元网格, not closed (the last point is not the first again)."""

    grid: Grid
    outline: tuple[LatLon, ...]


@dataclass(frozen=True, slots=True)
class CityMap:
    """`extents`: place id -> half its width and half its height in metres, so that 北门 can be found."""

    places: Sequence[Place]
    roads: Sequence[Road]
    grids: Sequence[GridCell]
    extents: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def names(self) -> frozenset[str]:
        """Every name and alias of a place or road, for whoever looks for them in texts."""
        places = (name for place in self.places for name in (place.name, *place.aliases))
        roads = (name for road in self.roads for name in (road.name, *road.aliases))
        return frozenset((*places, *roads))
