"""Outbox, inbox, delivery reports as the core sees them; the relay's side is `callcenter.db.outbox`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from callcenter.db import message_tables
from callcenter.db.outbox import settle_receipt
from callcenter.db.repository import Repository
from callcenter.domain.messages import Receipt
from callcenter.domain.records import InboxMessage, OutboxMessage

OUT, IN = message_tables.outbox.c, message_tables.inbox.c


class MessageRepository(Repository):
    def send(self, message: OutboxMessage) -> None:
        self._session.add(message)

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

    async def receive(self, message: InboxMessage) -> bool:
        values = {
            "id": message.id,
            "channel": message.channel,
            "event_key": message.event_key,
            "sender": message.sender,
            "text": message.text,
            "received_at": message.received_at,
            "to": message.to,
        }
        return await self._insert_once(message_tables.inbox, values, on=["channel", "event_key"])

    async def unprocessed(self, limit: int, attempts: int) -> Sequence[InboxMessage]:
        wanted = select(InboxMessage).where(IN.processed_at.is_(None), IN.attempts < attempts)
        return await self._all(wanted.order_by(IN.received_at, IN.id).limit(limit))

    async def received(self, message_id: str) -> InboxMessage | None:
        return await self._session.get(InboxMessage, message_id, with_for_update=True)

    async def settle_receipt(self, receipt: Receipt, now: datetime) -> OutboxMessage | None:
        return await settle_receipt(self._session, receipt, now)
