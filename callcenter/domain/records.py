"""Rows that are written for the record: messages, drafts, who looked at what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callcenter.domain.messages import DeliveryState, Purpose


@dataclass
class OutboxMessage:
    """A text that must reach a citizen, written in the transaction of its cause. `id` = idempotency key."""

    id: str
    channel: str
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


@dataclass
class Delivery:
    """One part of a message at the provider. Answer and receipt meet here, whichever comes first."""

    channel: str
    provider_ref: str
    outbox_id: str = ""
    part: int = 0
    state: DeliveryState = DeliveryState.ACCEPTED
    code: str = ""
    at: datetime | None = None


@dataclass
class InboxMessage:
    id: str
    channel: str
    event_key: str
    sender: str
    text: str
    received_at: datetime
    to: str = ""
    contact_id: str = ""
    case_id: str = ""
    attempts: int = 0  # times that it could not be understood
    processed_at: datetime | None = None


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
