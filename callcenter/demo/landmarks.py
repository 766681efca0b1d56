"""Estates, schools, hospitals, parks, markets, shops, offices and stops of the demo city.

Each takes a free block of the street net; a bus or metro stop stands on a crossing. Nothing here
knows of offices' duties, people or cases.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any

from callcenter.demo.ground import Ground
from callcenter.demo.layout import District, Layout, Node, between, position
from callcenter.demo.shapes import Point, to_degrees
from callcenter.domain.citymap import Road
from callcenter.domain.places import Place, PlaceKind

SEED = 12345
ESTATES_PER_DISTRICT, STOPS_PER_DISTRICT = 20, 10
LONGEST_STOP_NAME = 6
STOP_EXTENT = (8.0, 8.0)
Extent = tuple[float, float]

# The corner around 文昌路 / 澜东大道 that every picture of the console shows: south-western node of the
# block, shift of the middle from the middle of the block, half width and height.
HOME: tuple[tuple[str, PlaceKind, Node, Point, Extent, tuple[str, ...]], ...] = (
    ("实验小学", PlaceKind.POINT, (0, -1), (-65.0, 8.0), (75.0, 100.0), ("市实验小学", "实小", "实验小学校")),
    ("望湖花园", PlaceKind.COMMUNITY, (-1, 0), (0.0, 0.0), (120.0, 100.0), ("望湖花园小区",)),
    ("澜东商厦", PlaceKind.POINT, (0, 0), (-40.0, -40.0), (60.0, 50.0), ("澜东百货", "澜东大厦")),
    ("文昌菜场", PlaceKind.POINT, (-1, -1), (20.0, 10.0), (50.0, 40.0), ("文昌菜市场", "文昌农贸市场")),
    ("学府里", PlaceKind.COMMUNITY, (1, -1), (0.0, 0.0), (110.0, 90.0), ("学府里小区",)),
    ("石榴新村", PlaceKind.COMMUNITY, (-2, -1), (0.0, 0.0), (120.0, 95.0), ("石榴新村小区",)),
    ("文昌公园", PlaceKind.POINT, (-1, -2), (0.0, 0.0), (130.0, 100.0), ()),
)
FIXED_BY_STREET: tuple[tuple[str, str, PlaceKind, tuple[str, ...]], ...] = (
    ("锦绣街道", "锦绣里", PlaceKind.COMMUNITY, ("锦绣里小区",)),
    ("公园街道", "白鹭公园", PlaceKind.POINT, ()),
    ("驿前街道", "澜江火车站", PlaceKind.POINT, ("火车站", "澜江站")),
    ("长亭街道", "澜江汽车客运站", PlaceKind.POINT, ("汽车站", "长途客运站")),
    ("星桥街道", "澜江会展中心", PlaceKind.POINT, ("会展中心",)),
    ("朝阳街道", "澜江体育馆", PlaceKind.POINT, ("市体育馆", "体育馆")),
    ("学府街道", "澜江图书馆", PlaceKind.POINT, ("市图书馆", "图书馆")),
    ("湖滨街道", "湖滨广场", PlaceKind.POINT, ()),
)


@dataclass
class Landmarks:
    places: list[Place] = field(default_factory=list)
    extents: dict[str, Extent] = field(default_factory=dict)
    blocks: list[tuple[str, Node]] = field(default_factory=list)  # place id and its block


def make_landmarks(
    layout: Layout, ground: Ground, roads: Sequence[tuple[Road, tuple[Node, ...]]], names: Mapping[str, Any]
) -> Landmarks:
    builder = _Builder(layout, ground, names)
    builder.home()
    for district in layout.districts:
        builder.district(district)
    builder.stops()
    builder.metro(roads)
    return builder.made


class _Builder:
    """Hands out free blocks, nearest to a wanted point first."""

    def __init__(self, layout: Layout, ground: Ground, names: Mapping[str, Any]) -> None:
        self.made = Landmarks()
        self._ground = ground
        self._random = Random(SEED)  # noqa: S311 - the city must be repeatable, not unguessable
        self._free = {node: district.name for node, district in layout.blocks()}
        self._estates = _estate_names(names)
        self._malls = iter(names["malls"])
        self._school = 0

    def home(self) -> None:
        for name, kind, node, shift, extent, aliases in HOME:
            centre = _middle(node)
            self._free.pop(node, None)
            self._add(name, kind, (centre[0] + shift[0], centre[1] + shift[1]), extent, aliases, node)

    def district(self, district: District) -> None:
        for street, name, kind, aliases in FIXED_BY_STREET:
            if street in district.streets:
                self._on_block(name, kind, (95.0, 80.0), aliases, self._street_point(street))
        for name, aliases in self._points(district):
            self._on_block(name, PlaceKind.POINT, (60.0, 50.0), aliases, self._somewhere(district))
        for _ in range(ESTATES_PER_DISTRICT):
            name = next(self._estates)
            aliases = () if name.endswith("小区") else (f"{name}小区",)
            self._on_block(name, PlaceKind.COMMUNITY, (105.0, 85.0), aliases, self._somewhere(district))

    def _points(self, district: District) -> Iterator[tuple[str, tuple[str, ...]]]:
        short = district.name.removesuffix("区").removesuffix("新")
        yield f"{short}第一小学", (f"{short}一小",)
        yield f"{short}中心小学", ()
        for _ in range(2):
            self._school += 1
            number = _number(self._school)
            yield f"澜江市第{number}中学", (f"第{number}中学", f"{number}中")
        yield f"{short}实验幼儿园", (f"{short}幼儿园",)
        yield f"{short}人民医院", (f"{district.name}人民医院", f"{short}医院")
        yield f"{short}中医院", ()
        yield f"{short}社区卫生服务中心", ()
        yield f"{district.streets[4].removesuffix('街道')}公园", ()
        yield f"{district.road_roots[5]}广场", ()
        for street in district.streets[2:4]:
            root = street.removesuffix("街道")
            yield f"{root}农贸市场", (f"{root}菜市场", f"{root}菜场")
        yield next(self._malls), ()
        yield next(self._malls), ()
        yield f"{district.name}政务服务中心", (f"{short}政务服务中心", f"{short}政务中心")
        yield f"{short}派出所", ()

    def stops(self) -> None:
        """Bus stops, named after the place beside them."""
        for district in self._ground.districts:
            near = [
                p
                for p in self.made.places
                if p.district == district.name and len(p.name) <= LONGEST_STOP_NAME
            ]
            for place in near[:STOPS_PER_DISTRICT]:
                self._stop_beside(place)

    def metro(self, roads: Sequence[tuple[Road, tuple[Node, ...]]]) -> None:
        """Line 1 under 文昌路, line 2 under 澜东大道: a station at every main crossing."""
        for line, under in ((1, "文昌路"), (2, "澜东大道")):
            nodes = next(nodes for road, nodes in roads if road.name == under)
            mains = [
                (road.name, node) for road, there in roads if road.main for node in there if node in nodes
            ]
            for name, node in mains:
                if name != under:
                    self._add(
                        f"地铁{line}号线{name}站",
                        PlaceKind.METRO_STATION,
                        position(node),
                        STOP_EXTENT,
                        (f"{name}地铁站",),
                        None,
                    )

    def _on_block(
        self, name: str, kind: PlaceKind, extent: Extent, aliases: tuple[str, ...], near: Point
    ) -> None:
        node = min(self._free, key=lambda free: _square(_middle(free), near))
        del self._free[node]
        self._add(name, kind, _middle(node), extent, aliases, node)

    def _street_point(self, street: str) -> Point:
        return next(c.centre for c in self._ground.communities if c.street == street)

    def _somewhere(self, district: District) -> Point:
        mine = [node for node, owner in self._free.items() if owner == district.name]
        return _middle(self._random.choice(mine))

    def _add(
        self,
        name: str,
        kind: PlaceKind,
        centre: Point,
        extent: Extent,
        aliases: tuple[str, ...],
        block: Node | None,
    ) -> None:
        grid = self._ground.grid_at(centre)
        identity = f"place-{len(self.made.places) + 1:03}"
        lat, lon = to_degrees(centre)
        area = (grid.district, grid.street) if grid else ("", "")
        self.made.places.append(Place(identity, kind, name, lat, lon, *area, aliases))
        self.made.extents[identity] = extent
        if block:
            self.made.blocks.append((identity, block))

    def _stop_beside(self, place: Place) -> None:
        """At the road south of the place."""
        block = dict(self.made.blocks)[place.id]
        x, y = between(block[0] + 0.5, block[1])
        self._add(
            f"{place.name}公交站", PlaceKind.BUS_STOP, (x, y + 10), STOP_EXTENT, (f"{place.name}站",), None
        )


def _estate_names(names: Mapping[str, Any]) -> Iterator[str]:
    """Every pair of first and second character once, the suffix turning with it."""
    suffixes = names["estate_suffixes"]
    pairs = product(names["estates_second"], names["estates"])
    for index, (second, first) in enumerate(pairs):
        yield f"{first}{second}{suffixes[(index * 3 + index // 20) % len(suffixes)]}"


def _number(value: int) -> str:
    """1 to 19 as Chinese numerals."""
    tens, ones = value // 10, value % 10
    digits: list[str] = ["", *"一二三四五六七八九"]
    return "十" * tens + digits[ones]


def _middle(node: Node) -> Point:
    return between(node[0] + 0.5, node[1] + 0.5)


def _square(a: Point, b: Point) -> float:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
