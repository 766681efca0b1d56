"""Outbox, inbox, delivery reports as the core sees them; the relay's side is `callcenter.db.outbox`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from callcenter.db import message_tables
from callcenter.db.deliveries import settle_receipts
from callcenter.db.repository import Repository
from callcenter.domain.messages import DeliveryState, Receipt, Settled
from callcenter.domain.records import InboxMessage, OutboxMessage

OUT, IN, D = message_tables.outbox.c, message_tables.inbox.c, message_tables.delivery.c
LOST = (DeliveryState.FAILED, DeliveryState.EXPIRED)


class MessageRepository(Repository):
    def send(self, message: OutboxMessage) -> None:
        self._session.add(message)

    async def sent(self, message_id: str) -> OutboxMessage | None:
        return await self._session.get(OutboxMessage, message_id)

    async def by_client_key(self, client_key: str) -> OutboxMessage | None:
        return await self._by(OutboxMessage, OUT.client_key == client_key)

    async def sent_to(self, number: str, limit: int) -> Sequence[OutboxMessage]:
        wanted = select(OutboxMessage).where(OUT.to == number)
        return await self._all(wanted.order_by(OUT.created_at.desc()).limit(limit))

    async def received_from(self, number: str, limit: int) -> Sequence[InboxMessage]:
        wanted = select(InboxMessage).where(IN.sender == number)
        return await self._all(wanted.order_by(IN.received_at.desc()).limit(limit))

    async def sent_for_case(self, case_id: str) -> Sequence[OutboxMessage]:
        return await self._all(select(OutboxMessage).where(OUT.case_id == case_id).order_by(OUT.created_at))

    async def received_for_case(self, case_id: str) -> Sequence[InboxMessage]:
        return await self._all(select(InboxMessage).where(IN.case_id == case_id).order_by(IN.received_at))

    async def sent_in(self, conversation_id: str, limit: int) -> Sequence[OutboxMessage]:
        wanted = select(OutboxMessage).where(OUT.conversation_id == conversation_id)
        return await self._all(wanted.order_by(OUT.created_at.desc(), OUT.id.desc()).limit(limit))

    async def received_in(self, conversation_id: str, limit: int) -> Sequence[InboxMessage]:
        wanted = select(InboxMessage).where(IN.conversation_id == conversation_id)
        return await self._all(wanted.order_by(IN.received_at.desc(), IN.id.desc()).limit(limit))

    async def answered_by(self, account: str, provider_refs: Sequence[str]) -> OutboxMessage | None:
        mine = (D.account == account, D.provider_ref.in_(provider_refs), D.outbox_id == OUT.id)
        return await self._one(select(OutboxMessage).where(*mine).order_by(OUT.created_at.desc()))

    async def undelivered(self, limit: int, *, lock: bool = False) -> Sequence[OutboxMessage]:
        lost = (OUT.state.in_(LOST), OUT.attended_at.is_(None))
        wanted = select(OutboxMessage).where(*lost).order_by(OUT.created_at).limit(limit)
        return await self._all(wanted.with_for_update(skip_locked=True) if lock else wanted)

    async def lost(self, since: datetime, limit: int) -> Sequence[OutboxMessage]:
        wanted = select(OutboxMessage).where(OUT.state.in_(LOST), OUT.created_at >= since)
        return await self._all(wanted.order_by(OUT.created_at.desc()).limit(limit))

    async def backlog(self) -> Mapping[str, int]:
        waiting = OUT.next_at.is_not(None) | OUT.lease_until.is_not(None)
        counted = select(OUT.channel, func.count()).where(waiting).group_by(OUT.channel)
        return {row[0]: row[1] for row in await self._session.execute(counted)}

    async def receive(self, messages: Sequence[InboxMessage]) -> frozenset[str]:
        insert = self.insert(message_tables.inbox).on_conflict_do_nothing(
            index_elements=["account", "event_key"]
        )
        rows = [{name: getattr(message, name) for name in _RECEIVED} for message in messages]
        return frozenset(await self._session.scalars(insert.returning(IN.id), rows))

    async def unprocessed(self, limit: int, attempts: int) -> Sequence[InboxMessage]:
        wanted = select(InboxMessage).where(IN.processed_at.is_(None), IN.attempts < attempts)
        return await self._all(wanted.order_by(IN.received_at, IN.id).limit(limit))

    async def received(self, message_id: str) -> InboxMessage | None:
        return await self._session.get(InboxMessage, message_id, with_for_update=True)

    async def settle_receipts(self, receipts: Sequence[Receipt], now: datetime) -> Sequence[Settled]:
        connection = await self._session.connection()
        return await connection.run_sync(settle_receipts, receipts, now)


# what is known of a message when it arrives
_RECEIVED = (
    "id",
    "channel",
    "account",
    "event_key",
    "sender",
    "text",
    "received_at",
    "to",
    "kind",
    "lat",
    "lon",
    "label",
    "event",
    "subject",
    "answers",
    "ref",
    "sender_name",
    "sent_at",
)
