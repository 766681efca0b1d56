"""Many at a time, and what the relay is told of a recipient: held against the same outboxes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from callcenter.db.deliveries import settle_receipts
from callcenter.domain.contacts import OptOut
from callcenter.domain.messages import (
    Attempt,
    DeliveryState,
    Outcome,
    Purpose,
    Receipt,
    SendResult,
    Settlement,
)
from callcenter.domain.records import OutboxMessage
from callcenter.domain.sending import FilingState, TemplateFiling
from tests.messaging.fake_outbox import outbound
from tests.messaging.outbox.kit import IN_DOUBT, LATER, LEASE, NOON, TAKEN, claimed, settle, the_claimed


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
                await (await session.connection()).run_sync(settle_receipts, batch, NOON)

    await asyncio.gather(answers(), receipts())
    assert {await database.state(key) for key in keys} == {DeliveryState.DELIVERED}


async def test_only_the_named_account_may_carry_a_message_that_names_one(database):
    async with database.sessions() as session, session.begin():
        row = OutboxMessage("m1", "sms", "1", "您好", Purpose.REPLY, "", NOON, NOON, account="unicom")
        session.add(row)
    assert await claimed(database) == []
    (one,) = await database.outbox.claim("sms", "unicom", 1, NOON, LEASE, shared=False)
    assert (one.message.account, one.message.bound) == ("unicom", True)


async def test_what_is_handed_over_belongs_to_the_other_account(database):
    await database.put("m1")
    await claimed(database)
    await database.outbox.hand_over("m1", "unicom")
    assert await claimed(database) == []
    (one,) = await database.outbox.claim("sms", "unicom", 1, NOON, LEASE, shared=False)
    assert (one.message.id, one.message.attempt) == ("m1", 1)


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


async def test_a_part_that_was_taken_before_a_throttle_is_not_sent_again(books):
    """The try does not count, and yet it left a part with the peer."""
    await books.put("m1")
    await claimed(books)
    message = replace(outbound("m1"), account="mobile")
    throttled = SendResult(Outcome.RETRY, code="cmpp_8")
    await books.outbox.settle(
        [Settlement(Attempt(message, throttled, 2, {0: "a1"}), LATER, counts=False)], NOON
    )
    assert (await the_claimed(books, LATER)).taken == frozenset({0})


async def test_another_account_knows_nothing_of_the_parts_that_the_first_took(database):
    await database.put("m1")
    await claimed(database)
    await settle(database, "m1", SendResult(Outcome.RETRY, code="x"), LATER, refs={0: "a1"}, parts=3)
    (one,) = await database.outbox.claim("sms", "unicom", 1, LATER, LEASE)
    assert one.message.taken == frozenset()
    whole = Attempt(one.message, TAKEN, 1, {0: "b1"})
    await database.outbox.settle([Settlement(whole, None)], LATER)
    await database.receipt("a1", DeliveryState.DELIVERED)
    assert await database.state("m1") is DeliveryState.ACCEPTED  # a third of it by the first


async def test_a_peer_that_names_two_parts_alike_stops_nothing(database):
    await database.put("m1")
    await claimed(database)
    await settle(database, "m1", TAKEN, refs={0: "a1", 1: "a1"}, parts=2)
    assert await database.state("m1") is DeliveryState.ACCEPTED
