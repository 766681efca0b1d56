"""The transactional outbox: the relay's side, and where a provider's answer meets its receipt.

Exactly once inside: one row per recipient, claimed with a lease and committed as `sending` before
anything goes on the wire. A receipt may overtake the answer: both upsert the one `delivery` row of
their provider reference, and whoever sees both halves settles the message.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from callcenter.db import tables
from callcenter.db.repositories.base import Repository
from callcenter.domain.messages import (
    TERMINAL,
    DeliveryState,
    Outbound,
    Outcome,
    Receipt,
    SendResult,
)
from callcenter.domain.records import OutboxMessage

OUT, D = tables.outbox.c, tables.delivery.c
_WORST_FIRST = (DeliveryState.FAILED, DeliveryState.EXPIRED)


class SqlOutbox:
    """Implements `callcenter.ports.Outbox`."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def claim(
        self, channels: Sequence[str], limit: int, now: datetime, lease: timedelta
    ) -> Sequence[Outbound]:
        """Lease due rows of these channels; they are committed as `sending` when this returns."""
        async with self._sessions() as session, session.begin():
            wanted = (
                select(OutboxMessage)
                .where(
                    OUT.state == DeliveryState.QUEUED,
                    OUT.next_at <= now,
                    OUT.channel.in_(channels),
                )
                .order_by(OUT.next_at, OUT.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            rows = (await session.scalars(wanted)).all()
            for row in rows:
                row.state, row.lease_until = DeliveryState.SENDING, now + lease
                row.attempts += 1
            return [Outbound(row.id, row.channel, row.to, row.text, row.purpose) for row in rows]

    async def settle(self, message_id: str, result: SendResult, now: datetime) -> None:
        """Record what the peer said, other than RETRY, which is `retry`."""
        async with self._sessions() as session, session.begin():
            row = await session.get(OutboxMessage, message_id, with_for_update=True)
            if row is None or row.state in TERMINAL:
                return
            row.last_code, row.lease_until = result.code, None
            if result.outcome is Outcome.ACCEPTED:
                row.state, row.settled_at = DeliveryState.ACCEPTED, now
                await _note_answer(session, row, result.provider_refs)
            elif result.outcome is Outcome.REJECTED:
                row.state, row.settled_at = DeliveryState.FAILED, now
            else:
                row.state, row.settled_at = DeliveryState.UNKNOWN, now

    async def retry(self, message_id: str, at: datetime, code: str, *, burn: bool) -> None:
        """Back into the queue for `at`. `burn` False: the fault was the link's, not the message's."""
        async with self._sessions() as session, session.begin():
            attempts = OUT.attempts if burn else OUT.attempts - 1
            await session.execute(
                update(tables.outbox)
                .where(OUT.id == message_id, OUT.state == DeliveryState.SENDING)
                .values(
                    state=DeliveryState.QUEUED,
                    next_at=at,
                    last_code=code,
                    lease_until=None,
                    attempts=attempts,
                )
            )


async def settle_receipt(session: AsyncSession, receipt: Receipt, now: datetime) -> OutboxMessage | None:
    """Store the receipt; returns the message when it is known already. Terminal states are sticky."""
    insert = Repository(session).insert(tables.delivery)
    upsert = insert.values(
        channel=receipt.channel,
        provider_ref=receipt.provider_ref,
        outbox_id="",
        part=0,
        state=receipt.state,
        code=receipt.code,
        at=receipt.at or now,
    )
    sticky = D.state.in_([state.value for state in TERMINAL])
    upsert = upsert.on_conflict_do_update(
        index_elements=["channel", "provider_ref"],
        set_={
            "state": case((sticky, D.state), else_=upsert.excluded.state),
            "code": case((sticky, D.code), else_=upsert.excluded.code),
            "at": case((sticky, D.at), else_=upsert.excluded.at),
        },
    )
    outbox_id = await session.scalar(upsert.returning(D.outbox_id))
    if not outbox_id:
        return None
    row = await session.get(OutboxMessage, outbox_id, with_for_update=True)
    if row is not None:
        await _sum_up(session, row, now)
    return row


async def _note_answer(session: AsyncSession, row: OutboxMessage, refs: Sequence[str]) -> None:
    for part, ref in enumerate(refs):
        insert = Repository(session).insert(tables.delivery)
        upsert = insert.values(
            channel=row.channel,
            provider_ref=ref,
            outbox_id=row.id,
            part=part,
            state=DeliveryState.ACCEPTED,
            code="",
        )
        await session.execute(
            upsert.on_conflict_do_update(
                index_elements=["channel", "provider_ref"],
                set_={"outbox_id": row.id, "part": part},
            )
        )
    assert row.settled_at is not None  # the caller settled it in the same breath
    await _sum_up(session, row, row.settled_at)


async def _sum_up(session: AsyncSession, row: OutboxMessage, now: datetime) -> None:
    """State of a message is the worst of its parts; delivered only when every part is."""
    if row.state in TERMINAL:
        return
    states = set((await session.scalars(select(D.state).where(D.outbox_id == row.id))).all())
    for state in _WORST_FIRST:
        if state in states:
            row.state, row.settled_at = state, now
            return
    if states == {DeliveryState.DELIVERED}:
        row.state, row.settled_at = DeliveryState.DELIVERED, now


async def expire_leases(sessions: async_sessionmaker[AsyncSession], now: datetime) -> Sequence[str]:
    """Rows whose relay died between the wire and the books: nobody knows, so they say `unknown`."""
    async with sessions() as session, session.begin():
        expired = (
            update(tables.outbox)
            .where(OUT.state == DeliveryState.SENDING, or_(OUT.lease_until.is_(None), OUT.lease_until < now))
            .values(state=DeliveryState.UNKNOWN, lease_until=None, settled_at=now)
            .returning(OUT.id)
        )
        return (await session.scalars(expired)).all()
