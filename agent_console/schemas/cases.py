"""Cases in lists and on their page, and the steps people take."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent_console.inputs import ConditionNo, Given, Id, Version, When
from agent_console.schemas.base import Appeal, ChannelName, Schema, Urgency


class CaseRow(Schema):
    number: str
    title: str
    channel: ChannelName
    appeal: Appeal
    urgency: Urgency
    confidential: bool
    supervised: bool
    category: str
    category_name: str
    district: str
    street: str
    place: str
    department: str
    state: str
    stage: int  # 1 to 7
    due_at: datetime | None
    remaining_s: float | None  # working or clock seconds by the limit's unit, negative = overdue
    limit_s: float | None
    on_time: bool | None  # None = still open
    urges: int
    reporters: int
    updated_at: datetime
    reported_at: datetime


class CasePage(Schema):
    rows: list[CaseRow]
    total: int
    page: int
    size: int
    counts: dict[str, int]  # per view: mine, to_register, to_dispatch, handling, due_soon, overdue, …


class StageOut(Schema):
    stage: int
    key: str  # collect register dispatch handle feedback check evaluate
    state: Literal["done", "current", "todo"]
    at: datetime | None
    actor: str
    used_s: float | None
    limit: str


class TimelineEntry(Schema):
    """kind: step, call, message, rating, view. Newest first."""

    id: str
    kind: str
    at: datetime
    actor: str
    actor_role: str
    action: str  # workflow action for kind 'step'
    text: str
    state: str  # case state after a step, delivery state of a message
    call_id: str
    recording: bool
    duration_s: float | None
    outgoing: bool


class PersonOut(Schema):
    report_id: str
    contact_id: str
    name: str
    number: str
    at: datetime
    channel: ChannelName
    first: bool
    confidential: bool
    can_reveal: bool


class ActionOut(Schema):
    """A workflow step this reader may take now, with what it needs."""

    action: str
    needs: list[str]  # opinion, reason, department, condition, result, until, solved …


class DepartmentAdvice(Schema):
    department_id: str
    department: str
    clause: str


class CaseDetail(Schema):
    case: CaseRow
    standard: str  # the scheme that its category is of
    content: str
    lat: float | None
    lon: float | None
    radius_m: float | None
    grid_label: str
    condition: str
    limit: str
    stages: list[StageOut]
    timeline: list[TimelineEntry]
    people: list[PersonOut]
    handler: str
    co_departments: list[str]
    extensions: int
    returns: int
    reworks: int
    result: str
    solved: bool | None
    score: int | None
    viewers: list[TimelineEntry]
    actions: list[ActionOut]
    suggested_department: DepartmentAdvice | None
    version: int  # send back with an action; a newer one means somebody was faster


class ActionIn(Given):
    version: Version
    opinion: str = Field(default="", max_length=2_000)
    reason: str = Field(default="", max_length=200)
    department_id: Id = ""
    co_department_ids: list[Id] = Field(default_factory=list)
    condition_no: ConditionNo | None = None
    category: Id = ""
    handler: str = Field(default="", max_length=40)
    result: str = Field(default="", max_length=4_000)
    until: When | None = None
    solved: bool | None = None
    main_case: Id = ""


class RevealRequest(Given):
    contact_id: Id
    reason: str = Field(min_length=2, max_length=200)


class Revealed(Schema):
    number: str
