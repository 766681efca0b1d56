"""Suggestions while the seat types, and the form."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from agent_console.inputs import ConditionNo, Given, Id, Latitude, Longitude, When
from agent_console.schemas.base import Appeal, ChannelName, Schema, Urgency
from agent_console.schemas.codes import KnowledgeOut


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


class MatterOut(Schema):
    """One of several matters in the text, `text[start:end]`, with its likeliest class."""

    start: int
    end: int
    text: str
    code: str
    name: str
    confidence: float


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
    same_category: bool
    category_name: str
    place: str
    same: list[str]  # words that this text and the case both say


class SuggestRequest(Given):
    text: str = Field(max_length=20_000)
    contact_id: Id = ""
    category: Id = ""
    place: str = Field(default="", max_length=200)
    lat: Latitude | None = None
    lon: Longitude | None = None
    radius_m: float | None = Field(default=None, ge=0, le=100_000)


class SuggestReply(Schema):
    categories: list[CategoryOut]
    matters: list[MatterOut]  # two or more, or none: the text is about one thing
    places: list[PlaceOut]
    urgency: Urgency
    appeal: Appeal
    spans: list[SpanOut]
    danger: list[str]
    elements: list[str]  # who when where what claim evidence
    duplicates: list[DuplicateOut]
    title: str
    knowledge: list[KnowledgeOut]
    version: str


class PlaceIn(Given):
    label: str = Field(default="", max_length=200)
    lat: Latitude | None = None
    lon: Longitude | None = None
    radius_m: float | None = Field(default=None, ge=0, le=100_000)


class ShownClass(Given):
    code: Id
    confidence: float = Field(ge=0, le=1)


class ShownPlace(Given):
    label: str = Field(max_length=200)
    confidence: float = Field(ge=0, le=1)


class SuggestedIn(Given):
    """What the form was showing when it was sent, best first; version '' = nothing yet."""

    version: str = Field(default="", max_length=80)
    categories: list[ShownClass] = Field(default_factory=list, max_length=10)
    places: list[ShownPlace] = Field(default_factory=list, max_length=10)


class ReportIn(Given):
    """The form of a seat, GB/T 33358-2016 work order; `decision` says what becomes of it."""

    decision: Literal["case", "answer", "join", "refuse"]
    call_id: Id = ""
    conversation_id: Id = ""  # the form stands beside it
    completes: Id = ""  # number of what the citizen entered there, as the form shows it
    contact_id: Id = ""
    channel: ChannelName = "phone"
    appeal: Appeal
    urgency: Urgency = "normal"
    content: str = Field(max_length=20_000)
    title: str = Field(default="", max_length=50)
    category: Id = ""  # 'kind|major|minor', required for decision 'case'
    condition_no: ConditionNo | None = None
    place: PlaceIn = PlaceIn()
    caller_name: str = Field(default="", max_length=40)
    phone: str = Field(default="", max_length=20)  # '' = the caller's own number
    occurred_at: When | None = None
    confidential: bool = False
    wants_followup: bool = True
    public: bool = False
    notify: bool = True  # text the citizen
    answer: str = Field(default="", max_length=4_000)  # for decision 'answer'
    reason: str = Field(default="", max_length=200)  # for decision 'refuse'
    task_id: Id = ""  # the work that this report came from; it is done with the filing
    join_case: Id = ""  # case number, for decision 'join'
    suggested: SuggestedIn = SuggestedIn()
    client_key: str = Field(min_length=8, max_length=64)  # the same form sent twice files once


class ReportFiled(Schema):
    report_id: str
    number: str
    case_number: str
    message_preview: str


class Draft(Given):
    key: str = Field(min_length=1, max_length=64)
    saved_at: datetime | None = None
    body: dict[str, Any]
