"""Sign-in, the seat and the call at hand."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent_console.inputs import Given, Id
from agent_console.schemas.base import AgentState, ChannelName, Schema
from agent_console.schemas.cases import CaseRow


class SignIn(Given):
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


class SeatPage(Given):
    """What the page that signs in knows of itself: a page that was just loaded holds no call."""

    holds_call: bool = True


class SipAccount(Schema):
    """For the softphone only: short-lived, never shown, gone at sign-out."""

    uri: str
    username: str
    password: str
    realm: str
    ws_url: str
    expires_at: datetime


class SeatStateChange(Given):
    state: Literal["ready", "busy", "break"]
    reason: str = Field(default="", max_length=40)  # of a break: meal, rest, training, meeting


class ContactEntry(Schema):
    at: datetime
    channel: ChannelName
    title: str
    result: str
    case_number: str
    call_id: str


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
    open_cases: list[CaseRow]
    contacts: list[ContactEntry]  # last five on any channel


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


class RatingEntry(Schema):
    at: datetime
    score: int
    comment: str
    title: str


class SeatToday(Schema):
    answered: int
    within_15s: float | None
    talk_s: float | None  # mean
    acw_s: float | None  # mean
    returned: int
    score: float | None  # mean of 1 (best) … 5, shown as stars 6 - score
    ratings: list[RatingEntry]


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


class TransferRequest(Given):
    kind: Literal["blind", "attended"]
    target: str = Field(min_length=1, max_length=32)


class TransferTarget(Schema):
    target: str
    label: str
    detail: str
    kind: Literal["seat", "group", "duty"]
    state: str


class DialRequest(Given):
    """Call somebody back without seeing the number: by task, contact or (where allowed) number."""

    task_id: Id = ""
    contact_id: Id = ""
    number: str = Field(default="", max_length=32)


class MyCall(Schema):
    call_id: str
    at: datetime
    number: str
    title: str
    talk_s: float
    result: str
    case_number: str
