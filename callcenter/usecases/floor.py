"""The live picture of the queues, from Asterisk's events. Lost with the process, rebuilt on connect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from callcenter.domain.telephony import CallWaiting, QueueSnapshot

QUEUE_LABELS = {"general": "综合受理", "business": "涉企专席", "dialect": "方言专席"}


@dataclass
class Floor:
    """Who waits where since when, and which softphones answer."""

    waiting: dict[str, CallWaiting] = field(default_factory=dict)
    unreachable_since: dict[str, datetime] = field(default_factory=dict)

    def joined(self, waiting: CallWaiting) -> None:
        self.waiting[waiting.call_id] = waiting

    def left(self, call_id: str) -> bool:
        return self.waiting.pop(call_id, None) is not None

    def reset(self, snapshot: QueueSnapshot) -> None:
        """Keep the time of arrival of those who are still there: a reconnect does not restart a wait."""
        now_waiting = [call for calls in snapshot.waiting.values() for call in calls]
        self.waiting = {call.call_id: self.waiting.get(call.call_id, call) for call in now_waiting}

    def waits(self, queue: str, now: datetime) -> list[float]:
        """Seconds each citizen of the queue has waited, longest first."""
        times = [(now - call.at).total_seconds() for call in self.waiting.values() if call.queue == queue]
        return sorted((max(wait, 0.0) for wait in times), reverse=True)


def queue_names(staff_queues: Iterable[Mapping[str, int]]) -> list[str]:
    """Queues in the order of their labels, then any other that somebody is a member of."""
    others = {name for queues in staff_queues for name in queues} - set(QUEUE_LABELS)
    return [*QUEUE_LABELS, *sorted(others)]
