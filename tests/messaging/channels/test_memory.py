from datetime import UTC, datetime

from callcenter.domain.messages import DeliveryState, Outcome
from messaging.channels.memory import MemoryChannel
from tests.messaging.fake_outbox import FakeInbox, ManualClock, outbound

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


async def test_a_message_is_taken_and_confirmed_under_its_own_id():
    inbox = FakeInbox()
    channel = MemoryChannel("sms", inbox, ManualClock(NOON))
    result = await channel.send(outbound("m7"))
    await channel.close()
    assert (result.outcome, result.provider_refs) == (Outcome.ACCEPTED, ("m7",))
    (receipt,) = inbox.receipts
    assert (receipt.channel, receipt.provider_ref) == ("sms", "m7")
    assert (receipt.state, receipt.at, receipt.recipient) == (DeliveryState.DELIVERED, NOON, "13800000001")


async def test_a_confirmation_that_cannot_be_stored_breaks_nothing():
    inbox = FakeInbox()
    inbox.broken = True
    channel = MemoryChannel("sms", inbox, ManualClock(NOON))
    assert (await channel.send(outbound())).outcome is Outcome.ACCEPTED
    await channel.close()
    assert channel.trouble == ""
