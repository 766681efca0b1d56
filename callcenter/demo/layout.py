"""Lines of the demo city on the ground: districts, the net of roads, unit grids.

The net is a bent lattice, dense in the centre. A line is one road inside a district; every fourth is
a main road that keeps its name through the city. Node (0, 0) is the crossing 文昌路 / 澜东大道.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import sin, sinh
from typing import Any

from callcenter.demo.shapes import Point, Ring, area, clip, from_sketch, inside, wavy_ring

CROSSING = (300.0, -700.0)
COLUMNS, ROWS = 26, 24
SPACING_X, SPACING_Y, STRETCH = 320.0, 260.0, 16.0
MAIN_EVERY = 4
SHORTEST_ROAD_NODES = 5
SMALLEST_GRID_M2 = 4_000.0
Node = tuple[int, int]


@dataclass(frozen=True, slots=True)
class District:
    code: str
    name: str
    outline: Ring
    label: Point
    streets: tuple[str, ...]
    road_roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A road before it has a name: nodes of the lattice from west to east or south to north."""

    axis: str  # v | h
    index: int
    district: str  # '' = runs through several
    nodes: tuple[Node, ...]

    @property
    def main(self) -> bool:
        return self.index % MAIN_EVERY == 0


def read_districts(raw: Sequence[Mapping[str, Any]]) -> tuple[District, ...]:
    return tuple(
        District(
            code=row["code"],
            name=row["name"],
            outline=wavy_ring([from_sketch(corner) for corner in row["outline"]]),
            label=from_sketch(row["label"]),
            streets=tuple(row["streets"]),
            road_roots=tuple(row["roads"]),
        )
        for row in raw
    )


def position(node: Node) -> Point:
    """Where a node of the lattice lies, in metres."""
    return between(*node)


def between(column: float, row: float) -> Point:
    x = CROSSING[0] + SPACING_X * STRETCH * sinh(column / STRETCH)
    y = CROSSING[1] + SPACING_Y * STRETCH * sinh(row / STRETCH)
    bend_x = 130 * (sin((y - CROSSING[1]) / 2900) + 0.4 * sin((y - CROSSING[1]) / 1100))
    bend_y = 110 * (sin((x - CROSSING[0]) / 2500) + 0.5 * sin((x - CROSSING[0]) / 1300))
    return x + bend_x, y + bend_y


class Layout:
    """The lattice cut to the districts."""

    def __init__(self, districts: Sequence[District]) -> None:
        self.districts = tuple(districts)

    @cached_property
    def district_of_node(self) -> dict[Node, str]:
        nodes = [(c, r) for c in range(-COLUMNS, COLUMNS + 1) for r in range(-ROWS, ROWS + 1)]
        found = ((node, self.district_at(position(node))) for node in nodes)
        return {node: district.name for node, district in found if district}

    def district_at(self, point: Point) -> District | None:
        return next((d for d in self.districts if inside(point, d.outline)), None)

    def lines(self, whole: frozenset[tuple[str, int]]) -> Iterator[Line]:
        """All roads; those in `whole` and the main ones are not cut at district borders."""
        for axis, index, nodes in self._lattice_lines():
            if index % MAIN_EVERY == 0 or (axis, index) in whole:
                yield from self._pieces(axis, index, nodes, whole=True)
            else:
                yield from self._pieces(axis, index, nodes, whole=False)

    def _lattice_lines(self) -> Iterator[tuple[str, int, list[Node]]]:
        for column in range(-COLUMNS, COLUMNS + 1):
            yield "v", column, [(column, row) for row in range(-ROWS, ROWS + 1)]
        for row in range(-ROWS, ROWS + 1):
            yield "h", row, [(column, row) for column in range(-COLUMNS, COLUMNS + 1)]

    def _pieces(self, axis: str, index: int, nodes: list[Node], *, whole: bool) -> Iterator[Line]:
        for district, run in groupby(nodes, key=self.district_of_node.get):
            piece = tuple(run)
            if district and not whole and len(piece) >= SHORTEST_ROAD_NODES:
                yield Line(axis, index, district, piece)
        if whole:
            yield Line(axis, index, "", self._longest_run(nodes))

    def _longest_run(self, nodes: list[Node]) -> tuple[Node, ...]:
        runs = groupby(nodes, key=lambda node: node in self.district_of_node)
        return max((tuple(run) for within, run in runs if within), key=len, default=())

    def grid_pieces(self) -> Iterator[tuple[District, Ring]]:
        """Blocks of two by two cells around every second node, cut at the district borders."""
        for column in range(-COLUMNS, COLUMNS + 1, 2):
            for row in range(-ROWS, ROWS + 1, 2):
                block = self._block(column - 1, row - 1, 2)
                for district in self.districts:
                    piece = clip(district.outline, block)
                    if abs(area(piece)) >= SMALLEST_GRID_M2 if piece else False:
                        yield district, piece

    @staticmethod
    def _block(column: int, row: int, size: int) -> Ring:
        return (
            position((column, row)),
            position((column + size, row)),
            position((column + size, row + size)),
            position((column, row + size)),
        )

    def blocks(self) -> Iterator[tuple[Node, District]]:
        """Single cells that lie whole inside a district, named by their south-western node."""
        for node, name in self.district_of_node.items():
            column, row = node
            corners = [(column + 1, row), (column, row + 1), (column + 1, row + 1)]
            if all(self.district_of_node.get(corner) == name for corner in corners):
                yield node, next(d for d in self.districts if d.name == name)
