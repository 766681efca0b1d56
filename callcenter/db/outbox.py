"""The transactional outbox: the relay's side, and where a provider's answer meets its receipt.

Exactly once inside: one row per recipient, claimed with a lease and committed as `sending` before
anything goes on the wire. A receipt may overtake the answer: both upsert the one `delivery` row of
their provider reference, and whoever sees both halves settles the message.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from callcenter.db import message_tables
from callcenter.db.repository import Repository
from callcenter.domain.messages import (
    TERMINAL,
    DeliveryState,
    Outbound,
    Outcome,
    Receipt,
    SendResult,
)
from callcenter.domain.records import OutboxMessage

OUT, D = message_tables.outbox.c, message_tables.delivery.c
_WORST_FIRST = (DeliveryState.FAILED, DeliveryState.EXPIRED)
_DUE = (DeliveryState.QUEUED, DeliveryState.UNKNOWN)
# sent, perhaps taken, and the answer not here: a receipt may still tell
_OPEN = (DeliveryState.UNKNOWN, DeliveryState.SENDING)
_AFTER = {
    Outcome.ACCEPTED: DeliveryState.ACCEPTED,
    Outcome.REJECTED: DeliveryState.FAILED,
    Outcome.UNKNOWN: DeliveryState.UNKNOWN,
}


def _outbound(row: OutboxMessage) -> Outbound:
    return Outbound(
        id=row.id,
        channel=row.channel,
        to=row.to,
        text=row.text,
        purpose=row.purpose,
        attempt=row.attempts + 1,
        resent=row.resent,
    )


class SqlOutbox:
    """Implements `callcenter.ports.Outbox`."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def claim(self, channel: str, limit: int, now: datetime, lease: timedelta) -> Sequence[Outbound]:
        due = (OUT.state.in_(_DUE), OUT.next_at <= now)
        async with self._sessions() as session, session.begin():
            rows = await _locked(session, channel, limit, *due)
            for row in rows:
                row.state, row.lease_until = DeliveryState.SENDING, now + lease
            return [_outbound(row) for row in rows]

    async def expired(self, channel: str, now: datetime) -> Sequence[Outbound]:
        dead = (OUT.state == DeliveryState.SENDING, or_(OUT.lease_until.is_(None), OUT.lease_until < now))
        async with self._sessions() as session, session.begin():
            return [_outbound(row) for row in await _locked(session, channel, 500, *dead)]

    async def settle(
        self, message_id: str, result: SendResult, now: datetime, again_at: datetime | None
    ) -> None:
        """Delivery rows are locked before their message, as by receipts: else the two wait for each other."""
        async with self._sessions() as session, session.begin():
            row = await session.get(OutboxMessage, message_id)
            if row is None:
                return
            if not row.resent and result.outcome is not Outcome.UNKNOWN:
                await _release(session, row, result.provider_refs)
            await _note_refs(session, row, result.provider_refs)
            await session.refresh(row, with_for_update=True)
            if row.state in TERMINAL:
                return
            row.attempts += 1
            row.last_code, row.lease_until, row.next_at = result.code, None, again_at
            row.state = _AFTER.get(result.outcome) or _retried(again_at)
            row.parts = result.parts
            row.resent = row.resent or result.outcome is Outcome.UNKNOWN
            row.settled_at = None if row.state is DeliveryState.QUEUED else now
            await _sum_up(session, row, now)

    async def defer(self, message_ids: Sequence[str], until: datetime) -> None:
        mine = (OUT.id.in_(message_ids), OUT.state == DeliveryState.SENDING)
        back: Mapping[str, Any] = {
            # a message that ended unknown before stays so: it is not new to the citizen
            "state": case((OUT.resent, DeliveryState.UNKNOWN), else_=DeliveryState.QUEUED),
            "next_at": until,
            "lease_until": None,
        }
        async with self._sessions() as session, session.begin():
            await session.execute(update(message_tables.outbox).where(*mine).values(**back))


