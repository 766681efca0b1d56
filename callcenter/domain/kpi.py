"""Queue metrics as pure functions over recorded queue events (formulas of domain notes 3.4).

A call that comes back into the queue (the seat's line died) keeps its first entry and its first
answer: the citizen waited once. Every figure can name the calls behind it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from callcenter.domain.telephony import QueueLogEntry

SERVICE_LEVEL_S = 15.0  # GB/T 33358-2016: answered within fifteen seconds
SHORT_ABANDON_S = 5.0  # hang-ups before this may be left out, both figures are shown
WRAP_UP_REASON = "wrapup"
_COMPLETE = frozenset({"COMPLETECALLER", "COMPLETEAGENT"})
# where the talk time stands in the data of each ending
_TALK_FIELD = {"COMPLETECALLER": 1, "COMPLETEAGENT": 1, "BLINDTRANSFER": 3, "ATTENDEDTRANSFER": 3}


@dataclass
class QueuedCall:
    """One citizen's wait and what came of it, put together from the log."""

    call_id: str
    queue: str
    entered_at: datetime
    seat: str = ""
    waited_s: float | None = None
    answered: bool = False
    abandoned: bool = False
    timed_out: bool = False
    talk_s: float | None = None
    acw_s: float | None = None


@dataclass
class Books:
    """Queued calls in order of arrival, and wrap-up times per seat."""

    calls: dict[str, QueuedCall] = field(default_factory=dict)
    _wrapping: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _last_call: dict[str, str] = field(default_factory=dict)

    def read(self, entry: QueueLogEntry) -> None:
        handler = _READERS.get(entry.event)
        if handler is not None:
            handler(self, entry)

    def enter(self, entry: QueueLogEntry) -> None:
        self.calls.setdefault(entry.call_id, QueuedCall(entry.call_id, entry.queue, entry.at))

    def connect(self, entry: QueueLogEntry) -> None:
        call = self.calls.get(entry.call_id)
        self._last_call[entry.seat] = entry.call_id
        if call is None or call.answered:
            return
        call.answered, call.abandoned, call.seat = True, False, entry.seat
        call.waited_s = _number(entry, 0)

    def complete(self, entry: QueueLogEntry) -> None:
        call = self.calls.get(entry.call_id)
        if call is not None and call.answered:
            call.talk_s = (call.talk_s or 0.0) + _number(entry, _TALK_FIELD[entry.event])

    def abandon(self, entry: QueueLogEntry) -> None:
        call = self.calls.get(entry.call_id)
        if call is not None and not call.answered:
            call.abandoned, call.waited_s = True, _number(entry, 2)

    def time_out(self, entry: QueueLogEntry) -> None:
        call = self.calls.get(entry.call_id)
        if call is not None and not call.answered:
            # EXITWITHKEY names the key first, so its wait stands one further on
            call.timed_out, call.waited_s = True, _number(entry, 3 if entry.event == "EXITWITHKEY" else 2)

    def pause(self, entry: QueueLogEntry) -> None:
        if entry.data[:1] == (WRAP_UP_REASON,):
            call_id = self._last_call.get(entry.seat, "")
            self._wrapping.setdefault(entry.seat, (entry.at, call_id))
        else:
            self.unpause(entry)  # busy or break ends the wrap-up as well

    def unpause(self, entry: QueueLogEntry) -> None:
        begun = self._wrapping.pop(entry.seat, None)
        if begun is None:
            return
        call = self.calls.get(begun[1])
        if call is not None and call.acw_s is None:
            call.acw_s = (entry.at - begun[0]).total_seconds()


_READERS: dict[str, Callable[[Books, QueueLogEntry], None]] = {
    "ENTERQUEUE": Books.enter,
    "CONNECT": Books.connect,
    "COMPLETECALLER": Books.complete,
    "COMPLETEAGENT": Books.complete,
    "BLINDTRANSFER": Books.complete,
    "ATTENDEDTRANSFER": Books.complete,
    "ABANDON": Books.abandon,
    "EXITWITHTIMEOUT": Books.time_out,
    "EXITWITHKEY": Books.time_out,
    "PAUSE": Books.pause,
    "PAUSEALL": Books.pause,
    "UNPAUSE": Books.unpause,
    "UNPAUSEALL": Books.unpause,
    "REMOVEMEMBER": Books.unpause,
}


