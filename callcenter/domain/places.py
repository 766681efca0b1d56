"""Places of the city and where they lie. Coordinates are WGS 84 degrees, distances metres."""

from dataclasses import dataclass
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_000.0


class PlaceKind(StrEnum):
    DISTRICT = "district"  # 区
    STREET = "street"  # 街道
    COMMUNITY = "community"  # 社区、小区
    ROAD = "road"  # 路、街、巷
    CROSSING = "crossing"  # 路口
    BUS_STOP = "bus_stop"  # 公交站
    METRO_STATION = "metro_station"  # 地铁站
    POINT = "point"  # 学校、医院、公园、商场 …
    ADDRESS = "address"  # 门牌


@dataclass(frozen=True, slots=True)
class Place:
    id: str
    kind: PlaceKind
    name: str
    lat: float
    lon: float
    district: str = ""
    street: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """单元网格: the cell of the city that one collector looks after. `code` as GB/T 30428.1."""

    code: str
    name: str
    district: str
    street: str
    community: str


@dataclass(frozen=True, slots=True)
class PlaceCandidate:
    """A place that a text may mean: `label` is what the seat reads, `radius_m` the uncertainty."""

    label: str
    kind: PlaceKind
    lat: float
    lon: float
    radius_m: float
    confidence: float
    start: int
    end: int
    grid: Grid | None = None
    detail: str = ""  # 路口、相对位置、门牌 …
    question: str = ""  # what to ask back when the place is not enough to act on


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in metres (haversine)."""
    half_lat = radians(lat2 - lat1) / 2
    half_lon = radians(lon2 - lon1) / 2
    h = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(h))
