"""`kill -9` of the gateway while texts are on their way: relay, channel and a gateway process. What each text
was worth decides whether it is sent again, and no text is sent twice that was known to be taken.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from twisted.internet import reactor

from callcenter.domain.messages import DeliveryState, Purpose
from messaging.channels import Surroundings
from messaging.service import AccountSettings, Messaging, messaging
from tests.fakes import MemoryStore
from tests.messaging.fake_outbox import FakeFragments, FakeInbox, FakeOutbox, ManualClock, outbound
from tests.messaging.waiting import eventually
from tests.peers.cmpp.peer import GatewayProcess, gateway_process

CITY = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
DOUBT = timedelta(minutes=10)


class Hotline:
    def __init__(self, port: int) -> None:
        self.outbox, self.clock = FakeOutbox(), ManualClock(NOON)
        around = Surroundings(FakeInbox(), FakeFragments(), MemoryStore(), self.clock, reactor, CITY)
        account = {
            "host": "127.0.0.1",
            "port": port,
            "sp_id": "900001",
            "secret": "secret",
            "source": "12345",
        }
        settings = AccountSettings("sms", "sms_cmpp", options={**account, "answer_limit_s": 20})
        self.service: Messaging = messaging([settings], self.outbox, around, CITY)

    def put(self, key: str, purpose: Purpose, to: str) -> None:
        self.outbox.put(outbound(key, purpose=purpose, to=to), self.clock.now())

    def states(self) -> dict[str, DeliveryState]:
        return {key: row.state for key, row in self.outbox.rows.items()}


@pytest.fixture
async def killed():
    """A hotline whose gateway took one text of each purpose, answered none, and was killed."""
    async with gateway_process(silent=True, reports="off") as gateway:
        one = Hotline(gateway.port)
        await one.service.start()
        await eventually(lambda: not one.service.health()[0].trouble)
        for number, purpose in enumerate(Purpose):
            one.put(purpose, purpose, f"1380000000{number}")
        one.service.wake()
        for _ in Purpose:
            await gateway.tells()
        await gateway.kill()
        await eventually(lambda: set(one.states().values()) == {DeliveryState.UNKNOWN})
    yield one, gateway.port
    await one.service.stop()


async def heard_by(gateway: GatewayProcess, count: int) -> list[str]:
    return [(await gateway.tells())["to"] for _ in range(count)]


async def test_only_an_emergency_goes_again_at_once_and_a_survey_never(killed):
    hotline, port = killed
    async with gateway_process(port, reports="off") as again:
        await advance(hotline, lambda: hotline.states()[Purpose.EMERGENCY] is DeliveryState.ACCEPTED)
        assert Counter(hotline.states().values()) == {DeliveryState.ACCEPTED: 1, DeliveryState.UNKNOWN: 3}
        hotline.clock.tick(seconds=DOUBT.total_seconds())
        await advance(hotline, lambda: Counter(hotline.states().values())[DeliveryState.ACCEPTED] == 3)
        assert hotline.states()[Purpose.SURVEY] is DeliveryState.UNKNOWN
        assert hotline.outbox.rows[Purpose.SURVEY].next_at is None
        assert sorted(await heard_by(again, 3)) == ["13800000000", "13800000001", "13800000003"]


async def test_what_was_known_to_be_taken_is_not_sent_again():
    async with gateway_process(reports="off") as gateway:
        hotline = Hotline(gateway.port)
        await hotline.service.start()
        await eventually(lambda: not hotline.service.health()[0].trouble)
        for number in range(10):
            hotline.put(f"m{number}", Purpose.REPLY, f"1380000000{number}")
        hotline.service.wake()
        await eventually(lambda: set(hotline.states().values()) == {DeliveryState.ACCEPTED})
        await gateway.kill()
        async with gateway_process(gateway.port, reports="off") as again:
            await eventually(lambda: not hotline.service.health()[0].trouble)
            hotline.clock.tick(seconds=2 * DOUBT.total_seconds())
            hotline.put("last", Purpose.REPLY, "13800000099")
            await advance(hotline, lambda: hotline.states()["last"] is DeliveryState.ACCEPTED)
            assert await heard_by(again, 1) == ["13800000099"]
        await hotline.service.stop()


async def advance(hotline: Hotline, condition) -> None:
    """The hotline's clock jumps over every pause of the account, but not over the time of doubt."""

    def moved() -> bool:
        hotline.clock.tick(seconds=0.5)
        hotline.service.wake()
        return bool(condition())

    await eventually(moved)
