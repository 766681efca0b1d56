"""Shapes of the console's HTTP interface. What leaves here is already masked for the reader's role.

Times are ISO 8601 in UTC; durations are seconds; coordinates WGS 84 degrees; confidences 0 to 1.
Codes (states, roles, urgencies …) are the English words of the domain; the console has the labels.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

AgentState = Literal["off", "ready", "ringing", "talking", "acw", "busy", "break", "dialing"]
Urgency = Literal["normal", "urgent", "critical"]
Appeal = Literal["consult", "help", "complaint", "tipoff", "suggestion", "praise"]
ChannelName = Literal["phone", "sms", "wechat", "telegram", "email", "web"]


class Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Problem(Schema):
    """Every error answer: a stable code, a Chinese sentence with the remedy, the field at fault."""

    code: str
    message: str
    field: str = ""


# ------------------------------------------------------------------------------------ session


class SignIn(Schema):
    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class Me(Schema):
    id: str
    staff_no: str
    name: str
    roles: list[str]
    group: str
    department_id: str
    department: str


class Session(Schema):
    user: Me
    csrf: str  # to be sent as header X-CSRF-Token with every POST, PUT, DELETE
    city: str
    demo: bool


# ------------------------------------------------------------------------------------ seat


class SipAccount(Schema):
    """For the softphone only: short-lived, never shown, gone at sign-out."""

    uri: str
    username: str
    password: str
    realm: str
    ws_url: str
    expires_at: datetime


class SeatStateChange(Schema):
    state: Literal["ready", "busy", "break"]
    reason: str = Field(default="", max_length=40)  # of a break: meal, rest, training, meeting


class CallerCard(Schema):
    contact_id: str
    name: str
    number: str  # masked where the role says so
    can_reveal: bool
    number_place: str  # 澜江·中国移动
    flags: list[str]  # 惯用澜江话, 愿意接受回访, 黑名单 …
    calls_this_month: int
    calls_this_year: int
    last_score: int | None
    open_cases: list["CaseRow"]
    contacts: list["ContactEntry"]  # last five on any channel


class ContactEntry(Schema):
    at: datetime
    channel: ChannelName
    title: str
    result: str
    case_number: str
    call_id: str


class CallPop(Schema):
    """The call at this seat, from ringing to the end of wrap-up."""

    call_id: str
    direction: Literal["in", "out"]
    dialled: str  # 12345, 12319
    queue: str
    queue_label: str
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    waited_s: float
    caller: CallerCard
    report_id: str  # of the report already filed in this call, '' = none


class QueueNow(Schema):
    name: str
    label: str
    waiting: int
    longest_s: float
    waits_s: list[float]  # one per waiting citizen, for the ladder
    ready: int
    within_15s: float | None  # share of today's, None = no call yet


class SeatToday(Schema):
    answered: int
    within_15s: float | None
    talk_s: float | None  # mean
    acw_s: float | None  # mean
    returned: int
    score: float | None  # mean of 1 (best) … 5, shown as stars 6 - score
    ratings: list["RatingEntry"]


class RatingEntry(Schema):
    at: datetime
    score: int
    comment: str
    title: str


class Seat(Schema):
    state: AgentState
    since: datetime
    reason: str
    wrap_up_until: datetime | None
    extensions_left: int
    break_left_s: float
    call: CallPop | None
    queues: list[QueueNow]
    today: SeatToday
    greeting: str


class WorkItem(Schema):
    """等我处理: a task for a person. kind: voicemail, missed, callback, returned, unsolved, draft."""

    id: str
    kind: str
    number: str
    title: str
    detail: str
    danger: bool
    due_at: datetime | None
    case_number: str
    call_id: str
    contact_id: str
    taken_by: str


class TransferRequest(Schema):
    kind: Literal["blind", "attended"]
    target: str = Field(min_length=1, max_length=32)


class TransferTarget(Schema):
    target: str
    label: str
    detail: str
    kind: Literal["seat", "group", "duty"]
    state: str


class DialRequest(Schema):
    """Call somebody back without seeing the number: by task, contact or (where allowed) number."""

    task_id: str = ""
    contact_id: str = ""
    number: str = Field(default="", max_length=32)


class MyCall(Schema):
    call_id: str
    at: datetime
    number: str
    title: str
    talk_s: float
    result: str
    case_number: str


# ------------------------------------------------------------------------------------ suggestions


class SpanOut(Schema):
    start: int
    end: int
    text: str
    kind: Literal["category", "place", "danger", "time"]


class CategoryOut(Schema):
    code: str  # 'kind|major|minor'
    name: str
    confidence: float
    because: list[str]
    limit: str  # 2 紧急工作时


class PlaceOut(Schema):
    label: str
    detail: str
    kind: str
    lat: float
    lon: float
    radius_m: float
    confidence: float
    start: int
    end: int
    grid: str
    grid_label: str
    district: str
    street: str
    community: str
    question: str


class DuplicateOut(Schema):
    case_number: str
    title: str
    state: str
    distance_m: float | None
    age_s: float
    reporters: int
    score: float
    same_caller: bool


class SuggestRequest(Schema):
    text: str = Field(max_length=20_000)
    contact_id: str = ""
    category: str = ""
    lat: float | None = None
    lon: float | None = None


class SuggestReply(Schema):
    categories: list[CategoryOut]
    places: list[PlaceOut]
    urgency: Urgency
    appeal: Appeal
    spans: list[SpanOut]
    danger: list[str]
    elements: list[str]  # who when where what claim evidence
    duplicates: list[DuplicateOut]
    title: str
    knowledge: list["KnowledgeOut"]
    version: str


class KnowledgeOut(Schema):
    id: str
    title: str
    department: str
    summary: str


# ------------------------------------------------------------------------------------ reports, cases


class PlaceIn(Schema):
    label: str = Field(default="", max_length=200)
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    radius_m: float | None = Field(default=None, ge=0)


class ReportIn(Schema):
    """The form of a seat, GB/T 33358-2016 work order; `decision` says what becomes of it."""

    decision: Literal["case", "answer", "join", "refuse"]
    call_id: str = ""
    contact_id: str = ""
    channel: ChannelName = "phone"
    appeal: Appeal
    urgency: Urgency = "normal"
    content: str = Field(max_length=20_000)
    title: str = Field(default="", max_length=50)
    category: str = ""  # 'kind|major|minor', required for decision 'case'
    condition_no: int | None = None
    place: PlaceIn = PlaceIn()
    caller_name: str = Field(default="", max_length=40)
    phone: str = Field(default="", max_length=20)  # '' = the caller's own number
    occurred_at: datetime | None = None
    confidential: bool = False
    wants_followup: bool = True
    public: bool = False
    notify: bool = True  # text the citizen
    answer: str = Field(default="", max_length=4_000)  # for decision 'answer'
    reason: str = Field(default="", max_length=200)  # for decision 'refuse'
    join_case: str = ""  # case number, for decision 'join'
    shown: list[str] = []  # category codes that were suggested, best first
    suggestion_version: str = ""
    client_key: str = Field(min_length=8, max_length=64)  # the same form sent twice files once


class ReportFiled(Schema):
    report_id: str
    number: str
    case_number: str
    message_preview: str


class Draft(Schema):
    key: str = Field(min_length=1, max_length=64)
    saved_at: datetime | None = None
    body: dict[str, Any]


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


class CaseDetail(Schema):
    case: CaseRow
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
    suggested_department: "DepartmentAdvice | None"
    version: int  # send back with an action; a newer one means somebody was faster


class DepartmentAdvice(Schema):
    department_id: str
    department: str
    clause: str


class ActionIn(Schema):
    version: int
    opinion: str = Field(default="", max_length=2_000)
    reason: str = Field(default="", max_length=200)
    department_id: str = ""
    co_department_ids: list[str] = []
    condition_no: int | None = None
    category: str = ""
    handler: str = Field(default="", max_length=40)
    result: str = Field(default="", max_length=4_000)
    until: datetime | None = None
    solved: bool | None = None
    main_case: str = ""


class RevealRequest(Schema):
    contact_id: str
    case_number: str = ""
    reason: str = Field(min_length=2, max_length=200)


class Revealed(Schema):
    number: str


class DepartmentOut(Schema):
    id: str
    name: str
    district: str
    open_cases: int = 0
    overdue: int = 0


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


class Peaks(Schema):
    duration_s: float
    peaks: list[float]


# ------------------------------------------------------------------------------------ figures


class Figure(Schema):
    """One indicator of domain/kpi.py. `value` None = nothing to measure yet."""

    key: str  # offered answered abandoned connect_rate within_15s asa talk acw longest_wait …
    value: float | None
    unit: str  # calls, ratio, s
    target: float | None
    numerator: int | None
    denominator: int | None


class FigureSet(Schema):
    since: datetime
    until: datetime
    queue: str
    seat: str
    figures: list[Figure]


class CallRow(Schema):
    call_id: str
    at: datetime
    number: str
    dialled: str
    queue: str
    seat: str
    outcome: str
    waited_s: float | None
    talk_s: float | None
    acw_s: float | None
    recording: bool
    title: str
    case_number: str


class CallPage(Schema):
    rows: list[CallRow]
    total: int
    page: int
    size: int


class SeatNow(Schema):
    seat: str
    name: str
    group: str
    state: AgentState
    since: datetime
    reason: str
    queue: str
    reachable: bool


class WallArea(Schema):
    district: str
    cases: int


class HotSpot(Schema):
    label: str
    count: int
    lat: float
    lon: float


class Wall(Schema):
    at: datetime
    city: str
    queues: list[QueueNow]
    waiting: int
    longest_s: float
    figures: list[Figure]
    states: dict[str, int]  # AgentState -> seats
    seats: list[SeatNow]
    overdue_cases: int
    areas: list[WallArea]
    hot_spots: list[HotSpot]
    telephony: bool


# ------------------------------------------------------------------------------------ simulator (demo mode)


class SimulatedMessage(Schema):
    id: str
    at: datetime
    outgoing: bool  # from the hotline to the citizen
    text: str
    state: str


class HandsetRequest(Schema):
    number: str = Field(pattern=r"^1\d{10}$")


class SimulatedHandset(Schema):
    number: str
    sip_address: str  # host:port that a citizen's telephone calls
    numbers: list[str]
    messages: list[SimulatedMessage]
    wire: list["WireLine"]


class HandsetAccount(Schema):
    """The demo handset as a telephone: it takes survey calls and dials 12345, over WebRTC."""

    sip: SipAccount


class WireLine(Schema):
    at: datetime
    text: str
    good: bool


class SimulatedReply(Schema):
    number: str = Field(pattern=r"^1\d{10}$")
    text: str = Field(min_length=1, max_length=500)


# ------------------------------------------------------------------------------------ health


class Ready(Schema):
    ready: bool
    database: bool
    ami: bool
    fastagi: bool


for _model in (CallerCard, SeatToday, SuggestReply, CaseDetail, SimulatedHandset):
    _model.model_rebuild()
