"""Where WeChat calls us: proofs, pushes, the five seconds, answers in the same request."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from callcenter.domain.messages import Inbound, Kind, Outcome
from callcenter.ports import WebRequest, WebResponse
from messaging.wechat.receiving import Timing
from tests.messaging.waiting import eventually
from tests.messaging.wechat.desk import AES_KEY, OLDER_KEY, Desk, open_desk, public_door
from tests.peers.wechat.pushing import CITIZEN, OURS

TAKEN = b"success"


def hurry(desk: Desk, **timing: float) -> None:
    """The same rules with shorter times, where a test would only wait."""
    desk.channel._receiving._timing = replace(Timing(), **timing)


def slow(desk: Desk, seconds: Callable[[], float]) -> None:
    """The database takes its time."""
    accept = desk.inbox.accept

    async def accept_slowly(message: Inbound) -> bool:
        await asyncio.sleep(seconds())
        return await accept(message)

    desk.inbox.accept = accept_slowly


# ----------------------------------------------------------------------------- proofs


async def test_the_address_is_proved_with_the_platforms_own_word() -> None:
    async with open_desk(begun=False) as desk:
        request = desk.pusher.request(b"")
        query = {**request.query, "echostr": "4375120948345356249"}
        answer = await desk.route("push").handler(WebRequest(query, {}, b""))
        assert (answer.status, answer.body) == (200, b"4375120948345356249")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_wrong_signature_gets_nothing_and_keeps_nothing(method) -> None:
    async with open_desk(begun=False) as desk:
        request = desk.pusher.request(desk.pusher.text("好"))
        forged = replace(request, query={**request.query, "signature": "0" * 40, "echostr": "1"})
        answer = await desk.route("push", method).handler(forged)
        assert (answer.status, answer.body) == (403, b"")
        assert desk.inbox.deliveries == []


async def test_a_request_that_somebody_kept_is_refused_after_five_minutes() -> None:
    async with open_desk(begun=False, aes_key=AES_KEY) as desk:
        request = desk.pusher.request(desk.pusher.text("好"))
        desk.clock.tick(minutes=5, seconds=1)
        assert (await desk.route("push", "POST").handler(request)).status == 403
        assert desk.inbox.deliveries == []


async def test_more_than_a_mebibyte_is_refused_unread() -> None:
    async with open_desk(begun=False) as desk:
        answer = await desk.push(b"<xml>" + b"x" * 1_048_577)
        assert answer.status == 413


async def test_a_bomb_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa">]><xml><MsgType>&a;</MsgType></xml>'
    async with open_desk(begun=False) as desk:
        assert (await desk.push(bomb)).status == 400


# ----------------------------------------------------------------------------- pushes


async def test_the_same_message_three_times_is_kept_once_and_taken_each_time() -> None:
    async with open_desk(begun=False) as desk:
        fields = desk.pusher.text("路灯坏了")
        assert [(await desk.push(fields)).body for _ in range(3)] == [TAKEN] * 3
        assert desk.inbox.texts == ["路灯坏了"]


async def test_an_event_without_a_number_twice_is_kept_once() -> None:
    async with open_desk(begun=False) as desk:
        fields = desk.pusher.event("CLICK", EventKey="progress")
        assert [(await desk.push(fields)).body for _ in range(2)] == [TAKEN] * 2
        (inbound,) = desk.inbox.messages.values()
        assert (inbound.kind, inbound.event) == (Kind.EVENT, "menu:progress")


async def test_the_end_of_a_notice_is_a_receipt_and_no_message() -> None:
    async with open_desk(begun=False) as desk:
        answer = await desk.push(desk.pusher.event("TEMPLATESENDJOBFINISH", MsgID=7, Status="success"))
        assert answer.body == TAKEN
        assert [receipt.provider_ref for receipt in desk.inbox.receipts] == ["7"]
        assert desk.inbox.messages == {}


async def test_what_nobody_knows_is_taken_as_an_event() -> None:
    async with open_desk(begun=False) as desk:
        assert (await desk.push(desk.pusher.message("hologram"))).body == TAKEN
        assert [inbound.kind for inbound in desk.inbox.messages.values()] == [Kind.EVENT]


@pytest.mark.parametrize("key", [AES_KEY, OLDER_KEY])
async def test_while_the_key_changes_pushes_with_either_are_answered_with_their_own(key) -> None:
    async with open_desk(begun=False, aes_key=AES_KEY, previous_aes_key=OLDER_KEY, passive_wait_s=3) as desk:
        desk.pusher.aes_key = key
        push = asyncio.create_task(desk.push(desk.pusher.text("查")))
        answer = asyncio.create_task(await_and_send(desk, "正在办理"))
        response = await push
        tell(response, there=True)
        assert (await answer).outcome is Outcome.ACCEPTED
        assert desk.pusher.reply(response.body)["Content"] == "正在办理"


# ----------------------------------------------------------------------------- answers in the request


async def await_and_send(desk: Desk, text: str, **given: object):
    await eventually(lambda: desk.channel._hooks._count)
    return await desk.send(text, **given)


def tell(response: WebResponse, *, there: bool) -> None:
    assert response.written is not None
    response.written(there)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("text", ["查到了：正在办理 😀", "<b>&]]>\x00 ]]></xml>"])
async def test_an_answer_that_is_quick_goes_in_the_request_itself(as_json, text) -> None:
    async with open_desk(begun=False, passive_wait_s=3) as desk:
        desk.pusher.as_json = as_json
        fields = desk.pusher.text("查")
        push = asyncio.create_task(desk.push(fields))
        answer = asyncio.create_task(await_and_send(desk, text))
        response = await push
        tell(response, there=True)
        result = await answer
        assert (result.outcome, result.code) == (Outcome.ACCEPTED, "passive")
        assert result.ref == f"passive:{fields['MsgId']}"
        reply = desk.pusher.reply(response.body)
        assert (reply["ToUserName"], reply["FromUserName"]) == (CITIZEN, OURS)
        assert reply["Content"] == (text if as_json else text.replace("\x00", ""))
        assert desk.platform.books.sent == []


async def test_without_an_answer_the_push_is_taken_in_time_and_the_answer_follows() -> None:
    async with open_desk(passive_wait_s=0.05) as desk:
        desk.citizen_wrote()
        assert (await desk.push(desk.pusher.text("查"))).body == TAKEN
        assert (await desk.send("正在办理")).code == ""
        assert [sent.text for sent in desk.platform.books.sent] == ["正在办理"]


async def test_somebody_elses_answer_does_not_go_into_the_request() -> None:
    async with open_desk(passive_wait_s=0.5) as desk:
        desk.citizen_wrote("o-another")
        push = asyncio.create_task(desk.push(desk.pusher.text("查")))
        result = await await_and_send(desk, "给别人的", to="o-another")
        assert result.code == ""
        assert (await push).body == TAKEN


async def test_a_peer_that_was_gone_took_nothing_and_the_answer_goes_another_way() -> None:
    async with open_desk(passive_wait_s=3) as desk:
        desk.citizen_wrote()
        push = asyncio.create_task(desk.push(desk.pusher.text("查")))
        answer = asyncio.create_task(await_and_send(desk, "正在办理"))
        tell(await push, there=False)
        assert (await answer).code == ""
        assert [sent.text for sent in desk.platform.books.sent] == ["正在办理"]


async def test_when_nobody_can_say_whether_it_was_written_the_outcome_is_unknown(monkeypatch) -> None:
    monkeypatch.setattr("messaging.wechat.hooks.WRITTEN_WITHIN_S", 0.05)
    async with open_desk(begun=False, passive_wait_s=3) as desk:
        push = asyncio.create_task(desk.push(desk.pusher.text("查")))
        answer = asyncio.create_task(await_and_send(desk, "正在办理"))
        await push
        assert (await answer).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("event", ["unsubscribe", "VIEW", "LOCATION"])
async def test_nobody_waits_where_no_answer_is_seen(event) -> None:
    async with open_desk(begun=False, passive_wait_s=4) as desk:
        fields = desk.pusher.event(event, EventKey="", Latitude="1", Longitude="1")
        async with asyncio.timeout(1):
            assert (await desk.push(fields)).body == TAKEN


async def test_a_channel_that_closes_lets_its_requests_go() -> None:
    async with open_desk(passive_wait_s=4) as desk:
        push = asyncio.create_task(desk.push(desk.pusher.text("查")))
        await eventually(lambda: desk.channel._hooks._count)
        async with asyncio.timeout(1):
            await desk.channel.close()
            assert (await push).body == TAKEN


# ----------------------------------------------------------------------------- five seconds


async def test_what_the_database_takes_is_taken_off_the_wait() -> None:
    async with open_desk(begun=False) as desk:
        hurry(desk, passive_wait=3.0, budget=0.6)
        slow(desk, lambda: 0.5)
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert (await desk.push(desk.pusher.text("查"))).body == TAKEN
        assert loop.time() - began < 1.2


async def test_over_http_an_answer_is_there_within_the_platforms_patience() -> None:
    """With the true times: the database takes 2 s, then the wait fills the rest."""
    async with open_desk(begun=False, passive_wait_s=4) as desk:
        slow(desk, lambda: 2.0)
        async with public_door(desk.channel) as url:
            loop = asyncio.get_running_loop()
            began = loop.time()
            assert await desk.pusher.deliver(url, desk.pusher.text("查")) == ["success"]
            assert 4.0 < loop.time() - began < 4.9


async def test_a_database_slower_than_the_platforms_patience_keeps_the_message_once() -> None:
    """The first try is cut, but goes on here; the repeat finds the message there."""
    async with open_desk(begun=False, passive_wait_s=3) as desk:
        waits = iter([0.8, 0.0, 0.0])
        slow(desk, lambda: next(waits))
        async with public_door(desk.channel) as url:
            hurry(desk, passive_wait=0.1)
            came = await desk.pusher.deliver(url, desk.pusher.text("查"), patience_s=0.4)
            assert came == ["cut", "success"]
            await eventually(lambda: len(desk.inbox.deliveries) == 2)
            assert desk.inbox.texts == ["查"]


async def test_while_the_database_is_away_nothing_is_acknowledged_and_nothing_is_lost() -> None:
    async with open_desk(begun=False) as desk:
        desk.inbox.broken = True
        hurry(desk, passive_wait=0, again=0.02)
        async with public_door(desk.channel) as url:
            delivery = asyncio.create_task(desk.pusher.deliver(url, desk.pusher.text("查"), patience_s=0.2))
            assert await delivery == ["cut"] * 3
            assert desk.inbox.messages == {}
            desk.inbox.broken = False
            await eventually(lambda: desk.inbox.texts == ["查"])


async def test_a_database_that_stays_away_is_no_reason_to_say_taken() -> None:
    async with open_desk(begun=False) as desk:
        desk.inbox.broken = True
        hurry(desk, hold=0.1, again=0.02)
        answer = await desk.push(desk.pusher.text("查"))
        assert (answer.status, answer.body) == (503, b"")


async def test_over_http_a_quick_answer_reaches_the_citizen_sealed() -> None:
    async with (
        open_desk(begun=False, aes_key=AES_KEY, passive_wait_s=3.5) as desk,
        public_door(desk.channel) as url,
    ):
        delivery = asyncio.create_task(desk.pusher.deliver(url, desk.pusher.text("查")))
        result = await await_and_send(desk, "正在办理")
        assert result.code == "passive"
        (body,) = await delivery
        assert desk.pusher.reply(body.encode())["Content"] == "正在办理"


async def test_a_hundred_citizens_at_once_each_get_their_own_answer() -> None:
    async with open_desk(begun=False, passive_wait_s=3.5) as desk:
        names = [f"o-{n}" for n in range(100)]
        pushes = [asyncio.create_task(desk.push(desk.pusher.text(name, openid=name))) for name in names]
        await eventually(lambda: desk.channel._hooks._count == 100)
        sends = [asyncio.create_task(desk.send(f"给{name}", to=name)) for name in reversed(names)]
        for name, push in zip(names, pushes, strict=True):
            response = await push
            tell(response, there=True)
            assert desk.pusher.reply(response.body)["Content"] == f"给{name}"
        assert {(await send).code for send in sends} == {"passive"}


def test_the_times_leave_the_platform_room() -> None:
    assert Timing().budget < 4.5
    assert timedelta(seconds=Timing().hold) > timedelta(seconds=15)


async def test_over_http_the_cookie_and_the_way_to_wechat_are_in_the_answer() -> None:
    async with (
        open_desk(begun=False, public_url="https://a.gov.cn") as desk,
        public_door(desk.channel) as url,
    ):
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(url.replace("push", "bind"))
        assert answer.status_code == 302
        assert answer.headers["location"].startswith("https://open.weixin.qq.com/")
        assert "HttpOnly" in answer.headers["set-cookie"]


async def test_over_http_a_connection_that_was_cut_before_the_answer_took_nothing() -> None:
    """The platform gave up; the answer comes as a message of its own, at once and once."""
    async with open_desk(passive_wait_s=3) as desk, public_door(desk.channel) as url:
        desk.citizen_wrote()
        delivery = asyncio.create_task(desk.pusher.deliver(url, desk.pusher.text("查"), patience_s=0.2))
        assert (await delivery)[0] == "cut"
        result = await desk.send("正在办理")
        assert (result.outcome, result.code) == (Outcome.ACCEPTED, "")
        assert [sent.text for sent in desk.platform.books.sent] == ["正在办理"]
