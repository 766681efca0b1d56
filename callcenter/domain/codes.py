"""Code tables a city edits: categories with their filing conditions, departments, who handles what."""

from dataclasses import dataclass

from callcenter.domain.deadlines import Limit, Unit

GBT30428_2013 = "GB/T 30428.2-2013"


@dataclass
class Category:
    """小类 of a standard; `code` is 'kind|major|minor', unique within `standard`."""

    code: str
    standard: str
    kind: str
    major: str
    minor: str
    name: str
    major_name: str
    sure: str = "high"


@dataclass
class Condition:
    """立案条件: each has its own limit, so the limit cannot hang on the class alone."""

    category: str
    no: int
    text: str
    limit_value: float
    limit_unit: str
    standard: str = GBT30428_2013
    id: int | None = None

    @property
    def limit(self) -> Limit:
        return Limit(self.limit_value, Unit(self.limit_unit))


@dataclass
class Department:
    id: str
    name: str
    district: str = ""  # '' = the whole city
    duty_number: str = ""  # duty phone for transfers and urgent calls


@dataclass
class DispatchRule:
    """派单目录: which department a category goes to; a rule with a district beats one without."""

    category: str  # 'kind|major|minor' or a prefix of it
    district: str
    department_id: str
    clause: str
    standard: str = GBT30428_2013
    id: int | None = None


@dataclass
class Knowledge:
    id: str
    title: str
    department: str
    summary: str
    words: str = ""


@dataclass
class Bulletin:
    id: str
    title: str
    detail: str
    kind: str


@dataclass
class MapLayer:
    """One layer of the city map as GeoJSON text."""

    name: str
    geojson: str
