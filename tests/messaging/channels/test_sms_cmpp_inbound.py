"""Citizens' messages through the gateway: stored, then acknowledged, whatever happens in between."""

import asyncio
from itertools import permutations

import pytest

from messaging.sms.reassembly import LIMIT
from tests.messaging.waiting import eventually

CITIZEN = "13800000001"
OUR_NUMBER = "106900123450007"
LONG = "文昌路与澜东大道路口路面塌陷，围挡倒了，夜里没有灯，" * 8


def all_answered(gateway) -> bool:
    return all(one.answered for one in gateway.inbound)


async def test_a_citizens_text_is_in_the_inbox_when_it_is_acknowledged(gateway, open_cmpp, version):
    desk = await open_cmpp(gateway.port, version=version)
    gateway.text_from(CITIZEN, OUR_NUMBER, "查")
    await eventually(lambda: all_answered(gateway))
    assert gateway.inbound[0].result == 0
    (message,) = desk.inbox.messages.values()
    assert (message.account, message.sender, message.to, message.text) == ("sms-a", CITIZEN, OUR_NUMBER, "查")


@pytest.mark.parametrize(
    ("words", "coding"), [("路灯不亮", 15), ("路灯不亮", 0), ("Y @$", 0), ("查😀", 8), ("1", 4), ("Ok", 3)]
)
async def test_every_format_that_handsets_use_is_read(gateway, open_cmpp, words, coding):
    desk = await open_cmpp(gateway.port)
    gateway.text_from(CITIZEN, OUR_NUMBER, words, coding=coding)
    await eventually(lambda: desk.inbox.texts)
    assert desk.inbox.texts == [words]


async def test_the_country_code_is_no_part_of_the_senders_number(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    gateway.text_from("86" + CITIZEN, OUR_NUMBER, "1")
    await eventually(lambda: desk.inbox.messages)
    assert [message.sender for message in desk.inbox.messages.values()] == [CITIZEN]


async def test_while_the_database_is_away_for_half_a_minute_nothing_is_acknowledged_and_nothing_lost(
    gateway, open_cmpp
):
    desk = await open_cmpp(gateway.port)
    desk.inbox.broken = True
    gateway.settings.resend_s = 0.05
    gateway.text_from(CITIZEN, OUR_NUMBER, "1")
    await eventually(lambda: gateway.inbound[0].sent >= 3)
    assert not gateway.inbound[0].answered
    desk.clock.tick(seconds=30)
    desk.inbox.broken = False
    await eventually(lambda: all_answered(gateway))
    assert desk.inbox.texts == ["1"]


async def test_a_report_is_not_acknowledged_either_before_it_is_stored(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    desk.inbox.broken = True
    gateway.settings.resend_s = 0.05
    content = (1).to_bytes(8) + b"DELIVRD" + b"2611201200" * 2 + CITIZEN.encode().ljust(21, b"\0") + bytes(4)
    report = gateway.delivers(CITIZEN, OUR_NUMBER, content, Registered_Delivery=1)
    await eventually(lambda: report.sent >= 3)
    desk.inbox.broken = False
    await eventually(lambda: report.answered)
    assert len(desk.inbox.receipts) == 1


@pytest.mark.parametrize("nameless", [False, True])
async def test_a_resend_after_a_cut_link_is_the_same_message(gateway, open_cmpp, nameless):
    gateway.settings.nameless = nameless
    desk = await open_cmpp(gateway.port)
    hold = Hold(desk.inbox)
    gateway.text_from(CITIZEN, OUR_NUMBER, "5")
    await eventually(lambda: hold.waiting)
    gateway.drop()
    hold.release()
    await eventually(lambda: all_answered(gateway))
    assert gateway.inbound[0].sent >= 2
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


@pytest.mark.parametrize("nameless", [False, True])
async def test_the_same_answer_thrice_is_three_messages(gateway, open_cmpp, nameless):
    gateway.settings.nameless = nameless
    desk = await open_cmpp(gateway.port)
    for _ in range(3):
        gateway.text_from(CITIZEN, OUR_NUMBER, "1")
        await eventually(lambda: all_answered(gateway))
    assert desk.inbox.texts == ["1", "1", "1"]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("order", list(permutations((1, 2, 3, 4)))[::5])
async def test_a_long_text_in_any_order_arrives_as_one(gateway, open_cmpp, order, wide):
    desk = await open_cmpp(gateway.port)
    gateway.text_from(CITIZEN, OUR_NUMBER, LONG, parts=order, wide=wide)
    await eventually(lambda: desk.inbox.texts)
    assert desk.inbox.texts == [LONG]
    assert desk.fragments.series == {}


async def test_parts_on_two_links_make_one_text(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    gateway.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[4, 2])
    await eventually(lambda: all_answered(gateway))
    gateway.drop()
    await eventually(lambda: desk.channel.trouble)
    await desk.ready()
    gateway.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[1, 3])
    await eventually(lambda: desk.inbox.texts)
    assert desk.inbox.texts == [LONG]


async def test_mixed_references_do_not_mix_texts(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    other = LONG[::-1]
    for number in (1, 2, 3, 4):
        gateway.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[number], reference=1)
        gateway.text_from(CITIZEN, OUR_NUMBER, other, parts=[number], reference=2)
    await eventually(lambda: len(desk.inbox.texts) == 2)
    assert set(desk.inbox.texts) == {LONG, other}


async def test_a_part_that_never_comes_holds_the_rest_for_half_an_hour(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    gateway.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[1, 2, 4])
    await eventually(lambda: all_answered(gateway))
    assert desk.inbox.texts == []
    desk.clock.tick(seconds=LIMIT.total_seconds() + 1)
    await desk.channel._reassembly.sweep("sms-a", desk.clock.now())
    assert desk.inbox.texts == [LONG[:134] + "…" + LONG[201:]]


async def test_a_last_part_that_comes_again_is_no_message_of_its_own(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    gateway.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[1, 2, 3])
    await eventually(lambda: all_answered(gateway))
    hold = Hold(desk.inbox)
    gateway.text_from(CITIZEN, OUR_NUMBER, LONG, parts=[4])
    await eventually(lambda: hold.waiting)
    gateway.drop()
    hold.release()
    await eventually(lambda: all_answered(gateway))
    assert desk.inbox.texts == [LONG]
    assert desk.fragments.series == {}


async def test_a_last_part_whose_answer_was_not_heard_is_no_message_of_its_own(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    gateway.text_from(CITIZEN, OUR_NUMBER, LONG)
    await eventually(lambda: desk.inbox.texts and all_answered(gateway))
    last = gateway.inbound[-1]
    last.answered = False
    gateway._links[0].deliver(last)
    await eventually(lambda: last.answered)
    assert desk.fragments.series == {}
    assert desk.inbox.texts == [LONG]
