"""Shapes of the citizens' pages and of the position link."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from agent_console.inputs import Given, Id, Latitude, Longitude
from agent_console.schemas.base import Schema
from callcenter.domain.reports import MAX_CONTENT

ClientKey = Annotated[str, Field(min_length=8, max_length=64)]
Device = Annotated[str, Field(min_length=16, max_length=64)]
Code = Annotated[str, Field(min_length=1, max_length=12)]
Number = Annotated[str, Field(min_length=1, max_length=20)]
Token = Annotated[str, Field(min_length=1, max_length=64)]
Photos = Annotated[list[Id], Field(default_factory=list, max_length=6)]
Accuracy = Annotated[float, Field(ge=0, le=100_000)]


class EmergencyOut(Schema):
    number: str
    name: str


class CitizenCity(Schema):
    """What every page of citizens shows."""

    name: str
    number: str  # of the hotline
    emergency: list[EmergencyOut]


class ChallengeOut(Schema):
    """Find a counter so that SHA-256 of 'nonce:counter' begins with `bits` zero bits."""

    nonce: str
    bits: int
    expires: int
    signature: str


class CitizenText(Given):
    text: str = Field(max_length=MAX_CONTENT)


class ClassHint(Schema):
    code: str
    name: str


class SpotHint(Schema):
    """A place that the words may mean, or that was searched for."""

    label: str
    detail: str
    lat: float
    lon: float


class CitizenHints(Schema):
    categories: list[ClassHint]
    places: list[SpotHint]
    danger: list[str]


class SpotOut(Schema):
    """Where a point of the map lies; '' = outside the city."""

    area: str


class PhotoOut(Schema):
    id: str


class CitizenReportIn(Given):
    device: Device
    client_key: ClientKey  # the same form sent twice files once
    content: str = Field(max_length=20_000)
    category: Id = ""
    place: str = Field(default="", max_length=200)
    lat: Latitude | None = None
    lon: Longitude | None = None
    phone: str = Field(default="", max_length=20)
    may_call: bool = True
    confidential: bool = False
    photos: Photos


class Receipt(Schema):
    """回执: with both the citizen finds the report again."""

    number: str
    code: str
    filed_at: datetime


class TicketIn(Given):
    number: Number
    code: Code


class HappenedOut(Schema):
    at: datetime
    title: str
    detail: str


class MayOut(Schema):
    urge: bool
    withdraw: bool
    rate: bool


class ProgressOut(Schema):
    number: str
    title: str
    content: str
    place: str
    phone: str  # masked
    photos: int
    filed_at: datetime
    state: str
    stage: int  # counts from 1
    stages: list[str]
    ended: bool
    due_at: datetime | None
    answer: str
    history: list[HappenedOut]
    urged_today: bool
    may: MayOut
    rated_score: int | None
    rated_solved: bool | None


class RatingIn(TicketIn):
    """`score` 1 (非常满意) to 5 (非常不满意)."""

    score: int = Field(ge=1, le=5)
    solved: bool
    words: str = Field(default="", max_length=1_000)


class WithdrawnOut(Schema):
    """False: it is being handled, a person was told of the wish."""

    withdrawn: bool


class SaidIn(Given):
    device: Device
    client_key: ClientKey
    text: str = Field(default="", max_length=2_000)
    photos: Photos
    number: str = Field(default="", max_length=20)  # with the code: the report that it is about
    code: str = Field(default="", max_length=12)


class LineOut(Schema):
    """`author` '' = the citizen."""

    id: str
    at: datetime
    author: str
    text: str
    files: list[str]


class TalkOut(Schema):
    is_open: bool
    with_person: bool
    lines: list[LineOut]


class LinkIn(Given):
    token: Token


class LinkPlaceIn(LinkIn):
    """WGS 84, metres: as browsers give them."""

    lat: Latitude
    lon: Longitude
    accuracy: Accuracy


class LinkOut(Schema):
    expires_at: datetime
    placed: bool


class PositionIn(Given):
    """For the call or the conversation that the seat has. `number`: a mobile number that the caller named."""

    call_id: Id = ""
    conversation_id: Id = ""
    number: str = Field(default="", max_length=20)
    again: bool = False


class CasePhoto(Schema):
    """Addresses of the whole picture and of a small one."""

    url: str
    preview: str


class PinOut(Schema):
    id: str
    sent_at: datetime
    alive: bool
    opened_at: datetime | None
    placed_at: datetime | None
    lat: float | None
    lon: float | None
    accuracy_m: float | None
    area: str  # the grid that it lies in
    photos: list[str]  # addresses
