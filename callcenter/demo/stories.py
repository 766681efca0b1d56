"""Citizens, cases, knowledge and bulletins that make the demo look like a Friday morning.

Times are given as age, so that the seeding clock decides what today is. Numbers are invented.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

FILES = "callcenter.demo.files"


@dataclass(frozen=True, slots=True)
class PastContact:
    """One line of a caller's history; `case` is the key of a demo case or ''."""

    days_ago: int
    channel: str
    title: str
    result: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class Citizen:
    """`language`: '' or the queue of that skill ('dialect')."""

    key: str
    name: str
    number: str
    language: str
    district: str
    tags: tuple[str, ...]
    history: tuple[PastContact, ...]


@dataclass(frozen=True, slots=True)
class DemoCase:
    """A case to be driven to `state` by the real workflow.

    `state` is a state of workflow_transitions.csv; `opinions` maps an action of it to what was written.
    `satisfaction` 1 (very satisfied) to 5, None = not asked yet. `lat`/`lon` in degrees.
    """

    key: str
    citizen: str
    channel: str
    dialled: str
    appeal: str
    urgency: str
    minutes_ago: int
    title: str
    text: str
    category: str
    condition: int
    place: str
    lat: float
    lon: float
    department: str
    support: str
    state: str
    opinions: Mapping[str, str]
    result: str
    satisfaction: int | None
    secret: bool


@dataclass(frozen=True, slots=True)
class Knowledge:
    """`category` '' = for no class; `words` bring it up while the seat types; `asks` to ask back."""

    key: str
    title: str
    source: str
    valid: str
    category: str
    words: tuple[str, ...]
    body: str
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """`level` warn or info; `district` '' = the whole city."""

    key: str
    level: str
    title: str
    body: str
    district: str


def load(name: str) -> Any:
    return json.loads(files(FILES).joinpath(name).read_text("utf-8"))


def citizens() -> tuple[Citizen, ...]:
    return tuple(_citizen(row) for row in load("contacts.json"))


def _citizen(row: dict[str, Any]) -> Citizen:
    history = tuple(PastContact(**past) for past in row["history"])
    return Citizen(**{**row, "tags": tuple(row["tags"]), "history": history})


def knowledge() -> tuple[Knowledge, ...]:
    return tuple(
        Knowledge(**{**row, "words": tuple(row["words"]), "asks": tuple(row["asks"])})
        for row in load("knowledge.json")["entries"]
    )


def bulletins() -> tuple[Bulletin, ...]:
    return tuple(Bulletin(**row) for row in load("knowledge.json")["bulletins"])
