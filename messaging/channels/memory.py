"""Demo channel: takes every message and reports it delivered at once. Keeps nothing itself; the phone
simulator shows what the database holds.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from callcenter.domain.messages import DeliveryState, Outbound, Outcome, Receipt, SendResult
from callcenter.ports import Channel, Clock, Inbox
from messaging.channels import Surroundings

log = structlog.get_logger(__name__)


class MemoryChannel:
    def __init__(self, name: str, inbox: Inbox, clock: Clock) -> None:
        self.name = name
        self._inbox = inbox
        self._clock = clock
        self._receipts: set[asyncio.Task[None]] = set()

    @property
    def trouble(self) -> str:
        return ""

    async def open(self) -> None:
        """Nothing to connect to."""

    async def send(self, message: Outbound) -> SendResult:
        receipt = asyncio.create_task(self._deliver(message))
        self._receipts.add(receipt)
        receipt.add_done_callback(self._receipts.discard)
        return SendResult(Outcome.ACCEPTED, (message.id,))

    async def close(self) -> None:
        if self._receipts:
            await asyncio.wait(self._receipts)

    async def _deliver(self, message: Outbound) -> None:
        """As with a real SMSC, the receipt may overtake the answer; the inbox must stand that."""
        now = self._clock.now()
        receipt = Receipt(self.name, message.id, DeliveryState.DELIVERED, at=now, recipient=message.to)
        try:
            await self._inbox.receipt(receipt)
        except Exception:
            log.exception("demo_receipt_failed", channel=self.name)


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    if options:
        raise ValueError(f"channel {name!r}: the demo channel has no options")
    return MemoryChannel(name, around.inbox, around.clock)
