"""Messages to and from citizens, whatever the channel, and what can become of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


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


class Kind(StrEnum):
    """What a message is made of. Whatever a platform invents beyond these is an EVENT without a name."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    EVENT = "event"  # followed us, pressed a menu key: see `Inbound.event`


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the hotline keeps, named by its content: `digest` is the SHA-256 in hex."""

    digest: str
    kind: Kind
    mime: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to one recipient, either words or one file. `id` is the idempotency key (outbox row).

    `channel` is the medium ('sms', 'wechat'), `account` the account that carries it, `bound`: no other may
    (an openid belongs to one). `to` is the recipient in that medium: number, openid, chat id, address.
    """

    id: str
    channel: str
    to: str
    text: str
    purpose: Purpose
    attempt: int = 1  # which try this is; pauses of the account do not count
    resent: bool = False  # an earlier try ended unknown: this one may reach the citizen twice
    account: str = ""
    bound: bool = False
    subject: str = ""  # e-mail
    thread: str = ""  # provider id of the citizen's message that this answers, e.g. a Message-ID
    attachment: Attachment | None = None
    template: str = ""
    params: Mapping[str, str] = field(default_factory=dict)  # of the template, for channels that file theirs
    filing: str = ""  # the provider's code of the template, where it is approved for the account
    taken: frozenset[int] = frozenset()  # parts that a peer took in an earlier try


@dataclass(frozen=True, slots=True)
class Part:
    """What goes over the wire in one piece, e.g. one short message of a long text. Numbers count from 0.

    `content` belongs to the channel that planned it.
    """

    number: int
    content: Any


class PlanError(ValueError):
    """The message can never go this way. `code` is for the books; no text of the message in it."""

    def __init__(self, code: str, fault: Fault = Fault.MESSAGE) -> None:
        super().__init__(code)
        self.code = code
        self.fault = fault


@dataclass(frozen=True, slots=True)
class SendResult:
    """What the peer said to one part. `ref` is its normalised id ('' = the peer names none)."""

    outcome: Outcome
    ref: str = ""
    code: str = ""
    fault: Fault = Fault.MESSAGE
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one try of a whole message came to. `refs`: part number -> id, of the parts taken in this try."""

    message: Outbound
    result: SendResult  # of the part that ended the try
    parts: int = 1
    refs: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settlement:
    """An attempt and what follows from it: `again_at` None = nothing more is tried. One that does not count
    ended for a reason that says nothing about the message.
    """

    attempt: Attempt
    again_at: datetime | None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """Delivery report of one part; `provider_ref` normalised by the adapter (base, case, zeros)."""

    account: str
    provider_ref: str
    state: DeliveryState
    code: str = ""
    at: datetime | None = None
    recipient: str = ""  # whom it reached: finds the message when the answer with its id never came


@dataclass(frozen=True, slots=True)
class Settled:
    """A message that a receipt ended."""

    message_id: str
    state: DeliveryState
    conversation_id: str


@dataclass(frozen=True, slots=True)
class FragmentSeries:
    """What the parts of one long message have in common."""

    account: str
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
class Media:
    """A file of a citizen's message. `ref` is what the channel fetches it by; `content` is there instead
    where the file came with the message.
    """

    kind: Kind
    ref: str = ""
    mime: str = ""
    name: str = ""
    size: int = 0  # octets, 0 = not said
    content: bytes | None = field(default=None, repr=False)
    expires_at: datetime | None = None  # not to be fetched any more from then on


@dataclass(frozen=True, slots=True)
class Inbound:
    """A citizen's message. `event_key` is unique per account, so that a repeat is known as one."""

    channel: str
    account: str
    event_key: str
    sender: str
    text: str = ""
    kind: Kind = Kind.TEXT
    to: str = ""  # our number with its extension digits, or our address
    sent_at: datetime | None = None
    media: tuple[Media, ...] = ()
    lat: float | None = None  # degrees of WGS 84
    lon: float | None = None
    label: str = ""  # what the platform calls the place
    event: str = ""  # of Kind.EVENT: follow, unfollow, menu:<key>, sent:<status>
    subject: str = ""
    answers: tuple[str, ...] = ()  # provider ids of ours that it answers, nearest first
    ref: str = ""  # the platform's own id of it, for an answer in its thread
    sender_name: str = ""  # what the citizen calls themselves there
