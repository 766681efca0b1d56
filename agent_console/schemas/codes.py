"""Code tables, places and knowledge."""

from agent_console.schemas.base import Schema


class CategoryNode(Schema):
    code: str
    kind: str
    major: str
    minor: str
    name: str
    major_name: str
    sure: str


class ConditionOut(Schema):
    no: int
    text: str
    limit: str


class PlaceHit(Schema):
    id: str
    kind: str
    name: str
    district: str
    street: str
    lat: float
    lon: float


class GridOut(Schema):
    code: str
    label: str
    district: str
    street: str
    community: str


class BulletinOut(Schema):
    id: str
    title: str
    detail: str
    kind: str


class KnowledgeOut(Schema):
    id: str
    title: str
    department: str
    summary: str


class DepartmentOut(Schema):
    id: str
    name: str
    district: str
    open_cases: int = 0
    overdue: int = 0
