"""Citizens' messages through a real SMSC: stored, then acknowledged, whatever happens in between."""

import asyncio

from messaging.smpp.wire import Status
from messaging.sms.reassembly import LIMIT
from tests.messaging.waiting import eventually

CITIZEN = "13800000001"
OUR_NUMBER = "10690012345"
LONG = "文昌路与澜东大道路口路面塌陷，围挡倒了，夜里没有灯，" * 8


async def acknowledged(smsc, count: int = 1) -> bool:
    return [one["acknowledged"] for one in await smsc.inbound()] == [True] * count


async def test_a_citizens_text_is_in_the_inbox_when_it_is_acknowledged(smsc, open_desk):
    desk = await open_desk(smsc.port)
    await smsc.text_from(CITIZEN, OUR_NUMBER, "查")
    await eventually(lambda: acknowledged(smsc))
    (message,) = desk.inbox.messages.values()
    assert (message.account, message.sender, message.to, message.text) == ("sms-a", CITIZEN, OUR_NUMBER, "查")


async def test_the_country_code_is_no_part_of_the_senders_number(smsc, open_desk):
    desk = await open_desk(smsc.port)
    await smsc.text_from("86" + CITIZEN, OUR_NUMBER, "1")
    await eventually(lambda: desk.inbox.messages)
    assert [message.sender for message in desk.inbox.messages.values()] == [CITIZEN]


async def test_while_the_database_is_away_for_half_a_minute_nothing_is_acknowledged_and_nothing_lost(
    smsc, open_desk
):
    desk = await open_desk(smsc.port)
    desk.inbox.broken = True
    await smsc.text_from(CITIZEN, OUR_NUMBER, "1")
    await eventually(lambda: sent_at_least(smsc, 3))
    (one,) = await smsc.inbound()
    assert (one["acknowledged"], one["status"]) == (False, Status.TEMPORARY_FAILURE)
    desk.clock.tick(seconds=30)
    desk.inbox.broken = False
    await eventually(lambda: acknowledged(smsc))
    assert desk.inbox.texts == ["1"]


async def sent_at_least(smsc, times: int) -> bool:
    return (await smsc.inbound())[0]["sent"] >= times


async def test_a_resend_after_a_cut_link_is_the_same_message(smsc, open_desk):
    desk = await open_desk(smsc.port)
    hold = Hold(desk.inbox)
    await smsc.text_from(CITIZEN, OUR_NUMBER, "5")
    await eventually(lambda: hold.waiting)
    await smsc.drop()
    hold.release()
    await eventually(lambda: acknowledged(smsc))
    assert (await smsc.inbound())[0]["sent"] == 2
    assert desk.inbox.texts == ["5"]


class Hold:
    """Keeps the first message in the inbox's door until released: stored, but not yet answered."""

    def __init__(self, inbox) -> None:
        self._accept, self._go, self.waiting = inbox.accept, asyncio.Event(), False
        inbox.accept = self._slow

    async def _slow(self, message):
        fresh = await self._accept(message)
        self.waiting = True
        await self._go.wait()
        return fresh

    def release(self) -> None:
        self._go.set()


async def test_the_same_answer_twice_is_two_messages(smsc, open_desk):
    desk = await open_desk(smsc.port)
    for count in (1, 2, 3):
        await smsc.text_from(CITIZEN, OUR_NUMBER, "1")
        await eventually(lambda count=count: acknowledged(smsc, count))
    assert desk.inbox.texts == ["1", "1", "1"]


async def test_a_long_text_arrives_as_one(smsc, open_desk):
    desk = await open_desk(smsc.port)
    await smsc.text_from(CITIZEN, OUR_NUMBER, LONG)
    await eventually(lambda: desk.inbox.texts)
    assert desk.inbox.texts == [LONG]
    assert desk.fragments.series == {}


async def test_parts_out_of_order_and_on_two_links_make_one_text(smsc, open_desk):
    desk = await open_desk(smsc.port)
    await smsc.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[4, 2])
    await eventually(lambda: acknowledged(smsc, 2))
    await smsc.drop()
    await eventually(lambda: desk.channel.trouble)
    await desk.ready()
    await smsc.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[1, 3])
    await eventually(lambda: desk.inbox.texts)
    assert desk.inbox.texts == [LONG]


async def test_a_part_that_never_comes_holds_the_rest_for_half_an_hour(smsc, open_desk):
    desk = await open_desk(smsc.port)
    await smsc.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[1, 2, 4])
    await eventually(lambda: acknowledged(smsc, 3))
    assert desk.inbox.texts == []
    desk.clock.tick(seconds=LIMIT.total_seconds() + 1)
    await desk.channel._reassembly.sweep("sms-a", desk.clock.now())
    assert desk.inbox.texts == [LONG[:134] + "…" + LONG[201:]]


async def test_a_last_part_that_comes_again_is_no_message_of_its_own(smsc, open_desk):
    desk = await open_desk(smsc.port)
    await smsc.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[1, 2, 3])
    await eventually(lambda: acknowledged(smsc, 3))
    hold = Hold(desk.inbox)
    await smsc.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[4])
    await eventually(lambda: hold.waiting)
    await smsc.drop()
    hold.release()
    await eventually(lambda: acknowledged(smsc, 4))
    assert desk.inbox.texts == [LONG]
    assert desk.fragments.series == {}
