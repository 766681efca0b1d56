"""Whom a relay may send to, and several accounts of one medium."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from callcenter.domain.messages import (
    DeliveryState,
    Part,
    PlanError,
    Purpose,
)
from callcenter.ports import Rate
from messaging.dispatch import Pace, Relay
from tests.messaging.fake_outbox import outbound
from tests.messaging.relay_kit import (
    CITY,
    NOON,
    PACE,
    TAKEN,
    THROTTLED,
    Hotline,
    Scripted,
    hotline,
)
from tests.messaging.waiting import eventually


@pytest.mark.parametrize(
    ("purpose", "sent"),
    [(Purpose.SERVICE, []), (Purpose.SURVEY, []), (Purpose.REPLY, ["m1"]), (Purpose.EMERGENCY, ["m1"])],
)
async def test_who_refused_gets_answers_and_emergencies_only(purpose, sent):
    """The refusal may come between the cause of a message and its sending."""
    async with hotline() as one:
        one.put(outbound(purpose=purpose))
        one.row().opted_out = True
        await one.state(DeliveryState.ACCEPTED if sent else DeliveryState.FAILED)
    assert one.channel.sent == sent
    assert one.row().codes == [""] if sent else ["opted_out"]


async def test_ten_thousand_waiting_texts_of_a_paused_account_all_go_when_it_is_back():
    async with hotline(THROTTLED, TAKEN, rate=Rate(window=250)) as one:
        one.put(*(outbound(f"m{number:05}", to=str(number)) for number in range(10_000)))
        await eventually(lambda: one.relay.paused_until)
        one.clock.tick(minutes=2)
        await eventually(
            lambda: all(row.state is DeliveryState.ACCEPTED for row in one.outbox.rows.values()), limit=60
        )
    assert len(one.channel.sent) < 10_000 + 2 * 500
    assert max(one.outbox.batches) > 1


# ------------------------------------------------------------------- several accounts


@asynccontextmanager
async def two_accounts(pace: Pace = PACE):
    """A better account and the next one, over the same outbox."""
    first, second = Hotline(Scripted(name="first"), NOON, pace), Scripted(name="second")
    stand_in = Relay(second, first.outbox, first.clock, CITY, pace, better=[first.relay])
    first.relay._next_account = "second"
    runs = [asyncio.create_task(relay.run()) for relay in (first.relay, stand_in)]
    try:
        yield first, second
    finally:
        for run in runs:
            run.cancel()
        await asyncio.wait(runs)


async def test_the_second_account_sends_nothing_while_the_first_can():
    async with two_accounts() as (one, second):
        one.put(*(outbound(f"m{number}", to=str(number)) for number in range(50)))
        await eventually(lambda: len(one.channel.sent) == 50)
        await one.rounds()
    assert second.sent == []


async def test_the_second_account_takes_over_when_the_first_is_gone_for_long_and_gives_back():
    async with two_accounts() as (one, second):
        one.channel.away = True
        one.put(outbound())
        await one.rounds()
        assert (one.channel.sent, second.sent) == ([], [])  # it may come back at once
        one.clock.tick(seconds=11)
        await one.state(DeliveryState.ACCEPTED)
        assert second.sent == ["m1"]
        one.channel.away = False
        await one.rounds()
        one.put(outbound("m2"))
        await one.state(DeliveryState.ACCEPTED, "m2")
        assert (one.channel.sent, second.sent) == (["m2"], ["m1"])


async def test_messages_that_the_first_refused_for_its_own_fault_go_by_the_second():
    async with two_accounts() as (one, second):
        one.channel.answers = [replace(THROTTLED, retry_after=timedelta(minutes=5))]
        one.put(outbound())
        await eventually(lambda: one.relay.paused_until)
        await one.rounds()
        assert second.sent == []
        one.clock.tick(seconds=11)
        await one.state(DeliveryState.ACCEPTED)
    assert second.sent == ["m1"]
    assert one.row().message.attempt == 2  # the refusal of the first cost it no try


async def test_what_belongs_to_the_second_account_goes_by_it_although_the_first_is_there():
    async with two_accounts() as (one, second):
        one.put(outbound())
        one.row().named = "second"
        await one.state(DeliveryState.ACCEPTED)
    assert (one.channel.sent, second.sent) == ([], ["m1"])


async def test_what_the_first_can_never_carry_is_offered_to_the_second_and_fails_there_at_last():
    async with two_accounts() as (one, second):
        second.plan = lambda message: [Part(0, message.text)]
        one.put(outbound(text=""))
        await one.state(DeliveryState.ACCEPTED)
        assert second.sent == ["m1"]
        second.plan = one.channel.plan  # it cannot carry the next one either
        one.put(outbound("m2", text=""))
        await one.state(DeliveryState.FAILED, "m2")
        assert one.row("m2").codes == ["empty"]


async def test_what_the_stand_in_can_never_carry_waits_for_the_better_account():
    async with two_accounts() as (one, second):

        def not_filed(message):
            raise PlanError("not_filed")

        second.plan = not_filed
        one.channel.away = True
        await one.rounds()
        one.clock.tick(seconds=11)
        one.put(outbound())
        await eventually(lambda: one.row().named == "first")
        await one.rounds()
        assert one.row().codes == []
        one.channel.away = False
        await one.state(DeliveryState.ACCEPTED)
    assert one.channel.sent == ["m1"]


async def test_one_receipt_is_not_the_whole_of_a_text_whose_relay_died():
    async with hotline() as one:
        one.put(outbound(text="one\ntwo"))
        one.row().state = DeliveryState.SENDING
        one.row().lease_until = NOON - timedelta(seconds=1)
        one.row().message = replace(one.row().message, account="sms")
        row = await one.state(DeliveryState.UNKNOWN)
    assert row.parts == 2
