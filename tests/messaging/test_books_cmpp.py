"""From the outbox to the gateway and back into the books, in the real database: receipts in both orders,
answers that never came, citizens' messages.
"""

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from twisted.internet import reactor

from callcenter.db.engine import session_factory
from callcenter.db.fragments import SqlFragments
from callcenter.db.outbox import SqlOutbox
from callcenter.domain.messages import DeliveryState, Purpose
from callcenter.domain.records import InboxMessage, OutboxMessage
from callcenter.usecases.mailbox import Mailbox
from messaging.channels import Surroundings
from messaging.service import AccountSettings, Messaging, messaging
from tests.builders import context_on
from tests.messaging.waiting import eventually
from tests.peers.cmpp.gateway import Gateway, running_gateway

LONG = "【澜江12345】" + "您反映的文昌路路面塌陷已受理，" * 8
CITY = ZoneInfo("Asia/Shanghai")
OURS = "10690012345"


class Hotline:
    def __init__(self, engine, gateway: Gateway) -> None:
        self.context = context_on(engine)
        self.sessions = session_factory(engine)
        account = {"host": "127.0.0.1", "port": gateway.port, "sp_id": "900001", "secret": "secret"}
        options = {**account, "source": OURS, "answer_limit_s": 0.3, "version": "3.0"}
        clock = self.context.clock
        around = Surroundings(
            Mailbox(self.context), SqlFragments(self.sessions), self.context.media, clock, reactor, CITY
        )
        settings = [AccountSettings("sms", "sms_cmpp", options=options)]
        self.service: Messaging = messaging(settings, SqlOutbox(self.sessions), around, CITY)

    async def put(self, key: str, text: str = "您好", to: str = "13800000001") -> None:
        now = self.context.now()
        async with self.sessions() as session, session.begin():
            session.add(OutboxMessage(key, "sms", to, text, Purpose.REPLY, "accepted", now, now))
        self.service.wake()

    async def state(self, key: str) -> DeliveryState:
        async with self.sessions() as session:
            return (await session.get(OutboxMessage, key)).state

    async def inbox(self) -> list[InboxMessage]:
        async with self.sessions() as session:
            return list((await session.scalars(select(InboxMessage))).all())


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with running_gateway() as one:
        yield one


@pytest.fixture
async def hotline(engine, gateway: Gateway) -> AsyncIterator[Hotline]:
    one = Hotline(engine, gateway)
    await one.service.start()
    await eventually(lambda: not one.service.health()[0].trouble)
    yield one
    await one.service.stop()


async def is_delivered(hotline: Hotline, *keys: str) -> bool:
    return {await hotline.state(key) for key in keys} == {DeliveryState.DELIVERED}


@pytest.mark.parametrize("reports", ["after", "before", "twice"])
async def test_reports_find_their_text_whenever_they_come(hotline, gateway, reports):
    gateway.settings.reports = reports
    keys = [f"m{number}" for number in range(30)]
    for number, key in enumerate(keys):
        await hotline.put(key, LONG if number % 5 == 0 else "您好", to=f"138000000{number // 2:02}")
    await eventually(lambda: is_delivered(hotline, *keys))
    assert len(gateway.submits) == 24 + 6 * 2


async def test_the_report_on_a_text_that_was_never_answered_settles_it(hotline, gateway):
    gateway.settings.silent = True
    await hotline.put("m1")
    await eventually(lambda: is_delivered(hotline, "m1"))
    assert len(gateway.submits) == 1


async def test_a_text_that_the_carrier_could_not_deliver_has_failed(hotline, gateway):
    gateway.settings.stat = "MK:0001"
    await hotline.put("m1")

    async def failed() -> bool:
        return await hotline.state("m1") is DeliveryState.FAILED

    await eventually(failed)


async def test_a_citizens_long_text_is_stored_once_however_often_it_comes(hotline, gateway):
    gateway.settings.resend_s = 0.02  # far too soon: most come again before we could answer
    gateway.text_from("13800000001", OURS + "07", LONG, parts=[2, 1])
    gateway.text_from("13800000001", OURS + "07", "1")
    await eventually(lambda: all(one.answered for one in gateway.inbound))
    stored = await hotline.inbox()
    assert {message.text for message in stored} == {LONG, "1"}
    assert len(stored) == 2
    assert {(message.sender, message.to) for message in stored} == {("13800000001", OURS + "07")}
