"""The relay against an outbox in memory and a channel that answers as told."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.domain.messages import (
    DeliveryState,
    Fault,
    Outcome,
    Purpose,
    SendResult,
)
from tests.messaging.fake_outbox import outbound
from tests.messaging.relay_kit import (
    LINK_DOWN,
    NIGHT,
    NOON,
    PACE,
    SOON,
    TAKEN,
    THROTTLED,
    Hotline,
    Scripted,
    hotline,
)
from tests.messaging.waiting import eventually


async def test_a_taken_message_is_accepted_with_its_references():
    async with hotline() as one:
        one.put(outbound())
        row = await one.state(DeliveryState.ACCEPTED)
    assert row.refs == {0: "a1"}


async def test_a_message_is_sending_in_the_books_before_it_is_on_the_wire():
    seen = []

    async def look(message):
        seen.append(one.row().state)
        return TAKEN

    async with hotline(look) as one:
        one.put(outbound())
        await one.state(DeliveryState.ACCEPTED)
    assert seen == [DeliveryState.SENDING]


async def test_a_refused_recipient_is_final():
    async with hotline(SendResult(Outcome.REJECTED, fault=Fault.RECIPIENT)) as one:
        one.put(outbound())
        await one.state(DeliveryState.FAILED)
        await one.rounds()
    assert one.channel.sent == ["m1"]


async def test_a_refusal_that_may_pass_is_tried_five_times():
    async with hotline(SendResult(Outcome.RETRY)) as one:
        one.put(outbound())
        while one.row().state is not DeliveryState.FAILED:
            one.clock.tick(minutes=10)
            await one.rounds(1)
    assert one.channel.sent == ["m1"] * 5


async def test_a_throttled_account_rests_and_burns_no_try():
    async with hotline(THROTTLED, TAKEN) as one:
        one.put(outbound())
        await eventually(lambda: one.relay.paused_until)
        one.put(outbound("m2", to="13800000002"))
        await one.rounds()
        assert one.channel.sent == ["m1"]
        assert one.row().message.attempt == 1
        one.clock.tick(seconds=10)
        await one.state(DeliveryState.ACCEPTED)
        await one.state(DeliveryState.ACCEPTED, "m2")


async def test_a_throttle_storm_makes_the_rest_longer_each_time_and_loses_nothing():
    rests = []
    async with hotline(*[LINK_DOWN] * 8, TAKEN) as one:
        for number in range(30):
            one.put(outbound(f"m{number:02}", to=f"138000000{number:02}"))
        while any(row.state is not DeliveryState.ACCEPTED for row in one.outbox.rows.values()):
            await one.rounds(1)
            until = one.relay.paused_until
            if until and until > one.clock.now():
                rests.append((until - one.clock.now()).total_seconds())
                one.clock.time = until
    assert rests == sorted(rests)
    assert all(row.message.attempt == 2 for row in one.outbox.rows.values())
    assert len(one.channel.sent) < 30 + 8 * 32


async def test_messages_to_one_person_keep_their_order():
    async def slow_first(message):
        await asyncio.sleep(0.05 if message.id == "m1" else 0)
        return TAKEN

    order = []

    async def noted(message):
        result = await slow_first(message)
        order.append(message.id)
        return result

    async with hotline(noted) as one:
        one.put(outbound("m1"), outbound("m2"), outbound("m3"))
        await one.state(DeliveryState.ACCEPTED, "m3")
    assert order == ["m1", "m2", "m3"]


async def test_a_slow_message_holds_up_nobody_else():
    async def slow_first(message):
        await asyncio.sleep(30 if message.id == "m1" else 0)
        return TAKEN

    async with hotline(slow_first) as one:
        one.put(outbound("m1"), *(outbound(f"x{n}", to=str(n)) for n in range(60)))
        await eventually(
            lambda: sum(row.state is DeliveryState.ACCEPTED for row in one.outbox.rows.values()) == 60
        )


@pytest.mark.parametrize(
    ("purpose", "sends"),
    [(Purpose.REPLY, 2), (Purpose.SERVICE, 2), (Purpose.SURVEY, 1), (Purpose.EMERGENCY, 5)],
)
async def test_an_answer_that_never_comes_is_followed_up_by_purpose(purpose, sends):
    async with hotline(SendResult(Outcome.UNKNOWN, code="no_answer")) as one:
        one.put(outbound(purpose=purpose))
        for _ in range(12):
            await one.rounds(1)
            one.clock.tick(minutes=5)
        await one.rounds(2)
    assert one.row().state is DeliveryState.UNKNOWN
    assert one.channel.sent == ["m1"] * sends


async def test_a_receipt_during_the_wait_saves_the_second_send():
    async with hotline(SendResult(Outcome.UNKNOWN)) as one:
        one.put(outbound())
        row = await one.state(DeliveryState.UNKNOWN)
        row.state, row.next_at = DeliveryState.DELIVERED, None  # what the inbox does with a receipt
        one.clock.tick(hours=1)
        await one.rounds()
    assert one.channel.sent == ["m1"]


async def test_a_dead_relays_messages_are_in_doubt_and_a_survey_among_them_is_not_repeated():
    async with hotline() as one:
        for key, purpose in (("m1", Purpose.SURVEY), ("m2", Purpose.REPLY)):
            one.put(outbound(key, purpose=purpose, to=key))
            one.row(key).state = DeliveryState.SENDING
            one.row(key).lease_until = NOON - timedelta(seconds=1)
        await one.state(DeliveryState.UNKNOWN)
        await one.state(DeliveryState.UNKNOWN, "m2")
        one.clock.tick(minutes=11)
        await one.state(DeliveryState.ACCEPTED, "m2")
    assert one.channel.sent == ["m2"]


async def test_our_own_message_in_the_air_is_not_taken_for_a_dead_relays():
    landing = asyncio.Event()

    async def slow(message):
        await landing.wait()
        return TAKEN

    async with hotline(slow) as one:
        one.put(outbound())
        await one.state(DeliveryState.SENDING)
        one.clock.tick(minutes=10)
        await one.rounds()
        assert one.row().state is DeliveryState.SENDING
        landing.set()
        await one.state(DeliveryState.ACCEPTED)


async def test_at_night_a_survey_waits_for_nine_and_a_reply_does_not():
    async with hotline(now=NIGHT) as one:
        one.put(outbound("m1", purpose=Purpose.SURVEY), outbound("m2", to="2"))
        await one.state(DeliveryState.ACCEPTED, "m2")
        await eventually(lambda: one.row().next_at == datetime(2026, 11, 21, 1, tzinfo=UTC))
        assert one.row().state is DeliveryState.QUEUED
        one.clock.time = datetime(2026, 11, 21, 1, tzinfo=UTC)
        await one.state(DeliveryState.ACCEPTED)
    assert one.row().message.attempt == 2


async def test_a_channel_that_raises_leaves_the_outcome_unknown():
    async with hotline(RuntimeError("bug")) as one:
        one.put(outbound())
        row = await one.state(DeliveryState.UNKNOWN)
    assert row.codes == ["channel_error"]


async def test_a_channel_that_hangs_leaves_the_outcome_unknown():
    async def hang(message):
        await asyncio.Event().wait()

    async with hotline(hang, pace=replace(PACE, send_limit=SOON)) as one:
        one.put(outbound())
        row = await one.state(DeliveryState.UNKNOWN)
    assert row.codes == ["send_limit"]


async def test_the_result_reaches_the_books_when_the_database_comes_back():
    async def database_goes(message):
        one.outbox.broken = True
        return TAKEN

    async with hotline(database_goes, TAKEN) as one:
        one.put(outbound())
        await eventually(lambda: one.channel.sent)
        await one.rounds()
        one.outbox.broken = False
        row = await one.state(DeliveryState.ACCEPTED)
    assert one.channel.sent == ["m1"]
    assert row.refs == {0: "a1"}


async def test_stopping_waits_for_what_is_in_the_air_and_claims_no_more():
    landing = asyncio.Event()

    async def slow(message):
        await landing.wait()
        return TAKEN

    one = Hotline(Scripted(slow), NOON, PACE)
    run = asyncio.create_task(one.relay.run())
    one.put(outbound())
    await one.state(DeliveryState.SENDING)
    one.relay.stop()
    one.put(outbound("m2", to="2"))
    await one.rounds()
    assert not run.done()
    landing.set()
    await asyncio.wait_for(run, 5)
    assert one.row().state is DeliveryState.ACCEPTED
    assert one.row("m2").state is DeliveryState.QUEUED


async def test_a_wake_up_does_not_wait_for_the_poll():
    async with hotline(pace=replace(PACE, poll=timedelta(hours=1))) as one:
        await one.rounds(1)
        one.put(outbound())
        await one.state(DeliveryState.ACCEPTED)


# ------------------------------------------------------------------- parts


async def test_a_second_try_sends_only_the_parts_that_were_not_taken():
    first, second = SendResult(Outcome.ACCEPTED, "a1"), SendResult(Outcome.ACCEPTED, "a2")
    async with hotline(first, SendResult(Outcome.RETRY), second) as one:
        one.put(outbound(text="one\ntwo"))
        await eventually(lambda: one.channel.parts == [0, 1])
        one.clock.tick(minutes=5)
        row = await one.state(DeliveryState.ACCEPTED)
    assert one.channel.parts == [0, 1, 1]
    assert row.refs == {0: "a1", 1: "a2"}


async def test_a_part_in_doubt_is_the_only_one_that_is_repeated():
    answers = (
        SendResult(Outcome.ACCEPTED, "a1"),
        SendResult(Outcome.UNKNOWN),
        SendResult(Outcome.ACCEPTED, "a2"),
    )
    async with hotline(*answers) as one:
        one.put(outbound(text="one\ntwo"))
        await one.state(DeliveryState.UNKNOWN)
        one.clock.tick(minutes=11)
        await one.state(DeliveryState.ACCEPTED)
    assert one.channel.parts == [0, 1, 1]


async def test_what_can_never_go_this_way_fails_without_a_try_on_the_wire():
    async with hotline() as one:
        one.put(outbound(text=""))
        row = await one.state(DeliveryState.FAILED)
    assert (row.codes, one.channel.sent) == (["empty"], [])
