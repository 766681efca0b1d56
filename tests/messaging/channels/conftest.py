"""A channel beside a peer: the real SMSC (npm smpp), our gateway or a hostile one, all on loopback."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcenter.domain.messages import Outbound, Outcome, SendResult
from messaging.channels import Surroundings, build
from messaging.channels.sms_cmpp import SmsCmppChannel
from messaging.channels.sms_smpp import SmsSmppChannel
from messaging.link.session import Pauses
from messaging.policy import Ladder
from tests.messaging.fake_outbox import FakeFragments, FakeInbox, ManualClock
from tests.messaging.waiting import eventually
from tests.peers.cmpp.gateway import Gateway, running_gateway
from tests.peers.smsc.peer import PASSWORD, SYSTEM_ID, SmscPeer, running_smsc

OUR_NUMBER = "10690012345"
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


SMPP = {"system_id": SYSTEM_ID, "password": PASSWORD, "source": OUR_NUMBER, "answer_limit_s": 1.0}
CMPP = {"sp_id": "900001", "secret": "secret", "source": OUR_NUMBER, "answer_limit_s": 1.0}


# a lost link is made again at once, where a test does not ask how long the pauses are
QUICK = Pauses(reconnect=Ladder(timedelta(seconds=0.1), timedelta(seconds=1)))


def surroundings(inbox: Any = None, fragments: Any = None, clock: Any = None, reactor: Any = None):
    zone = ZoneInfo("Asia/Shanghai")
    return Surroundings(
        inbox or FakeInbox(), fragments or FakeFragments(), None, clock or ManualClock(NOON), reactor, zone
    )


class Desk:
    """One channel with everything around it that a test looks at."""

    def __init__(self, kind: str, port: int, **options) -> None:
        from twisted.internet import reactor  # noqa: PLC0415  # installed by the session's conftest

        self.inbox, self.fragments, self.clock = FakeInbox(), FakeFragments(), ManualClock(NOON)
        around = surroundings(self.inbox, self.fragments, self.clock, reactor)
        channel = build(kind, "sms-a", {"host": "127.0.0.1", "port": port, **options}, around)
        assert isinstance(channel, SmsSmppChannel | SmsCmppChannel)
        self.channel = channel

    async def ready(self) -> None:
        await eventually(lambda: not self.channel.trouble)

    async def send(self, message: Outbound) -> SendResult:
        """What became of the last part that was tried."""
        return (await self.send_parts(message))[-1]

    async def send_parts(self, message: Outbound) -> list[SendResult]:
        """As a relay does: the parts one after the other, up to the first that is not taken."""
        results = []
        for part in self.channel.plan(message):
            results.append(await self.channel.send(message, part))
            if results[-1].outcome is not Outcome.ACCEPTED:
                break
        return results


OpenDesk = Callable[..., Awaitable[Desk]]


@asynccontextmanager
async def desks_of(kind: str, usual: dict) -> AsyncIterator[OpenDesk]:
    """Opens channels to a port; closes them at the end of the test."""
    desks: list[Desk] = []

    async def open_one(port: int, *, ready: bool = True, pauses: Pauses = QUICK, **options) -> Desk:
        desk = Desk(kind, port, **{**usual, **options})
        desk.channel._session._pauses = pauses
        desks.append(desk)
        await desk.channel.open()
        if ready:
            await desk.ready()
        return desk

    yield open_one
    for desk in desks:
        await desk.channel.close()


@pytest.fixture
async def open_desk() -> AsyncIterator[OpenDesk]:
    async with desks_of("sms_smpp", SMPP) as open_one:
        yield open_one


@pytest.fixture
async def open_cmpp() -> AsyncIterator[OpenDesk]:
    async with desks_of("sms_cmpp", CMPP) as open_one:
        yield open_one


@pytest.fixture(params=["2.0", "3.0"])
async def version(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with running_gateway() as one:
        yield one


@pytest.fixture(scope="session")
async def node_smsc() -> AsyncIterator[SmscPeer]:
    async with running_smsc() as peer:
        yield peer


@pytest.fixture
async def smsc(node_smsc: SmscPeer) -> SmscPeer:
    await node_smsc.reset()
    return node_smsc
