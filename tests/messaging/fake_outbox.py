"""Outbox, inbox and parts in memory, for tests of whatever speaks to them. Not a substitute for the
database: the contract suite runs on both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from callcenter.domain.messages import (
    TERMINAL,
    DeliveryState,
    Fragment,
    FragmentSeries,
    Inbound,
    Outbound,
    Outcome,
    Purpose,
    Receipt,
    Settlement,
)
from callcenter.ports import Claimed

SETTLED = {
    Outcome.ACCEPTED: DeliveryState.ACCEPTED,
    Outcome.REJECTED: DeliveryState.FAILED,
    Outcome.UNKNOWN: DeliveryState.UNKNOWN,
}


@dataclass
class Row:
    message: Outbound
    next_at: datetime | None
    state: DeliveryState = DeliveryState.QUEUED
    lease_until: datetime | None = None
    refs: dict[int, str] = field(default_factory=dict)  # part -> id
    codes: list[str] = field(default_factory=list)
    opted_out: bool = False
    named: str = ""  # the one account that may carry it
    parts: int = 1


class FakeOutbox:
    """`rows` by message id, for assertions; `broken` makes every method raise, like a database away."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.batches: list[int] = []  # how many were settled at a time
        self.broken = False

    def put(self, message: Outbound, due: datetime) -> None:
        self.rows[message.id] = Row(message, due)

    async def claim(
        self, medium: str, account: str, limit: int, now: datetime, lease: timedelta, *, shared: bool = True
    ) -> Sequence[Claimed]:
        self._check()
        names = {"", account} if shared else {account}
        waiting = {DeliveryState.QUEUED, DeliveryState.UNKNOWN}
        due = [
            row
            for row in self.rows.values()
            if row.message.channel == medium
            and row.named in names
            and row.state in waiting
            and row.next_at
            and row.next_at <= now
        ]
        due.sort(key=lambda row: row.message.id)
        for row in due[:limit]:
            row.state, row.lease_until = DeliveryState.SENDING, now + lease
            taken = frozenset(row.refs)
            row.message = replace(row.message, account=account, bound=bool(row.named), taken=taken)
        return [Claimed(row.message, opted_out=row.opted_out) for row in due[:limit]]

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> None:
        self._check()
        self.batches.append(len(settlements))
        for one in settlements:
            self._settle(one)

    def _settle(self, one: Settlement) -> None:
        result, row = one.attempt.result, self.rows[one.attempt.message.id]
        row.refs |= one.attempt.refs
        row.parts = one.attempt.parts
        row.codes.append(result.code)
        row.lease_until, row.next_at = None, one.again_at
        resent = row.message.resent or result.outcome is Outcome.UNKNOWN
        row.message = replace(row.message, attempt=row.message.attempt + one.counts, resent=resent)
        if row.state in TERMINAL:
            row.next_at = None
        elif result.outcome is Outcome.RETRY:
            row.state = DeliveryState.QUEUED if one.again_at else DeliveryState.FAILED
        else:
            row.state = SETTLED[result.outcome]

    async def defer(self, message_ids: Sequence[str], until: datetime) -> None:
        self._check()
        for message_id in message_ids:
            row = self.rows[message_id]
            row.state = DeliveryState.UNKNOWN if row.message.resent else DeliveryState.QUEUED
            row.lease_until, row.next_at = None, until

    async def hand_over(self, message_id: str, account: str) -> None:
        row = self.rows[message_id]
        row.state, row.lease_until, row.named = DeliveryState.QUEUED, None, account
        row.next_at = datetime.min.replace(tzinfo=UTC)

    async def expired(self, medium: str, now: datetime) -> Sequence[Outbound]:
        self._check()
        return [
            row.message
            for row in self.rows.values()
            if row.message.channel == medium
            and row.state is DeliveryState.SENDING
            and row.lease_until is not None
            and row.lease_until <= now
        ]

    def _check(self) -> None:
        if self.broken:
            raise ConnectionError("database away")


class FakeInbox:
    """`messages` once per key; `deliveries` counts every call. `broken` = nothing can be stored."""

    def __init__(self) -> None:
        self.messages: dict[str, Inbound] = {}
        self.deliveries: list[str] = []
        self.receipts: list[Receipt] = []
        self.broken = False

    async def accept(self, message: Inbound) -> bool:
        self._check()
        self.deliveries.append(message.event_key)
        fresh = message.event_key not in self.messages
        self.messages.setdefault(message.event_key, message)
        return fresh

    async def receipt(self, receipt: Receipt) -> None:
        self._check()
        self.receipts.append(receipt)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages.values()]

    def _check(self) -> None:
        if self.broken:
            raise ConnectionError("database away")


class FakeFragments:
    def __init__(self) -> None:
        self.series: dict[FragmentSeries, dict[int, Fragment]] = {}

    async def add(self, fragment: Fragment) -> Sequence[Fragment]:
        parts = self.series.setdefault(fragment.series, {})
        parts[fragment.number] = fragment
        return list(parts.values())

    async def overdue(self, account: str, before: datetime) -> Sequence[Sequence[Fragment]]:
        return [
            list(parts.values())
            for series, parts in self.series.items()
            if series.account == account and max(part.received_at for part in parts.values()) < before
        ]

    async def forget(self, series: FragmentSeries) -> None:
        self.series.pop(series, None)


class ManualClock:
    """Time that moves when told to."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def tick(self, **delta: float) -> None:
        self.time += timedelta(**delta)


def outbound(
    key: str = "m1", text: str = "您好", purpose: Purpose = Purpose.REPLY, to: str = "13800000001"
) -> Outbound:
    return Outbound(id=key, channel="sms", to=to, text=text, purpose=purpose)
