"""The city map as text, so that it can lie in the database, and back."""

import json
from dataclasses import asdict
from typing import Any

from callcenter.domain.citymap import CityMap, GridCell, Road
from callcenter.domain.places import Grid, Place, PlaceKind


def dump(city: CityMap) -> str:
    return json.dumps(asdict(city), ensure_ascii=False)


def load(text: str) -> CityMap:
    """The map that `dump` wrote. Raises KeyError or ValueError for anything else."""
    raw = json.loads(text)
    return CityMap(
        places=[_place(row) for row in raw["places"]],
        roads=[_road(row) for row in raw["roads"]],
        grids=[GridCell(Grid(**row["grid"]), _line(row["outline"])) for row in raw["grids"]],
        extents={key: (half[0], half[1]) for key, half in raw["extents"].items()},
    )


EMPTY = CityMap(places=[], roads=[], grids=[])


def _place(row: dict[str, Any]) -> Place:
    return Place(**{**row, "kind": PlaceKind(row["kind"]), "aliases": tuple(row["aliases"])})


def _road(row: dict[str, Any]) -> Road:
    first, last = row["numbers"]
    return Road(
        **{
            **row,
            "points": _line(row["points"]),
            "numbers": (first, last),
            "aliases": tuple(row["aliases"]),
        }
    )


def _line(points: list[list[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((lat, lon) for lat, lon in points)
