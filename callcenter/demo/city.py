"""Assembles the demo city 澜江市: map, offices, staff, citizens, cases, knowledge.

Made of the files in `files/` and one seed, so that every machine has the same city. Seeding it into
a database is the composition root's business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from callcenter.demo import offices, stories
from callcenter.demo.ground import Ground, areas_as_places, make_ground, make_roads
from callcenter.demo.landmarks import Landmarks, make_landmarks
from callcenter.demo.layout import Layout, Node, position, read_districts
from callcenter.demo.offices import Department, DispatchRule, Staff
from callcenter.demo.shapes import Point, to_degrees
from callcenter.demo.stories import Bulletin, Citizen, DemoCase, Knowledge
from callcenter.domain.citymap import CityMap, Road

NAME = "澜江市"
SHORT_NAME = "澜江"


@dataclass(frozen=True)
class DemoCity:
    """Everything that is seeded. `ground`, `landmarks` and `road_nodes` are what the map layers draw."""

    name: str
    map: CityMap
    departments: tuple[Department, ...]
    rules: tuple[DispatchRule, ...]
    staff: tuple[Staff, ...]
    citizens: tuple[Citizen, ...]
    cases: tuple[DemoCase, ...]
    knowledge: tuple[Knowledge, ...]
    bulletins: tuple[Bulletin, ...]
    layout: Layout
    ground: Ground
    landmarks: Landmarks
    road_nodes: tuple[tuple[Road, tuple[Node, ...]], ...]


@cache
def demo_city() -> DemoCity:
    names = stories.load("names.json")
    layout = Layout(read_districts(stories.load("districts.json")))
    ground = make_ground(layout, names)
    roads = make_roads(layout, names)
    landmarks = make_landmarks(layout, ground, roads, names)
    return DemoCity(
        name=NAME,
        map=CityMap(
            places=[*areas_as_places(ground), *landmarks.places],
            roads=[road for road, _ in roads],
            grids=[cell for cell, _ in ground.cells],
            extents=landmarks.extents,
        ),
        departments=offices.departments(),
        rules=offices.dispatch_rules(),
        staff=offices.staff(),
        citizens=stories.citizens(),
        cases=tuple(_case(row, roads, landmarks) for row in stories.load("cases.json")),
        knowledge=stories.knowledge(),
        bulletins=stories.bulletins(),
        layout=layout,
        ground=ground,
        landmarks=landmarks,
        road_nodes=tuple(roads),
    )


def _case(
    row: Mapping[str, Any], roads: Sequence[tuple[Road, tuple[Node, ...]]], landmarks: Landmarks
) -> DemoCase:
    lat, lon = _where(row["place"], {road.name: nodes for road, nodes in roads}, landmarks)
    return DemoCase(
        key=row["key"],
        citizen=row["contact"],
        channel=row["channel"],
        dialled=row["dialled"],
        appeal=row["appeal"],
        urgency=row["urgency"],
        minutes_ago=row["minutes_ago"],
        title=row["title"],
        text=row["text"],
        category=row["category"],
        condition=row["condition"],
        place=row["place"]["label"],
        lat=lat,
        lon=lon,
        department=row["department"],
        support=row.get("support", ""),
        state=row["state"],
        opinions=row.get("opinions", {}),
        result=row.get("result", ""),
        satisfaction=row.get("satisfaction"),
        secret=row.get("secret", False),
    )


def _where(
    place: Mapping[str, Any], nodes_of: Mapping[str, tuple[Node, ...]], landmarks: Landmarks
) -> tuple[float, float]:
    """Degrees of a place given as a crossing, a road (its middle) or a name, moved some metres east."""
    if "name" in place:
        found = next(p for p in landmarks.places if p.name == place["name"])
        return found.lat, round(found.lon + place.get("east_m", 0) / 97_700, 6)
    x, y = _on_road(place, nodes_of)
    return to_degrees((x + place.get("east_m", 0), y))


def _on_road(place: Mapping[str, Any], nodes_of: Mapping[str, tuple[Node, ...]]) -> Point:
    if "crossing" in place:
        first, second = place["crossing"]
        return position(next(node for node in nodes_of[first] if node in nodes_of[second]))
    nodes = nodes_of[place["road"]]
    return position(nodes[len(nodes) // 2])