def _number(entry: QueueLogEntry, index: int) -> float:
    try:
        return float(entry.data[index])
    except (IndexError, ValueError):
        return 0.0


def queued_calls(entries: Iterable[QueueLogEntry]) -> list[QueuedCall]:
    """Put the calls together from log entries in the order of the log."""
    books = Books()
    for entry in entries:
        books.read(entry)
    return list(books.calls.values())


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with its parts. `value` None = nothing to measure; unit calls, ratio or s."""

    key: str
    value: float | None
    unit: str
    numerator: int | None = None
    denominator: int | None = None
    target: float | None = None


def _offered(_call: QueuedCall) -> bool:
    return True


def _answered(call: QueuedCall) -> bool:
    return call.answered


def _abandoned(call: QueuedCall) -> bool:
    return call.abandoned


def _short_abandoned(call: QueuedCall) -> bool:
    return call.abandoned and (call.waited_s or 0.0) < SHORT_ABANDON_S


def _in_time(call: QueuedCall) -> bool:
    return call.answered and call.waited_s is not None and call.waited_s <= SERVICE_LEVEL_S


def _timed_out(call: QueuedCall) -> bool:
    return call.timed_out


def _talked(call: QueuedCall) -> bool:
    return call.talk_s is not None


def _wrapped(call: QueuedCall) -> bool:
    return call.acw_s is not None


def service_levels(calls: Sequence[QueuedCall]) -> dict[str, float]:
    """Queue -> share of its calls answered within fifteen seconds."""
    offered = Counter(call.queue for call in calls)
    in_time = Counter(call.queue for call in calls if _in_time(call))
    return {queue: in_time[queue] / count for queue, count in offered.items()}


# the calls behind each figure, in the same words as the figure itself
BEHIND: dict[str, Callable[[QueuedCall], bool]] = {
    "offered": _offered,
    "answered": _answered,
    "abandoned": _abandoned,
    "abandoned_short": _short_abandoned,
    "timed_out": _timed_out,
    "connect_rate": _offered,
    "connect_rate_without_short": lambda call: not _short_abandoned(call),
    "within_15s": _in_time,
    "asa": _answered,
    "longest_wait": _offered,
    "talk": _talked,
    "acw": _wrapped,
}


def behind(key: str, calls: Iterable[QueuedCall]) -> list[QueuedCall]:
    """The calls that a figure counts. Raises KeyError for an unknown figure."""
    fits = BEHIND[key]
    return [call for call in calls if fits(call)]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def figures(calls: Sequence[QueuedCall]) -> list[Measured]:
    """All queue figures of a set of calls: one queue's, one seat's, or everybody's."""
    answered, abandoned = behind("answered", calls), behind("abandoned", calls)
    in_time = behind("within_15s", answered)
    short = behind("abandoned_short", abandoned)
    timed_out = behind("timed_out", calls)
    talks = [call.talk_s for call in answered if call.talk_s is not None]
    wraps = [call.acw_s for call in answered if call.acw_s is not None]
    waits = [call.waited_s for call in answered if call.waited_s is not None]
    all_waits = [call.waited_s for call in calls if call.waited_s is not None]
    served, offered, counted = len(answered), len(calls), len(calls) - len(short)
    return [
        Measured("offered", offered, "calls"),
        Measured("answered", served, "calls"),
        Measured("abandoned", len(abandoned), "calls"),
        Measured("abandoned_short", len(short), "calls"),
        Measured("timed_out", len(timed_out), "calls"),
        Measured("connect_rate", _ratio(served, offered), "ratio", served, offered, 0.95),
        Measured("connect_rate_without_short", _ratio(served, counted), "ratio", served, counted, 0.95),
        Measured("within_15s", _ratio(len(in_time), offered), "ratio", len(in_time), offered, 0.80),
        Measured("asa", _mean(waits), "s", None, served, 15.0),
        Measured("longest_wait", max(all_waits, default=None), "s"),
        Measured("talk", _mean(talks), "s", None, len(talks)),
        Measured("acw", _mean(wraps), "s", None, len(wraps)),
    ]
