"""The rule laboratory: versions of keyword tables, words, effects, imports, acceptance, schemes."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from agent_console.inputs import Given, Id
from agent_console.schemas.base import Schema

RulePhase = Literal["draft", "shadow", "in_force", "retired"]
RuleOrigin = Literal["shipped", "names", "city"]
RuleAction = Literal["publish", "rollback", "shadow", "stop", "discard"]
RuleKind = Literal["官方名", "同义词", "地方叫法", "常见描述", "关键词", "排除项", "无关词"]
WordChange = Literal["", "add", "change", "disable", "enable", "remove"]
Verdict = Literal["better", "worse", "wrong"]


class ShadowOut(Schema):
    """On the reports filed while it ran: first class as the one in force; as the seat chose, both."""

    reports: int
    agreed: int
    accepted: int
    accepted_in_force: int


class RuleVersionOut(Schema):
    number: int
    standard: str
    phase: RulePhase
    origin: RuleOrigin
    created_at: datetime
    created_by: str
    base: int
    note: str
    revision: int
    published_at: datetime | None
    published_by: str
    shadow_since: datetime | None
    shadow: ShadowOut | None


class RuleState(Schema):
    """All versions of the scheme in force, newest first; `running` is the one that suggests now."""

    standard: str
    running: int
    versions: list[RuleVersionOut]


class WordOut(Schema):
    """`hits`, `right` on the confirmed reports, None = not measured yet; `was` = another weight in force."""

    id: int
    revision: int
    code: str
    kind: str
    term: str
    weight: float
    enabled: bool
    author: str
    changed_at: datetime | None
    change: WordChange
    was: float | None
    hits: int | None
    right: int | None


class WordIn(Given):
    """id 0 = a new one."""

    id: int = Field(default=0, ge=0, le=2**31 - 1)
    revision: int = Field(default=0, ge=0, le=2**31 - 1)
    code: Id
    kind: RuleKind
    term: str = Field(max_length=120)
    weight: float
    enabled: bool = True


class DraftIn(Given):
    """base 0 = a copy of the version in force."""

    base: int = Field(default=0, ge=0, le=2**31 - 1)


class RuleActionIn(Given):
    note: str = Field(default="", max_length=200)


class ShareOut(Schema):
    right: int
    of: int
    ratio: float | None


class ClassEffect(Schema):
    code: str  # '' = none of these
    reports: int
    precision_before: float | None
    precision: float | None
    recall_before: float | None
    recall: float | None


class FlipOut(Schema):
    report_id: str
    number: str
    content: str  # redacted
    before: str
    after: str
    chosen: str
    verdict: Verdict
    words: list[str]


class EffectOut(Schema):
    """`ready` False: `done` of `total` texts are read, ask again."""

    ready: bool
    done: int
    total: int
    base: int
    version: int
    reports: int
    seconds: float
    first_before: ShareOut | None
    first: ShareOut | None
    among_before: ShareOut | None
    among: ShareOut | None
    classes: list[ClassEffect]
    better: int
    worse: int
    wrong: int
    flips: list[FlipOut]  # the first MOST_FLIPS of them, what got worse first


class TryIn(Given):
    text: str = Field(max_length=2_000)


class TriedClass(Schema):
    code: str
    name: str
    confidence: float
    because: list[str]


class TryOut(Schema):
    """What this version would suggest, and what is suggested now."""

    classes: list[TriedClass]
    now: list[TriedClass]
    places: list[str]


class RuleEditOut(Schema):
    at: datetime
    user: str
    action: str
    code: str
    term: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class SheetProblem(Schema):
    row: int
    message: str


class ImportResult(Schema):
    """Nothing was changed unless `applied`."""

    rows: int
    added: int
    changed: int
    removed: int
    problems: list[SheetProblem]
    applied: bool


class AcceptanceDay(Schema):
    day: str  # yyyymmdd
    shown: int
    first: int
    among: int


class AcceptanceClass(Schema):
    code: str  # '' = nothing was suggested
    shown: int
    first: int
    among: int
    days: list[AcceptanceDay]


class AcceptanceOut(Schema):
    days: list[AcceptanceDay]
    classes: list[AcceptanceClass]


class SchemeOut(Schema):
    standard: str
    classes: int
    version: int
    in_force: bool


class SchemeIn(Given):
    standard: str = Field(min_length=1, max_length=40)
