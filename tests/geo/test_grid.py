import math

import pytest

from callcenter.demo.city import demo_city
from callcenter.domain.citymap import GridCell
from callcenter.domain.places import Grid
from callcenter.geo.grid import GridIndex, inside

MAP = demo_city().map


def square(code, south, west, size=0.01):
    corners = ((south, west), (south, west + size), (south + size, west + size), (south + size, west))
    return GridCell(Grid(code, code, "", "", ""), corners)


def test_a_point_on_the_border_of_two_grids_belongs_to_exactly_one():
    cells = [square("west", 28.0, 118.0), square("east", 28.0, 118.01)]
    owners = [cell.grid.code for cell in cells if inside(28.005, 118.01, cell.outline)]
    assert len(owners) == 1


def test_a_corner_of_four_grids_belongs_to_exactly_one():
    cells = [square(f"{i}{j}", 28.0 + i * 0.01, 118.0 + j * 0.01) for i in range(2) for j in range(2)]
    assert len([cell for cell in cells if inside(28.01, 118.01, cell.outline)]) == 1


def test_the_index_finds_what_a_walk_over_all_polygons_finds():
    index = GridIndex(MAP.grids)
    for step in range(400):
        lat, lon = 28.42 + (step % 20) * 0.008, 118.39 + (step // 20) * 0.011
        walked = next((c.grid for c in MAP.grids if inside(lat, lon, c.outline)), None)
        assert index.at(lat, lon) == walked


@pytest.mark.parametrize("point", [(0.0, 0.0), (math.nan, 118.5), (math.inf, 118.5), (28.5, -math.inf)])
def test_a_point_outside_the_city_or_no_point_at_all_has_no_grid(point):
    assert GridIndex(MAP.grids).at(*point) is None


def test_an_empty_map_has_no_grids():
    assert GridIndex([]).at(28.5, 118.5) is None
