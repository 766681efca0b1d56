"""Asterisk's events in the hotline's words. Pure; keeps only which legs ring and which talk.

A call is named by the citizen's channel. In queue events that is `Uniqueid`; for every other channel it
is `Linkedid`, the id of the first channel of the conversation, which is the citizen's own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from callcenter.domain.telephony import (
    CallEnded,
    CallLeftQueue,
    CallWaiting,
    QueueSnapshot,
    SeatConnected,
    SeatDevice,
    SeatReleased,
    SeatRingEnded,
    SeatRinging,
    TelephonyEvent,
)
from ivr.ami.wire import Packet
from ivr.queue_names import from_asterisk

TECHNOLOGY = "PJSIP/"
TRUNK = "trunk"
NOBODY = frozenset({"", "<unknown>", "unknown", "anonymous"})
REACHABLE = {
    "Created": True,
    "Reachable": True,
    "NonQualified": True,
    "Removed": False,
    "Unreachable": False,
}
CONSULTED = "to-seat"
DIALLED_BY_CITIZEN = frozenset({"rejoin", CONSULTED})
"""Dialplan contexts in which the citizen's own channel dials a seat (return of a seat, blind transfer)."""

CALL_BACK = "callback"
DIAL_PREFIX = "dial:"
"""ActionID of an Originate that rings a seat first: `dial:<seat>:<call id>`."""

Words = Iterator[TelephonyEvent]


class Translator:
    """Feed it every event in order. `now` is for events without a time of their own."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._joined: dict[str, datetime] = {}
        self._ringing: dict[str, str] = {}
        self._legs: dict[str, tuple[str, str]] = {}
        self._consulted: dict[str, tuple[str, str]] = {}
        self._words: Mapping[str, Callable[[Packet, datetime], Words]] = {
            "QueueCallerJoin": self._join,
            "QueueCallerLeave": self._leave,
            "QueueCallerAbandon": self._abandon,
            "AgentCalled": self._ring,
            "AgentRingNoAnswer": self._no_answer,
            "AgentConnect": self._connect,
            "AgentComplete": self._complete,
            "AttendedTransfer": self._transfer,
            "DialEnd": self._dial_end,
            "OriginateResponse": self._originated,
            "Hangup": self._hangup,
            "ContactStatus": self._contact,
        }

    def forget(self) -> None:
        """After a reconnect: a snapshot follows."""
        self._joined.clear()
        self._ringing.clear()
        self._legs.clear()
        self._consulted.clear()

    def translate(self, event: Packet) -> tuple[TelephonyEvent, ...]:
        words = self._words.get(event.get("Event", ""))
        if words is None:
            return ()
        return tuple(words(event, time_of(event, self._now)))

    def _join(self, event: Packet, at: datetime) -> Words:
        self._joined[event["Uniqueid"]] = at
        yield CallWaiting(
            event["Uniqueid"], _queue(event), int(event.get("Position", 0)), number_of(event), at
        )

    def _leave(self, event: Packet, at: datetime) -> Words:
        yield CallLeftQueue(event["Uniqueid"], _queue(event), at)

    def _abandon(self, event: Packet, at: datetime) -> Words:
        """Also when the queue's time is up. A seat that rang meanwhile is told by nothing else."""
        if seat := self._ringing.pop(event["Uniqueid"], ""):
            yield SeatRingEnded(event["Uniqueid"], seat, abandoned=True, at=at)

    def _ring(self, event: Packet, at: datetime) -> Words:
        call, seat = event["Uniqueid"], seat_of(event.get("Interface", ""))
        self._ringing[call] = seat
        yield SeatRinging(call, seat, _queue(event), number_of(event), at)

    def _no_answer(self, event: Packet, at: datetime) -> Words:
        self._ringing.pop(event["Uniqueid"], None)
        seat = seat_of(event.get("Interface", ""))
        yield SeatRingEnded(event["Uniqueid"], seat, abandoned=False, at=at)

    def _connect(self, event: Packet, at: datetime) -> Words:
        call, seat = event["Uniqueid"], seat_of(event.get("Interface", ""))
        self._ringing.pop(call, None)
        yield SeatConnected(call, seat, _queue(event), self._waited(event, at), at)

    def _complete(self, event: Packet, at: datetime) -> Words:
        seat = seat_of(event.get("Interface", ""))
        yield SeatReleased(event["Uniqueid"], seat, event.get("Reason") == "transfer", at)

    def _transfer(self, event: Packet, at: datetime) -> Words:
        """The consulted seat takes the citizen over; its leg may stand behind a Local channel."""
        call = event.get("TransfereeLinkedid", "")
        seat, leg = (
            channel_owner(event.get("TransferTargetChannel", "")),
            event.get("TransferTargetUniqueid", ""),
        )
        if not seat:
            seat, leg = self._consulted.pop(call, ("", ""))
        if event.get("Result") == "Success":
            yield from self._talks(leg, call, seat, at)

    def _dial_end(self, event: Packet, at: datetime) -> Words:
        if event.get("DialStatus") != "ANSWER":
            return
        call, context, dialler = event.get("Linkedid", ""), event.get("Context", ""), event.get("Channel", "")
        seat, leg = channel_owner(event.get("DestChannel", "")), event.get("DestUniqueid", "")
        if context in DIALLED_BY_CITIZEN and channel_owner(dialler) == TRUNK:
            yield from self._talks(leg, call, seat, at)
        elif context == CONSULTED:
            self._consulted[call] = (seat, leg)
        elif context == CALL_BACK:
            yield from self._talks(event.get("Uniqueid", ""), call, channel_owner(dialler), at)

    def _originated(self, event: Packet, at: datetime) -> Words:
        """A seat was rung for a call back: remember its leg, or say that nothing came of it."""
        action = event.get("ActionID", "")
        if not action.startswith(DIAL_PREFIX):
            return
        seat, _, call = action.removeprefix(DIAL_PREFIX).partition(":")
        if event.get("Response") == "Success":
            self._legs[event.get("Uniqueid", "")] = (call, seat)
        else:
            yield SeatReleased(call, seat, transferred=False, at=at)

    def _hangup(self, event: Packet, at: datetime) -> Words:
        channel = event["Uniqueid"]
        if leg := self._legs.pop(channel, None):
            yield SeatReleased(*leg, transferred=False, at=at)
        if channel == event.get("Linkedid"):
            self._ringing.pop(channel, None)
            self._joined.pop(channel, None)
            self._consulted.pop(channel, None)
            yield CallEnded(channel, at)

    def _contact(self, event: Packet, at: datetime) -> Words:
        reachable, seat = REACHABLE.get(event.get("ContactStatus", "")), event.get("EndpointName", "")
        if reachable is not None and seat != TRUNK:
            yield SeatDevice(seat, reachable, at)

    def _waited(self, event: Packet, at: datetime) -> float:
        """Asterisk's own HoldTime is whole seconds; it serves for a call that joined before we came."""
        joined = self._joined.pop(event["Uniqueid"], None)
        return (at - joined).total_seconds() if joined else float(event.get("HoldTime", 0))

    def _talks(self, leg: str, call: str, seat: str, at: datetime) -> Words:
        if call and seat and seat != TRUNK:
            self._legs[leg] = (call, seat)
            yield SeatConnected(call, seat, "", 0.0, at)