async def _locked(
    session: AsyncSession, channel: str, limit: int, *conditions: ColumnElement[bool]
) -> Sequence[OutboxMessage]:
    wanted = select(OutboxMessage).where(OUT.channel == channel, *conditions)
    wanted = wanted.order_by(OUT.next_at, OUT.id).limit(limit).with_for_update(skip_locked=True)
    return (await session.scalars(wanted)).all()


def _retried(again_at: datetime | None) -> DeliveryState:
    return DeliveryState.FAILED if again_at is None else DeliveryState.QUEUED


async def _release(session: AsyncSession, row: OutboxMessage, refs: Sequence[str]) -> None:
    """Never in doubt and now its parts are known: what it adopted beside them was not its own."""
    others = (D.outbox_id == row.id, D.provider_ref.not_in(refs))
    await session.execute(update(message_tables.delivery).where(*others).values(outbox_id=""))


async def _note_refs(session: AsyncSession, row: OutboxMessage, refs: Sequence[str]) -> None:
    for part, ref in enumerate(refs):
        values = {"outbox_id": row.id, "part": part}
        insert = (
            Repository(session)
            .insert(message_tables.delivery)
            .values(channel=row.channel, provider_ref=ref, state=DeliveryState.ACCEPTED, code="", **values)
        )
        await session.execute(
            insert.on_conflict_do_update(index_elements=["channel", "provider_ref"], set_=values)
        )


async def settle_receipt(session: AsyncSession, receipt: Receipt, now: datetime) -> OutboxMessage | None:
    """Store the receipt; returns the message when it is known already. Terminal states are sticky."""
    known = await _upsert_receipt(session, receipt, now)
    outbox_id = known or await _in_doubt(session, receipt)
    row = await session.get(OutboxMessage, outbox_id, with_for_update=True) if outbox_id else None
    if row is None or (not known and row.state not in _OPEN):
        return None
    if not known:
        mine = (D.channel == receipt.channel, D.provider_ref == receipt.provider_ref)
        await session.execute(update(message_tables.delivery).where(*mine).values(outbox_id=row.id))
    await _sum_up(session, row, now)
    return row


async def _in_doubt(session: AsyncSession, receipt: Receipt) -> str:
    """The answer with the id never came, or not yet: the one message to this recipient whose fate is open is
    meant. Whether it was, the answer may still show.
    """
    if not receipt.recipient:
        return ""
    doubtful = select(OUT.id).where(
        OUT.channel == receipt.channel, OUT.to == receipt.recipient, OUT.state.in_(_OPEN)
    )
    found = (await session.scalars(doubtful.limit(2))).all()
    return str(found[0]) if len(found) == 1 else ""


async def _upsert_receipt(session: AsyncSession, receipt: Receipt, now: datetime) -> str:
    """Id of the message that the reference belongs to, '' as long as none is known."""
    insert = (
        Repository(session)
        .insert(message_tables.delivery)
        .values(
            channel=receipt.channel,
            provider_ref=receipt.provider_ref,
            outbox_id="",
            part=0,
            state=receipt.state,
            code=receipt.code,
            at=receipt.at or now,
        )
    )
    sticky = D.state.in_(TERMINAL)
    kept = {name: case((sticky, D[name]), else_=insert.excluded[name]) for name in ("state", "code", "at")}
    insert = insert.on_conflict_do_update(index_elements=["channel", "provider_ref"], set_=kept)
    known: str = (await session.scalars(insert.returning(D.outbox_id))).one()
    return known


async def _sum_up(session: AsyncSession, row: OutboxMessage, now: datetime) -> None:
    """State of a message is the worst of its parts; delivered only when every part is, in whichever try.
    While it is being sent, nobody knows how many parts it has: the end of the try sums up.
    """
    if row.state in TERMINAL or row.state is DeliveryState.SENDING:
        return
    known = (await session.execute(select(D.part, D.state).where(D.outbox_id == row.id))).all()
    states = {state for _, state in known}
    ended = next((state for state in _WORST_FIRST if state in states), None)
    arrived = {part for part, state in known if state is DeliveryState.DELIVERED}
    if ended is None and len(arrived) >= row.parts:
        ended = DeliveryState.DELIVERED
    if ended is not None:
        row.state, row.settled_at, row.next_at = ended, now, None
