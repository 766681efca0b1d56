"""Relay, channel and a carrier together, on SMPP and on CMPP; the outbox is the one in memory."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from twisted.internet import reactor

from callcenter.domain.messages import DeliveryState
from messaging.channels import Surroundings
from messaging.service import AccountSettings, Messaging, messaging
from tests.fakes import MemoryStore
from tests.messaging.carriers import Carrier, Ismg, Smsc
from tests.messaging.fake_outbox import FakeFragments, FakeInbox, FakeOutbox, ManualClock, outbound
from tests.messaging.waiting import eventually
from tests.peers.cmpp.gateway import running_gateway
from tests.peers.smsc.peer import running_smsc

CITY = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


class Hotline:
    def __init__(self, carrier: Carrier, **options) -> None:
        self.outbox, self.inbox, self.clock = FakeOutbox(), FakeInbox(), ManualClock(NOON)
        around = Surroundings(self.inbox, FakeFragments(), MemoryStore(), self.clock, reactor, CITY)
        settings = AccountSettings("sms", carrier.kind, options={**carrier.options, **options})
        self.service: Messaging = messaging([settings], self.outbox, around, CITY)

    def put(self, *keys: str) -> None:
        for key in keys:
            self.outbox.put(outbound(key, to=f"138{key:0>8}"), self.clock.now())
        self.service.wake()

    def count(self, state: DeliveryState) -> int:
        return sum(row.state is state for row in self.outbox.rows.values())


@pytest.fixture(params=["smpp", "cmpp"])
async def carrier(request: pytest.FixtureRequest) -> AsyncIterator[Carrier]:
    if request.param == "smpp":
        async with running_smsc() as peer:
            yield Smsc(peer)
    else:
        async with running_gateway() as gateway:
            yield Ismg(gateway)


@pytest.fixture
async def hotline(carrier: Carrier) -> AsyncIterator[Hotline]:
    one = Hotline(carrier)
    await one.service.start()
    yield one
    await one.service.stop()


async def test_messages_put_into_the_outbox_reach_the_handsets_once(hotline, carrier):
    hotline.put(*(str(number) for number in range(200)))
    await advance(hotline, lambda: hotline.count(DeliveryState.ACCEPTED) == 200)
    recipients = await carrier.recipients()
    assert len(recipients) == len(set(recipients)) == 200
    await eventually(lambda: len(hotline.inbox.receipts) == 200)
    refs = {ref for row in hotline.outbox.rows.values() for ref in row.refs.values()}
    assert refs == {receipt.provider_ref for receipt in hotline.inbox.receipts}


async def test_a_throttle_storm_delays_and_doubles_nothing(hotline, carrier):
    await advance(hotline, lambda: not hotline.service.health()[0].trouble)
    await carrier.throttle(60)
    hotline.put(*(str(number) for number in range(50)))
    await advance(hotline, lambda: hotline.count(DeliveryState.ACCEPTED) == 50)
    assert len(await carrier.recipients()) == 50
    assert {row.message.attempt for row in hotline.outbox.rows.values()} == {2}


async def test_the_hotline_starts_before_its_carrier_and_says_so(carrier):
    one = Hotline(carrier, port=1)
    await one.service.start()
    one.put("1")
    await eventually(lambda: "Refused" in one.service.health()[0].trouble)
    await one.service.stop()
    assert one.count(DeliveryState.QUEUED) == 1


async def test_stopping_is_polite_and_leaves_nothing_in_the_air(hotline, carrier):
    await carrier.slow(0.2)
    await advance(hotline, lambda: not hotline.service.health()[0].trouble)
    hotline.put("1", "2", "3")
    await eventually(lambda: arrived(carrier, 3))
    await hotline.service.stop()
    assert hotline.count(DeliveryState.ACCEPTED) == 3
    assert await carrier.goodbyes() == 1


async def arrived(carrier: Carrier, count: int) -> bool:
    return len(await carrier.recipients()) == count


async def advance(hotline: Hotline, condition) -> None:
    """The hotline's clock jumps over every pause of the account."""

    def moved() -> bool:
        hotline.clock.tick(seconds=1)
        return bool(condition())

    await eventually(moved)
