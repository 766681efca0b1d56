"""Messages to and from citizens, whatever the channel, and what can become of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """Decides quiet hours, opt-out, priority and the resend policy."""

    REPLY = "reply"
    SERVICE = "service"
    SURVEY = "survey"
    EMERGENCY = "emergency"


class Outcome(StrEnum):
    ACCEPTED = "accepted"  # the peer took responsibility and named the message
    RETRY = "retry"  # proved not taken: safe to send again
    REJECTED = "rejected"  # proved not taken and never will be
    UNKNOWN = "unknown"  # on the wire, no answer: only the purpose's policy may resend


class Fault(StrEnum):
    """Whose fault a refusal is. ACCOUNT and LINK pause the account and burn no message's attempts."""

    MESSAGE = "message"
    RECIPIENT = "recipient"
    ACCOUNT = "account"
    LINK = "link"


class DeliveryState(StrEnum):
    QUEUED = "queued"  # in the outbox
    SENDING = "sending"  # leased by a relay, may be on the wire
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


TERMINAL = frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to one recipient. `id` is the idempotency key (the outbox row)."""

    id: str
    channel: str
    to: str
    text: str
    purpose: Purpose
    attempt: int = 1  # which try this is; pauses of the account do not count
    resent: bool = False  # an earlier try ended unknown: this one may reach the citizen twice


@dataclass(frozen=True, slots=True)
class SendResult:
    """What the peer said. `provider_refs` holds one normalised id per part taken, in order; `parts` is how
    many the whole message has.
    """

    outcome: Outcome
    provider_refs: tuple[str, ...] = ()
    code: str = ""
    fault: Fault = Fault.MESSAGE
    retry_after: timedelta | None = None
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """Delivery report of one part; `provider_ref` normalised by the adapter (base, case, zeros)."""

    channel: str
    provider_ref: str
    state: DeliveryState
    code: str = ""
    at: datetime | None = None
    recipient: str = ""  # whom it reached: finds the message when the answer with its id never came


@dataclass(frozen=True, slots=True)
class FragmentSeries:
    """What the parts of one long message have in common."""

    channel: str
    sender: str
    to: str
    reference: int
    total: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """One part, not decoded: a character may be cut between two of them."""

    series: FragmentSeries
    number: int
    coding: int
    payload: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Inbound:
    """A citizen's message. `event_key` is unique per channel, so that a repeat is known as one."""

    channel: str
    event_key: str
    sender: str
    text: str
    to: str = ""  # our number with its extension digits
    sent_at: datetime | None = None
    media: tuple[str, ...] = field(default=())
