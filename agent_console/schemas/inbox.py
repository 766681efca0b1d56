"""Shapes of the seat's inbox: conversations, their messages and files, canned texts."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent_console.inputs import Given, Id
from agent_console.schemas.base import Schema

MAX_TEXT = 2_000


class ConversationRow(Schema):
    """`tab`: reply = 待我回, citizen = 等市民, queue = 排队, closed = 已结."""

    id: str
    channel: Literal["sms", "wechat", "telegram", "email", "web"]
    who: str  # name, or masked number or address
    last_text: str
    last_at: datetime | None
    tab: Literal["reply", "citizen", "queue", "closed"]
    waiting_since: datetime | None
    due_at: datetime | None  # GB/T: a person answers within 3 minutes, to e-mail within 24 hours
    unread: int
    skill: str
    seat: str
    close_code: str
    danger: bool = False  # a danger was told: before all others


class InboxOut(Schema):
    """The seat's conversations, the oldest wait first, and those that nobody has yet."""

    load: int
    capacity: int
    counts: dict[str, int]  # by tab
    rows: list[ConversationRow]


class FileOut(Schema):
    id: str
    kind: Literal["image", "voice", "video", "file"]
    state: Literal["waiting", "stored", "refused", "gone"]
    mime: str
    name: str
    size: int
    url: str  # '' until it is stored
    preview: str  # small picture, '' for none
    transcript: str = ""


class ChatMessage(Schema):
    """One bubble. `author`: citizen, machine, or the staff number of a seat."""

    id: str
    at: datetime
    author: str
    author_name: str
    kind: str
    text: str
    files: list[FileOut]
    lat: float | None
    lon: float | None
    place: str  # what the platform or our map calls the point
    state: str  # of what we sent: queued sending accepted delivered failed expired unknown
    trouble: str  # why it did not arrive, in a sentence; '' = it did, or is under way


class PendingReport(Schema):
    """What the citizen entered by themselves; the form is filled from it."""

    number: str
    content: str
    place: str
    lat: float | None
    lon: float | None
    category: str
    phone: str  # masked
    name: str


class ConversationOut(Schema):
    row: ConversationRow
    contact_id: str
    number: str  # masked telephone number, '' = none is bound
    viewers: list[str]  # names of colleagues who have it open
    quota_left: int | None  # None = the platform has no limit
    window_until: datetime | None
    can_write: bool
    cannot_write: str  # why not, and what to do instead
    messages: list[ChatMessage]
    pending: PendingReport | None
    facts: str  # everything the citizen said that belongs into the form's content
    place: str
    lat: float | None
    lon: float | None
    case_numbers: list[str]


class MessageIn(Given):
    text: str = Field(default="", max_length=MAX_TEXT)
    file_id: Id = ""  # of an upload to this conversation
    closing: bool = False
    client_key: str = Field(default="", max_length=32)  # sent again after a lost answer it is one message


class TransferIn(Given):
    """To a seat, or back into the queue of a skill."""

    seat: Id = ""
    skill: Id = ""


class CloseIn(Given):
    code: Literal["filed", "answered", "no_answer", "not_ours", "nuisance"]


class CannedOut(Schema):
    id: str
    title: str
    text: str  # fields are filled already


class MergeIn(Given):
    """Two contacts that are one person; everything of `gone_id` becomes `kept_id`'s."""

    kept_id: Id = Field(min_length=1)
    gone_id: Id = Field(min_length=1)
    reason: str = Field(min_length=2, max_length=100)


class AnswerOut(Schema):
    """A knowledge entry; `approved`: the machine may read it out to citizens."""

    id: str
    title: str
    answer: str
    approved: bool


class AnswerIn(Given):
    approved: bool
