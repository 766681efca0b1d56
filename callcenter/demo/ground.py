"""Streets, communities, unit grids and roads of the demo city, with names and codes.

Turns the bare lines of `layout` into map data; knows nothing of offices, people or cases.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot
from typing import Any

from callcenter.demo.layout import District, Layout, Line, Node, position
from callcenter.demo.shapes import Point, Ring, centroid, inside, to_degrees
from callcenter.domain.citymap import GridCell, Road
from callcenter.domain.places import Grid, Place, PlaceKind

COMMUNITIES_PER_STREET = 3
FIRST_STREET_CODE, FIRST_COMMUNITY_CODE = 1, 1
MAIN_WIDTH_M, MINOR_WIDTH_M = 32.0, 14.0
METRES_PER_NUMBER = 6.0
HOME_STREET = "文昌街道"
HOME_COMMUNITIES = (
    ("实验社区", (40.0, -30.0)),
    ("学府社区", (-900.0, -350.0)),
    ("文昌社区", (-300.0, 900.0)),
)


@dataclass(frozen=True, slots=True)
class Community:
    """社区 and the street and district it belongs to; `code` is the middle of a grid code."""

    name: str
    street: str
    district: str
    code: str
    centre: Point


@dataclass(frozen=True, slots=True)
class Ground:
    districts: tuple[District, ...]
    communities: tuple[Community, ...]
    cells: tuple[tuple[GridCell, Ring], ...]

    def grid_at(self, point: Point) -> Grid | None:
        return next((cell.grid for cell, ring in self.cells if inside(point, ring)), None)


def make_ground(layout: Layout, names: Mapping[str, Any]) -> Ground:
    pieces = list(layout.grid_pieces())
    spare = iter(names["communities"])
    communities: list[Community] = []
    cells: list[tuple[GridCell, Ring]] = []
    for district in layout.districts:
        mine = [piece for owner, piece in pieces if owner is district]
        found = list(_communities(district, mine, spare))
        communities += found
        cells += _cells(mine, found)
    return Ground(layout.districts, tuple(communities), tuple(cells))


def _communities(district: District, pieces: Sequence[Ring], spare: Iterator[str]) -> Iterator[Community]:
    """Seeds spread over the district: first one per street, then three per street."""
    centres = [centroid(piece) for piece in pieces]
    seeds = _spread(centres, len(district.streets), first=district.label)
    areas: list[list[Point]] = [[] for _ in seeds]
    for centre in centres:
        areas[_nearest(centre, seeds)].append(centre)
    for number, (street, area) in enumerate(zip(district.streets, areas, strict=True), FIRST_STREET_CODE):
        named = _named_seeds(street, area, spare)
        for serial, (name, seed) in enumerate(named, FIRST_COMMUNITY_CODE):
            yield Community(name, street, district.name, f"{district.code}{number:03}{serial:03}", seed)


def _named_seeds(street: str, area: Sequence[Point], spare: Iterator[str]) -> list[tuple[str, Point]]:
    if street == HOME_STREET:
        home = position((0, 0))
        return [(name, (home[0] + dx, home[1] + dy)) for name, (dx, dy) in HOME_COMMUNITIES]
    seeds = _spread(area, COMMUNITIES_PER_STREET, first=centroid(area))
    return [(f"{next(spare)}社区", seed) for seed in seeds]


def _spread(points: Sequence[Point], count: int, first: Point) -> list[Point]:
    """Farthest-point sampling, starting at the point nearest to `first`."""
    chosen = [min(points, key=lambda point: _distance(point, first))]
    while len(chosen) < min(count, len(points)):
        chosen.append(max(points, key=lambda point: min(_distance(point, seed) for seed in chosen)))
    return chosen


def _nearest(point: Point, seeds: Sequence[Point]) -> int:
    return min(range(len(seeds)), key=lambda index: _distance(point, seeds[index]))


def _distance(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])


def _cells(pieces: Sequence[Ring], communities: Sequence[Community]) -> Iterator[tuple[GridCell, Ring]]:
    """Codes of 15 digits: district 6, street 3, community 3, serial within the community 3."""
    serials = dict.fromkeys(communities, 0)
    seeds = [community.centre for community in communities]
    for piece in sorted(pieces, key=lambda ring: (-round(centroid(ring)[1]), round(centroid(ring)[0]))):
        community = communities[_nearest(centroid(piece), seeds)]
        serials[community] += 1
        grid = Grid(
            code=f"{community.code}{serials[community]:03}",
            name=f"{community.name}网格{serials[community]:02}",
            district=community.district,
            street=community.street,
            community=community.name,
        )
        yield GridCell(grid, tuple(to_degrees(point) for point in piece)), piece


def areas_as_places(ground: Ground) -> Iterator[Place]:
    """Districts, streets and communities as places, each at the middle of its grids."""
    for district in ground.districts:
        lat, lon = to_degrees(district.label)
        short = district.name.removesuffix("区").removesuffix("新")
        yield Place(
            f"district-{district.code}",
            PlaceKind.DISTRICT,
            district.name,
            lat,
            lon,
            district.name,
            "",
            (short,),
        )
    yield from _middles(ground, PlaceKind.STREET)
    yield from _middles(ground, PlaceKind.COMMUNITY)


def _middles(ground: Ground, kind: PlaceKind) -> Iterator[Place]:
    digits = 9 if kind is PlaceKind.STREET else 12
    members: dict[str, list[tuple[Grid, Point]]] = {}
    for cell, ring in ground.cells:
        members.setdefault(cell.grid.code[:digits], []).append((cell.grid, centroid(ring)))
    for code, found in members.items():
        grid = found[0][0]
        lat, lon = to_degrees(centroid([centre for _, centre in found]))
        name = grid.street if kind is PlaceKind.STREET else grid.community
        street = grid.street if kind is PlaceKind.COMMUNITY else ""
        yield Place(f"{kind}-{code}", kind, name, lat, lon, grid.district, street)


class RoadNames:
    """Gives every line of the lattice a name that no other road has."""

    def __init__(self, names: Mapping[str, Any], districts: Sequence[District]) -> None:
        self._main = {"v": names["main_vertical"], "h": names["main_horizontal"]}
        self._whole = {("v", int(index)): name for index, name in names["whole_vertical"].items()}
        self._fixed = {(axis, index, district): name for axis, index, district, name in names["fixed"]}
        self._taken = {*self._whole.values(), *self._fixed.values()}
        self._taken |= {name for table in self._main.values() for name in table.values()}
        self._spare = {district.name: self._combinations(district) for district in districts}

    @property
    def whole(self) -> frozenset[tuple[str, int]]:
        return frozenset(self._whole)

    def name(self, line: Line) -> str | None:
        """None for a main line that has no name: it is left out."""
        if line.main and not line.district:
            name: str | None = self._main[line.axis].get(str(line.index))
            return name
        key = (line.axis, line.index)
        return self._whole.get(key) or self._fixed.get((*key, line.district)) or self._next(line)

    def _next(self, line: Line) -> str | None:
        return next(self._spare[line.district], None)

    def _combinations(self, district: District) -> Iterator[str]:
        for suffix in ("路", "街", "巷"):
            for root in district.road_roots:
                name = f"{root}{suffix}"
                if name not in self._taken:
                    self._taken.add(name)
                    yield name


def make_roads(layout: Layout, names: Mapping[str, Any]) -> list[tuple[Road, tuple[Node, ...]]]:
    book = RoadNames(names, layout.districts)
    roads: list[tuple[Road, tuple[Node, ...]]] = []
    named = ((book.name(line), line) for line in layout.lines(book.whole))
    for name, line in (part for pair in named for part in _parted(*pair, names["before"])):
        if name:
            road = _road(f"road-{len(roads) + 1:03}", name, line, tuple(names["road_aliases"].get(name, ())))
            roads.append((road, line.nodes))
    return roads


def _parted(
    name: str | None, line: Line, before: Mapping[str, tuple[str, int]]
) -> Iterator[tuple[str | None, Line]]:
    """A long road may carry another name up to a cross street, and then counts its houses anew."""
    if f"{line.axis}{line.index}" not in before:
        yield name, line
        return
    other, where = before[f"{line.axis}{line.index}"]
    along = 0 if line.axis == "h" else 1
    yield other, replace(line, nodes=tuple(node for node in line.nodes if node[along] <= where))
    yield name, replace(line, nodes=tuple(node for node in line.nodes if node[along] >= where))


def _road(identity: str, name: str, line: Line, aliases: tuple[str, ...]) -> Road:
    metres = [position(node) for node in line.nodes]
    length = sum(_distance(a, b) for a, b in pairwise(metres))
    return Road(
        id=identity,
        name=name,
        district=line.district,
        points=tuple(to_degrees(point) for point in metres),
        main=line.main,
        width_m=MAIN_WIDTH_M if line.main else MINOR_WIDTH_M,
        numbers=(1, int(length / METRES_PER_NUMBER)),
        aliases=aliases,
    )
