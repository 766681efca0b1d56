"""Live events to browsers: a ring of the newest ones, replayed after a break by `Last-Event-ID`.

Ids are '<start of this process>-<number>'. An id of another start, or one that has left the ring,
means that something was missed: the browser is told `reset` and fetches everything anew.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

RING = 5_000
SUBSCRIBER_BACKLOG = 500


@dataclass(frozen=True, slots=True)
class _Event:
    number: int
    audience: str
    kind: str
    data: str


class LiveHub:
    """Implements `callcenter.ports.LiveEvents` within one process."""

    def __init__(self, start: str) -> None:
        self._start = start
        self._number = 0
        self._ring: deque[_Event] = deque(maxlen=RING)
        self._subscribers: dict[asyncio.Queue[_Event | None], frozenset[str]] = {}

    def publish(self, audience: str, kind: str, data: Mapping[str, Any]) -> None:
        self._number += 1
        event = _Event(self._number, audience, kind, json.dumps(data, ensure_ascii=False))
        self._ring.append(event)
        for queue, audiences in list(self._subscribers.items()):
            if audience in audiences:
                self._offer(queue, event)

    def _offer(self, queue: asyncio.Queue[_Event | None], event: _Event) -> None:
        """A browser that does not read is dropped, not waited for; it comes back and is replayed."""
        if queue.qsize() >= SUBSCRIBER_BACKLOG:
            self._subscribers.pop(queue, None)
            queue.put_nowait(None)
        else:
            queue.put_nowait(event)

    async def subscribe(self, audiences: frozenset[str], last_id: str) -> AsyncIterator[Mapping[str, Any]]:
        queue: asyncio.Queue[_Event | None] = asyncio.Queue()
        missed = self._since(last_id)
        self._subscribers[queue] = audiences
        try:
            if missed is None:
                yield {"id": f"{self._start}-{self._number}", "event": "reset", "data": "{}"}
            for event in missed or ():
                if event.audience in audiences:
                    yield self._told(event)
            while (fresh := await queue.get()) is not None:
                yield self._told(fresh)
        finally:
            self._subscribers.pop(queue, None)

    def _told(self, event: _Event) -> Mapping[str, Any]:
        return {"id": f"{self._start}-{event.number}", "event": event.kind, "data": event.data}

    def _since(self, last_id: str) -> list[_Event] | None:
        """Events after `last_id`; None when that cannot be said."""
        start, _, number = last_id.rpartition("-")
        if start != self._start or not number.isdigit() or int(number) > self._number:
            return None
        wanted = int(number)
        oldest = self._ring[0].number if self._ring else self._number + 1
        if wanted < oldest - 1:
            return None
        return [event for event in self._ring if event.number > wanted]

    def close(self) -> None:
        """End all streams, so that the server can stop."""
        for queue in list(self._subscribers):
            queue.put_nowait(None)
