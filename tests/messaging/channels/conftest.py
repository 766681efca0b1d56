"""A channel beside a peer: the real SMSC (npm smpp) or a hostile one, both on loopback."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest

from messaging.channels import Surroundings
from messaging.channels.sms_smpp import SmsSmppChannel, build
from tests.messaging.fake_outbox import FakeFragments, FakeInbox, ManualClock
from tests.messaging.waiting import eventually
from tests.peers.smsc.peer import PASSWORD, SYSTEM_ID, SmscPeer, running_smsc

OUR_NUMBER = "10690012345"
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


class Desk:
    """One channel with everything around it that a test looks at."""

    def __init__(self, port: int, **options) -> None:
        from twisted.internet import reactor  # noqa: PLC0415  # installed by the session's conftest

        self.inbox, self.fragments, self.clock = FakeInbox(), FakeFragments(), ManualClock(NOON)
        settings = {
            "host": "127.0.0.1",
            "port": port,
            "system_id": SYSTEM_ID,
            "password": PASSWORD,
            "source": OUR_NUMBER,
            "answer_limit_s": 1.0,
            **options,
        }
        around = Surroundings(self.inbox, self.fragments, self.clock, reactor)
        channel = build("sms", settings, around)
        assert isinstance(channel, SmsSmppChannel)
        self.channel = channel

    async def ready(self) -> None:
        await eventually(lambda: not self.channel.trouble)


OpenDesk = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def open_desk() -> AsyncIterator[OpenDesk]:
    """Opens channels to a port; closes them at the end of the test."""
    desks: list[Desk] = []

    async def open_one(port: int, *, ready: bool = True, **options) -> Desk:
        desk = Desk(port, **options)
        desks.append(desk)
        await desk.channel.open()
        if ready:
            await desk.ready()
        return desk

    yield open_one
    for desk in desks:
        await desk.channel.close()


@pytest.fixture(scope="session")
async def node_smsc() -> AsyncIterator[SmscPeer]:
    async with running_smsc() as peer:
        yield peer


@pytest.fixture
async def smsc(node_smsc: SmscPeer) -> SmscPeer:
    await node_smsc.reset()
    return node_smsc
