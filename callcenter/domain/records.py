"""Rows that are written for the record: messages, drafts, who looked at what."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from callcenter.domain.messages import DeliveryState, Kind, Purpose


@dataclass
class OutboxMessage:
    """A message that must reach a citizen, written in the transaction of its cause. `id` = idempotency key.

    One row per recipient, and one per file beside the words.
    """

    id: str
    channel: str  # the medium
    to: str
    text: str
    purpose: Purpose
    template: str
    created_at: datetime
    next_at: datetime | None  # None = nothing more is tried
    contact_id: str = ""
    case_id: str = ""
    state: DeliveryState = DeliveryState.QUEUED
    attempts: int = 0
    resent: bool = False
    parts: int = 1  # how many short messages it takes, as the channel last said
    lease_until: datetime | None = None
    last_code: str = ""
    settled_at: datetime | None = None
    account: str = ""  # the one that may carry it, '' = any of the medium
    via: str = ""  # the account that carried it last
    priority: int = 0  # of the purpose, the lowest first
    conversation_id: str = ""
    author_id: str = ""  # the seat's user who wrote it, '' = the hotline
    subject: str = ""
    thread: str = ""
    attachment: dict[str, str] | None = None  # digest, kind, mime, name
    params: dict[str, str] = field(default_factory=dict)
    instead_of: str = ""  # the message that did not arrive on another channel
    client_key: str = ""  # of the page that it was written on: sent twice it is one message
    # that it did not arrive was taken up: sent another way, or a task made
    attended_at: datetime | None = None


@dataclass
class Delivery:
    """One part of a message at the provider. Answer and receipt meet here, whichever comes first."""

    account: str
    provider_ref: str
    outbox_id: str = ""
    part: int = 0
    state: DeliveryState = DeliveryState.ACCEPTED
    code: str = ""
    at: datetime | None = None


@dataclass
class InboxMessage:
    """What a citizen sent, as it came. `channel` is the medium, `event_key` unique per account."""

    id: str
    channel: str
    account: str
    event_key: str
    sender: str
    text: str
    received_at: datetime
    to: str = ""
    contact_id: str = ""
    case_id: str = ""
    attempts: int = 0  # times that it could not be understood
    processed_at: datetime | None = None
    kind: Kind = Kind.TEXT
    lat: float | None = None
    lon: float | None = None
    label: str = ""
    event: str = ""
    subject: str = ""
    answers: list[str] = field(default_factory=list)  # provider ids of ours that it answers
    ref: str = ""  # the platform's own id of it
    sender_name: str = ""
    sent_at: datetime | None = None
    conversation_id: str = ""


class MediaState(StrEnum):
    """Where a citizen's file is."""

    WAITING = "waiting"  # with the platform; a job fetches it
    STORED = "stored"
    REFUSED = "refused"  # too large, or not what it says it is
    GONE = "gone"  # the platform does not give it (any more)


@dataclass
class MediaFile:
    """A file of a message (`owner_id` = inbox id), of a web report or of a position link."""

    id: str
    owner_id: str
    number: int  # order within its owner
    kind: Kind
    state: MediaState
    account: str = ""
    ref: str = ""
    mime: str = ""
    name: str = ""
    size: int = 0  # octets
    digest: str = ""
    attempts: int = 0
    next_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass
class DraftNote:
    user_id: str
    key: str
    body: dict[str, Any]
    saved_at: datetime


@dataclass
class Access:
    """Who looked at, listened to or revealed what, and why (个人信息保护法: the record of handling)."""

    id: str
    user_id: str
    user_name: str
    kind: str  # view, reveal, listen
    at: datetime
    case_id: str = ""
    call_id: str = ""
    contact_id: str = ""
    reason: str = ""
