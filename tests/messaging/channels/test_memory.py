from datetime import UTC, datetime

from callcenter.domain.messages import DeliveryState, Outcome
from messaging.channels.memory import MemoryChannel, Options
from tests.messaging.fake_outbox import FakeInbox, ManualClock, outbound

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


async def test_a_message_is_taken_and_confirmed_under_its_own_id():
    inbox = FakeInbox()
    channel = MemoryChannel("sms-a", Options(), inbox, ManualClock(NOON))
    message = outbound("m7")
    (part,) = channel.plan(message)
    result = await channel.send(message, part)
    await channel.close()
    assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "m7")
    (receipt,) = inbox.receipts
    assert (receipt.account, receipt.provider_ref) == ("sms-a", "m7")
    assert (receipt.state, receipt.at, receipt.recipient) == (DeliveryState.DELIVERED, NOON, "13800000001")


async def test_a_confirmation_that_cannot_be_stored_breaks_nothing():
    inbox = FakeInbox()
    inbox.broken = True
    channel = MemoryChannel("sms-a", Options(), inbox, ManualClock(NOON))
    (part,) = channel.plan(outbound())
    assert (await channel.send(outbound(), part)).outcome is Outcome.ACCEPTED
    await channel.close()
    assert channel.trouble == ""


def test_it_stands_in_for_any_medium():
    channel = MemoryChannel("demo", Options(medium="wechat"), FakeInbox(), ManualClock(NOON))
    assert channel.medium == "wechat"
