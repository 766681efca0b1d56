"""The outboxes that the contract is held against, and what every test of it does."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from callcenter.db import mapping  # noqa: F401  # maps the domain classes
from callcenter.db.deliveries import settle_receipts
from callcenter.db.engine import open_engine, session_factory
from callcenter.db.fragments import SqlFragments
from callcenter.db.outbox import SqlOutbox
from callcenter.db.tables import metadata
from callcenter.domain.messages import (
    Attempt,
    DeliveryState,
    Outbound,
    Outcome,
    Purpose,
    Receipt,
    SendResult,
    Settlement,
)
from callcenter.domain.records import OutboxMessage
from tests.messaging.fake_outbox import FakeFragments, FakeOutbox, outbound

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
LEASE = timedelta(minutes=3)
LATER = NOON + timedelta(minutes=10)
TAKEN = SendResult(Outcome.ACCEPTED)
BOTH = {0: "a1", 1: "a2"}
IN_DOUBT = SendResult(Outcome.UNKNOWN, code="no_answer")


class InMemory:
    def __init__(self) -> None:
        self.outbox, self.fragments = FakeOutbox(), FakeFragments()

    async def put(self, key: str, due: datetime = NOON, channel: str = "sms") -> None:
        self.outbox.put(replace(outbound(key), channel=channel), due)

    async def state(self, key: str) -> DeliveryState:
        return self.outbox.rows[key].state


class InDatabase:
    def __init__(self, sessions) -> None:
        self.sessions = sessions
        self.outbox, self.fragments = SqlOutbox(sessions), SqlFragments(sessions)

    async def put(self, key: str, due: datetime = NOON, channel: str = "sms") -> None:
        async with self.sessions() as session, session.begin():
            row = OutboxMessage(key, channel, "13800000001", "您好", Purpose.REPLY, "accepted", NOON, due)
            session.add(row)

    async def state(self, key: str) -> DeliveryState:
        async with self.sessions() as session, session.begin():
            return (await session.get(OutboxMessage, key)).state

    async def receipt(self, ref: str, state: DeliveryState, recipient: str = "") -> None:
        async with self.sessions() as session, session.begin():
            connection = await session.connection()
            receipt = Receipt("mobile", ref, state, recipient=recipient)
            await connection.run_sync(settle_receipts, [receipt], NOON)


async def in_database(request, tmp_path) -> AsyncIterator[InDatabase]:
    url = f"sqlite+aiosqlite:///{tmp_path}/books.sqlite"
    engine = open_engine(
        request.getfixturevalue("fresh_postgres_url") if request.param == "postgres" else url
    )
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield InDatabase(session_factory(engine))
    await engine.dispose()


async def claimed(books, now: datetime = NOON, limit: int = 10, medium: str = "sms") -> list[str]:
    return [one.message.id for one in await books.outbox.claim(medium, "mobile", limit, now, LEASE)]


async def the_claimed(books, now: datetime) -> Outbound:
    (one,) = await books.outbox.claim("sms", "mobile", 1, now, LEASE)
    return one.message


async def settle(books, key, result, again_at=None, *, refs=None, parts=1, at=NOON, resent=False) -> None:
    message = replace(outbound(key), account="mobile", resent=resent)
    attempt = Attempt(message, result, parts, refs or {})
    await books.outbox.settle([Settlement(attempt, again_at)], at)
