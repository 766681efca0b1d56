"""What the relay relies on, held against the outbox in memory and the one in the database."""

import asyncio
from datetime import datetime, timedelta

import pytest

from callcenter.db import mapping  # noqa: F401  # maps the domain classes
from callcenter.domain.messages import (
    DeliveryState,
    Fragment,
    FragmentSeries,
    Outcome,
    SendResult,
)
from tests.messaging.outbox.kit import BOTH, IN_DOUBT, LATER, LEASE, NOON, TAKEN, claimed, settle, the_claimed


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
