"""What Asterisk tells the hotline, in the hotline's words.

A call is named by the Asterisk `Uniqueid` of the citizen's channel (unique over restarts and
machines, because `systemname` is set). A seat is named by its staff number, e.g. '1027'.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Route(StrEnum):
    """Where the flow `main` sends a caller."""

    QUEUE = "queue"
    NIGHT = "night"  # closed, or nobody signed in: message or call back
    BLOCKED = "blocked"  # recorded notice, never silence


@dataclass(frozen=True, slots=True)
class Routing:
    """Answer to an arriving call. `priority` is Asterisk's QUEUE_PRIO (higher is served first)."""

    route: Route
    queue: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class CallWaiting:
    call_id: str
    queue: str
    position: int
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatRinging:
    """The seat's phone rings for this call; `number` is the citizen's, possibly empty."""

    call_id: str
    seat: str
    queue: str
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatRingEnded:
    """The seat did not take the call: time ran out, or the citizen left (`abandoned`)."""

    call_id: str
    seat: str
    abandoned: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatConnected:
    call_id: str
    seat: str
    queue: str
    waited_s: float
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatReleased:
    """The seat's leg is over; the citizen may live on (transfer)."""

    call_id: str
    seat: str
    transferred: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CallLeftQueue:
    call_id: str
    queue: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CallEnded:
    call_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatDevice:
    """The seat's softphone registered or went away."""

    seat: str
    reachable: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """State after every (re)connect: what AMI knows now replaces what was believed before.

    `waiting`: queue name -> call ids in order. `members`: queue name -> seat -> pause reason
    ('' = may be rung). `talking`: seat -> call id. `numbers`: call id -> number at the other end of
    the trunk, of every call that goes on.
    """

    waiting: dict[str, tuple[CallWaiting, ...]]
    members: dict[str, dict[str, str]]
    talking: dict[str, str]
    at: datetime
    numbers: dict[str, str] = field(default_factory=dict)


TelephonyEvent = (
    CallWaiting
    | SeatRinging
    | SeatRingEnded
    | SeatConnected
    | SeatReleased
    | CallLeftQueue
    | CallEnded
    | SeatDevice
    | QueueSnapshot
)


class CallOutcome(StrEnum):
    """How a call ended, as the dialplan itself saw it."""

    SERVED = "served"
    ABANDONED = "abandoned"  # left while waiting
    GREETING = "greeting"  # left before the queue
    MESSAGE = "message"  # left a recorded message
    NO_MESSAGE = "no_message"  # heard the invitation, left nothing
    CALLBACK = "callback"  # asked to be called back
    BLOCKED = "blocked"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One finished call, written by the dialplan's hang-up handler with or without our service."""

    call_id: str
    number: str
    dialled: str
    direction: str  # in | out | survey
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    outcome: CallOutcome
    queue: str
    seat: str
    recording: str  # file name under the recordings folder, '' = none
    message: str  # file name of the left message, '' = none

    @property
    def talk_s(self) -> float:
        return (self.ended_at - self.answered_at).total_seconds() if self.answered_at else 0.0


@dataclass(frozen=True, slots=True)
class QueueLogEntry:
    """One line of Asterisk's queue_log: time (whole seconds), call, queue, agent, event, five data."""

    at: datetime
    call_id: str
    queue: str
    seat: str
    event: str
    data: tuple[str, ...]
