"""What the relay relies on, held against the outbox in memory and the one in the database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.db import mapping  # noqa: F401  # maps the domain classes
from callcenter.db.engine import open_engine, session_factory
from callcenter.db.fragments import SqlFragments
from callcenter.db.deliveries import settle_receipts
from callcenter.db.outbox import SqlOutbox
from callcenter.db.tables import metadata
from callcenter.domain.contacts import OptOut
from callcenter.domain.messages import (
    Attempt,
    DeliveryState,
    Fragment,
    FragmentSeries,
    Outbound,
    Outcome,
    Purpose,
    Receipt,
    SendResult,
    Settlement,
)
from callcenter.domain.records import OutboxMessage
from callcenter.domain.sending import FilingState, TemplateFiling
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
            await settle_receipts(session, [Receipt("mobile", ref, state, recipient=recipient)], NOON)


async def in_database(request, tmp_path) -> AsyncIterator[InDatabase]:
    url = f"sqlite+aiosqlite:///{tmp_path}/books.sqlite"
    engine = open_engine(
        request.getfixturevalue("fresh_postgres_url") if request.param == "postgres" else url
    )
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield InDatabase(session_factory(engine))
    await engine.dispose()


DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=["memory", *DATABASES])
async def books(request, tmp_path) -> AsyncIterator[InMemory | InDatabase]:
    if request.param == "memory":
        yield InMemory()
    else:
        async for one in in_database(request, tmp_path):
            yield one


@pytest.fixture(params=DATABASES)
async def database(request, tmp_path) -> AsyncIterator[InDatabase]:
    async for one in in_database(request, tmp_path):
        yield one


async def claimed(books, now: datetime = NOON, limit: int = 10, medium: str = "sms") -> list[str]:
    return [one.message.id for one in await books.outbox.claim(medium, "mobile", limit, now, LEASE)]


async def the_claimed(books, now: datetime) -> Outbound:
    (one,) = await books.outbox.claim("sms", "mobile", 1, now, LEASE)
    return one.message


async def settle(books, key, result, again_at=None, *, refs=None, parts=1, at=NOON, resent=False) -> None:
    message = replace(outbound(key), account="mobile", resent=resent)
    attempt = Attempt(message, result, parts, refs or {})
    await books.outbox.settle([Settlement(attempt, again_at)], at)


async def test_due_messages_are_claimed_once_oldest_first(books):
    await books.put("m2", NOON - timedelta(seconds=1))
    await books.put("m1", NOON)
    await books.put("m3", NOON + timedelta(seconds=1))
    await books.put("m4", channel="other")
    assert await claimed(books) == ["m1", "m2"]
    assert await claimed(books) == []
    assert await books.state("m1") is DeliveryState.SENDING


async def test_no_more_are_claimed_than_asked_for(books):
    for number in range(5):
        await books.put(f"m{number}")
    assert await claimed(books, limit=2) == ["m0", "m1"]


async def test_a_first_claim_is_the_first_try(books):
    await books.put("m1")
    message = await the_claimed(books, NOON)
    assert (message.attempt, message.resent, message.to) == (1, False, "13800000001")


async def test_a_refused_message_comes_again_at_its_time_as_the_second_try(books):
    await books.put("m1")
    await claimed(books)
    await settle(books, "m1", SendResult(Outcome.RETRY, code="0x08"), LATER)
    assert await books.state("m1") is DeliveryState.QUEUED
    assert await claimed(books) == []
    message = await the_claimed(books, LATER)
    assert (message.attempt, message.resent) == (2, False)


@pytest.mark.parametrize("outcome", [Outcome.RETRY, Outcome.REJECTED])
async def test_a_refusal_without_a_next_time_is_a_failure(books, outcome):
    await books.put("m1")
    await claimed(books)
    await settle(books, "m1", SendResult(outcome), None)
    assert await books.state("m1") is DeliveryState.FAILED
    assert await claimed(books, LATER) == []


async def test_a_message_in_doubt_comes_again_marked(books):
    await books.put("m1")
    await claimed(books)
    await settle(books, "m1", IN_DOUBT, LATER)
    assert await books.state("m1") is DeliveryState.UNKNOWN
    message = await the_claimed(books, LATER)
    assert (message.attempt, message.resent) == (2, True)
    await settle(books, "m1", IN_DOUBT, None, at=LATER)
    assert await books.state("m1") is DeliveryState.UNKNOWN
    assert await claimed(books, LATER + LEASE) == []


async def test_a_deferred_message_loses_no_try(books):
    await books.put("m1")
    await claimed(books)
    await books.outbox.defer(["m1"], LATER)
    assert await books.state("m1") is DeliveryState.QUEUED
    message = await the_claimed(books, LATER)
    assert message.attempt == 1


async def test_only_a_lease_that_ran_out_is_expired(books):
    await books.put("m1")
    await books.put("m2", channel="other")
    await claimed(books)
    await claimed(books, medium="other")
    assert await books.outbox.expired("sms", NOON + LEASE - timedelta(seconds=1)) == []
    (message,) = await books.outbox.expired("sms", NOON + LEASE + timedelta(seconds=1))
    assert message.id == "m1"


def part(number: int, payload: bytes = b"x", at: datetime = NOON, reference: int = 7) -> Fragment:
    return Fragment(FragmentSeries("sms", "1", "2", reference, 3), number, 8, payload, at)


async def test_parts_gather_by_series_and_a_repeat_replaces(books):
    await books.fragments.add(part(2))
    await books.fragments.add(part(2, reference=8))
    parts = await books.fragments.add(part(2, b"y"))
    assert [(one.number, one.payload) for one in parts] == [(2, b"y")]
    parts = await books.fragments.add(part(1))
    assert sorted(one.number for one in parts) == [1, 2]


async def test_parts_stored_at_the_same_moment_find_each_other(books):
    for reference in range(10):
        seen = await asyncio.gather(*(books.fragments.add(part(n, reference=reference)) for n in (1, 2, 3)))
        assert max(len(parts) for parts in seen) == 3


async def test_a_series_is_overdue_by_its_newest_part(books):
    await books.fragments.add(part(1))
    await books.fragments.add(part(2, at=LATER))
    assert await books.fragments.overdue("sms", LATER) == []
    (parts,) = await books.fragments.overdue("sms", LATER + timedelta(seconds=1))
    assert {one.number for one in parts} == {1, 2}
    assert await books.fragments.overdue("other", LATER + LEASE) == []


async def test_what_is_forgotten_is_gone(books):
    await books.fragments.add(part(1))
    await books.fragments.forget(part(1).series)
    assert [one.number for one in await books.fragments.add(part(2))] == [2]


# ------------------------------------------------------------------- answers meet receipts


async def test_a_message_is_delivered_when_every_part_is(database):
    await database.put("m1")
    await claimed(database)
    await settle(database, "m1", TAKEN, refs=BOTH, parts=2)
    await database.receipt("a1", DeliveryState.DELIVERED)
    assert await database.state("m1") is DeliveryState.ACCEPTED
    await database.receipt("a2", DeliveryState.DELIVERED)
    assert await database.state("m1") is DeliveryState.DELIVERED


async def test_half_of_a_text_that_arrived_is_not_a_text_that_arrived(database):
    await database.put("m1")
    await claimed(database)
    await settle(database, "m1", IN_DOUBT, LATER, refs={0: "a1"}, parts=2)
    await database.receipt("a1", DeliveryState.DELIVERED)
    assert await database.state("m1") is DeliveryState.UNKNOWN


async def test_receipts_may_overtake_the_answer_and_come_twice(database):
    await database.put("m1")
    await claimed(database)
    for ref in ("a1", "a2", "a1"):
        await database.receipt(ref, DeliveryState.DELIVERED)
    await settle(database, "m1", TAKEN, refs=BOTH, parts=2)
    assert await database.state("m1") is DeliveryState.DELIVERED


async def test_one_failed_part_fails_the_message_and_stays(database):
    await database.put("m1")
    await claimed(database)
    await settle(database, "m1", TAKEN, refs=BOTH, parts=2)
    await database.receipt("a1", DeliveryState.FAILED)
    await database.receipt("a1", DeliveryState.DELIVERED)
    await database.receipt("a2", DeliveryState.DELIVERED)
    assert await database.state("m1") is DeliveryState.FAILED


async def test_a_receipt_by_recipient_clears_up_a_doubt_and_saves_the_resend(database):
    await database.put("m1")
    await claimed(database)
    await settle(database, "m1", IN_DOUBT, LATER)
    await database.receipt("zz", DeliveryState.DELIVERED, recipient="13800000001")
    assert await database.state("m1") is DeliveryState.DELIVERED
    assert await claimed(database, LATER) == []


async def test_a_receipt_that_comes_while_the_answer_is_still_waited_for_saves_the_resend(database):
    await database.put("m1")
    await claimed(database)
    await database.receipt("zz", DeliveryState.DELIVERED, recipient="13800000001")
    assert await database.state("m1") is DeliveryState.SENDING
    await settle(database, "m1", IN_DOUBT, LATER)
    assert await database.state("m1") is DeliveryState.DELIVERED
    assert await claimed(database, LATER) == []


async def test_the_receipt_of_one_part_does_not_end_a_text_that_is_still_being_sent(database):
    await database.put("m1")
    await claimed(database)
    await database.receipt("a1", DeliveryState.DELIVERED, recipient="13800000001")
    await settle(database, "m1", TAKEN, refs=BOTH, parts=2)
    assert await database.state("m1") is DeliveryState.ACCEPTED
    await database.receipt("a2", DeliveryState.DELIVERED, recipient="13800000001")
    assert await database.state("m1") is DeliveryState.DELIVERED


async def test_a_strangers_receipt_is_given_back_when_the_answer_names_another(database):
    await database.put("m1")
    await claimed(database)
    await database.receipt("stranger", DeliveryState.DELIVERED, recipient="13800000001")
    await settle(database, "m1", SendResult(Outcome.RETRY), NOON)
    await claimed(database)
    await settle(database, "m1", TAKEN, refs={0: "a1"})
    assert await database.state("m1") is DeliveryState.ACCEPTED


async def test_a_receipt_that_could_mean_two_texts_means_neither(database):
    await database.put("m1")
    await database.put("m2")
    await claimed(database)
    await database.receipt("zz", DeliveryState.DELIVERED, recipient="13800000001")
    for key in ("m1", "m2"):
        await settle(database, key, IN_DOUBT, LATER)
        assert await database.state(key) is DeliveryState.UNKNOWN


async def test_a_receipt_for_nothing_we_sent_changes_nothing(database):
    await database.put("m1")
    await database.receipt("zz", DeliveryState.DELIVERED)
    assert await database.state("m1") is DeliveryState.QUEUED


# ------------------------------------------------------------------- many at a time, and what the relay is told


async def test_a_second_claim_knows_the_parts_that_were_taken(books):
    await books.put("m1")
    await claimed(books)
    await settle(books, "m1", SendResult(Outcome.RETRY), LATER, refs={0: "a1"}, parts=2)
    assert (await the_claimed(books, LATER)).taken == frozenset({0})


async def test_a_part_that_the_peer_did_not_name_is_not_sent_again_either(database):
    await database.put("m1")
    await claimed(database)
    await settle(database, "m1", SendResult(Outcome.RETRY), LATER, refs={0: ""}, parts=2)
    assert (await the_claimed(database, LATER)).taken == frozenset({0})


async def test_a_try_that_does_not_count_leaves_the_message_fresh(books):
    await books.put("m1")
    await claimed(books)
    attempt = Attempt(replace(outbound("m1"), account="mobile"), SendResult(Outcome.RETRY))
    await books.outbox.settle([Settlement(attempt, LATER, counts=False)], NOON)
    message = await the_claimed(books, LATER)
    assert (message.attempt, message.resent) == (1, False)


async def test_a_batch_settles_each_message_by_its_own_result(books):
    for key in ("m1", "m2", "m3"):
        await books.put(key)
    await claimed(books)
    results = {"m1": TAKEN, "m2": SendResult(Outcome.REJECTED), "m3": IN_DOUBT}
    batch = [
        Settlement(Attempt(replace(outbound(key), account="mobile"), result), None)
        for key, result in results.items()
    ]
    await books.outbox.settle(batch, NOON)
    assert [await books.state(key) for key in results] == [
        DeliveryState.ACCEPTED,
        DeliveryState.FAILED,
        DeliveryState.UNKNOWN,
    ]


async def test_answers_and_receipts_that_cross_by_the_hundred_all_meet(database):
    """Both sides write at the same time, receipts partly first: none may be lost."""
    keys = [f"m{number:03}" for number in range(200)]
    for key in keys:
        await database.put(key)
    await claimed(database, limit=200)

    async def answers() -> None:
        for start in range(0, 200, 20):
            batch = [
                Settlement(Attempt(replace(outbound(key), account="mobile"), TAKEN, 1, {0: f"r-{key}"}), None)
                for key in keys[start : start + 20]
            ]
            await database.outbox.settle(batch, NOON)

    async def receipts() -> None:
        for start in range(0, 200, 25):
            async with database.sessions() as session, session.begin():
                batch = [
                    Receipt("mobile", f"r-{key}", DeliveryState.DELIVERED) for key in keys[start : start + 25]
                ]
                await settle_receipts(session, batch, NOON)

    await asyncio.gather(answers(), receipts())
    assert {await database.state(key) for key in keys} == {DeliveryState.DELIVERED}


async def test_only_the_named_account_may_carry_a_message_that_names_one(database):
    async with database.sessions() as session, session.begin():
        row = OutboxMessage("m1", "sms", "1", "您好", Purpose.REPLY, "", NOON, NOON, account="unicom")
        session.add(row)
    assert await claimed(database) == []
    (one,) = await database.outbox.claim("sms", "unicom", 1, NOON, LEASE)
    assert one.message.account == "unicom"


async def test_urgent_purposes_go_first(database):
    async with database.sessions() as session, session.begin():
        for key, priority in (("m1", 3), ("m2", 1), ("m3", 0)):
            row = OutboxMessage(key, "sms", key, "您好", Purpose.REPLY, "", NOON, NOON, priority=priority)
            session.add(row)
    assert await claimed(database) == ["m3", "m2", "m1"]


async def test_the_relay_hears_of_refusals_and_of_what_the_citizen_had_lately(database):
    async with database.sessions() as session, session.begin():
        session.add(OptOut("sms", "13800000001", NOON, "text"))
        for number, minutes in enumerate((0.5, 30, 60 * 5)):
            at = NOON - timedelta(minutes=minutes)
            row = OutboxMessage(f"old{number}", "sms", "13800000001", "您好", Purpose.SURVEY, "", at, None)
            row.state, row.settled_at = DeliveryState.DELIVERED, at
            session.add(row)
        session.add(OutboxMessage("m1", "sms", "13800000001", "您好", Purpose.SURVEY, "", NOON, NOON))
    (one,) = await database.outbox.claim("sms", "mobile", 1, NOON, LEASE)
    assert one.opted_out
    assert (one.last_minute, one.last_hour, one.last_day) == (1, 2, 3)


async def test_an_approved_template_brings_its_code_and_one_on_file_does_not(database):
    async with database.sessions() as session, session.begin():
        session.add(TemplateFiling("mobile", "accepted", FilingState.APPROVED, NOON, "SMS_1"))
        session.add(TemplateFiling("unicom", "accepted", FilingState.FILED, NOON, "SMS_2"))
    await database.put("m1")
    assert (await the_claimed(database, NOON)).filing == "SMS_1"
    await database.outbox.defer(["m1"], NOON)
    (one,) = await database.outbox.claim("sms", "unicom", 1, NOON, LEASE)
    assert one.message.filing == ""
