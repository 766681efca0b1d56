"""Shapes of the page of channels: accounts, what did not arrive, who wants nothing, what may be sent."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from agent_console.inputs import Given, Id
from agent_console.schemas.base import Schema

Medium = Literal["sms", "wechat", "telegram", "email", "web"]
FilingWord = Literal["draft", "filed", "approved", "stopped"]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class AccountOut(Schema):
    """Health of one account. `backlog`: messages of its medium that wait."""

    name: str
    medium: str
    trouble: str
    paused_until: datetime | None
    backlog: int


class UndeliveredOut(Schema):
    """A message that did not arrive: work for a person."""

    id: str
    at: datetime
    channel: str
    account: str
    to: str  # masked
    template: str
    text: str
    state: str
    code: str
    why: str  # the code in a sentence
    case_number: str
    conversation_id: str
    ways: list[str]  # media that this citizen can be written to by


class ResendIn(Given):
    channel: Medium


class OptOutOut(Schema):
    medium: str
    user: str  # masked
    key: str  # names it in requests without naming the citizen
    since: datetime
    source: str


class OptOutIn(Given):
    medium: Medium = "sms"
    user: str = Field(min_length=3, max_length=200)


class FilingOut(Schema):
    account: str
    template: str
    text: str
    state: FilingWord | Literal[""]  # '' = nothing on file
    code: str
    note: str
    changed_at: datetime | None


class FilingIn(Given):
    account: str = Field(min_length=1, max_length=32)
    template: str = Field(min_length=1, max_length=40)
    state: FilingWord
    code: str = Field(default="", max_length=80)
    note: str = Field(default="", max_length=200)


class ModeratedOut(Schema):
    word: str
    added_at: datetime
    added_by: str


class ModeratedIn(Given):
    word: Word


class CannedTextOut(Schema):
    id: str
    position: int
    title: str
    text: str


class CannedTextIn(Given):
    id: Id = ""  # '' = a new one
    position: int = Field(default=0, ge=0, le=999)
    title: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1, max_length=500)