def snapshot(queues: Iterable[Packet], channels: Sequence[Packet], at: datetime) -> QueueSnapshot:
    """From the lists `QueueStatus` and `CoreShowChannels`."""
    waiting: dict[str, list[CallWaiting]] = {}
    members: dict[str, dict[str, str]] = {}
    for event in queues:
        match event.get("Event"):
            case "QueueParams":
                waiting.setdefault(_queue(event), [])
                members.setdefault(_queue(event), {})
            case "QueueMember":
                seats = members.setdefault(_queue(event), {})
                seats[seat_of(event.get("Location", ""))] = _pause_reason(event)
            case "QueueEntry":
                waiting.setdefault(_queue(event), []).append(_entry(event, at))
    in_order = {
        queue: tuple(sorted(calls, key=lambda call: call.position)) for queue, calls in waiting.items()
    }
    return QueueSnapshot(in_order, members, talking(channels), at, callers(channels))


def talking(channels: Iterable[Packet]) -> dict[str, str]:
    """Seat -> call id, of every seat whose channel is in a bridge."""
    bridged = (channel for channel in channels if channel.get("BridgeId"))
    owners = ((channel_owner(channel.get("Channel", "")), channel["Linkedid"]) for channel in bridged)
    return {seat: call for seat, call in owners if seat and seat != TRUNK}


def callers(channels: Iterable[Packet]) -> dict[str, str]:
    """Call id -> number, of every call whose first channel is the trunk's."""
    first = (channel for channel in channels if channel.get("Uniqueid") == channel.get("Linkedid"))
    return {
        channel["Uniqueid"]: number_of(channel)
        for channel in first
        if channel_owner(channel.get("Channel", "")) == TRUNK
    }


def devices(endpoints: Iterable[Packet], at: datetime) -> tuple[SeatDevice, ...]:
    """Which seats have a telephone now, from the list `PJSIPShowEndpoints`."""
    seats = (endpoint for endpoint in endpoints if endpoint.get("ObjectName", TRUNK) != TRUNK)
    return tuple(
        SeatDevice(seat["ObjectName"], seat.get("DeviceState") != "Unavailable", at) for seat in seats
    )


def _entry(event: Packet, at: datetime) -> CallWaiting:
    since = at - timedelta(seconds=int(event.get("Wait", 0)))
    return CallWaiting(
        event["Uniqueid"], _queue(event), int(event.get("Position", 0)), number_of(event), since
    )


def _pause_reason(event: Packet) -> str:
    if event.get("Paused") != "1":
        return ""
    return event.get("PausedReason") or "paused"


def _queue(event: Packet) -> str:
    return from_asterisk(event.get("Queue", ""))


def seat_of(interface: str) -> str:
    """`PJSIP/1027` -> `1027`."""
    return interface.removeprefix(TECHNOLOGY)


def channel_owner(channel: str) -> str:
    """`PJSIP/1027-0000001a` -> `1027`; '' for a channel that is no telephone (Local)."""
    if not channel.startswith(TECHNOLOGY):
        return ""
    return channel.removeprefix(TECHNOLOGY).rpartition("-")[0]


def number_of(event: Packet) -> str:
    number = event.get("CallerIDNum", "")
    return "" if number in NOBODY else number


def time_of(event: Packet, now: Callable[[], datetime]) -> datetime:
    """`Timestamp` is seconds with microseconds (manager.conf, timestampevents)."""
    stamp = event.get("Timestamp")
    return datetime.fromtimestamp(float(stamp), UTC) if stamp else now()
