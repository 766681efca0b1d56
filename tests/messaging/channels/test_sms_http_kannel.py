"""A provider that nobody here wrote and that is nothing but settings: Kannel's HTTP interface, behind it by
SMPP the npm SMSC. Our request goes to Kannel, its receipts and citizens' texts come to our web hooks.
"""

from contextlib import asynccontextmanager

import pytest

from callcenter.domain.messages import DeliveryState, Outcome
from callcenter.ports import WebRequest
from messaging.channels import build
from tests.messaging.channels.conftest import surroundings
from tests.messaging.fake_outbox import FakeInbox, outbound
from tests.messaging.waiting import eventually
from tests.peers.kannel.peer import Kannel, running_kannel
from tests.peers.sms_http.server import Answer, HttpPeer, Request, running

CITIZEN, OUR_NUMBER, TOKEN = "13800000001", "10690012345", "hook-secret-0016"
LONG = "【澜江12345】" + "您反映的文昌路路面塌陷已受理，" * 5 + "结果会短信告知您😀。"


def settings(kannel: Kannel, hooks_port: int) -> dict:
    report = f"http://127.0.0.1:{hooks_port}/receipts?token={TOKEN}&id={{id}}&st=%d&to=%p"
    return {
        "url": kannel.sendsms,
        "method": "GET",
        "key": kannel.login["username"],
        "secret": kannel.login["password"],
        "query": {
            "username": "{key}",
            "password": "{secret}",
            "to": "{to}",
            "text": "{text}",
            "charset": "UTF-8",
            "coding": "2",
            "dlr-mask": "31",
            "dlr-url": report,
        },
        "answer": {"pattern": "^(?P<code>[03]): ", "success": ["0", "3"], "own_ref": True},
        "hook_token": TOKEN,
        "receipts": {
            "content": "query",
            "ref": "/id",
            "state": "/st",
            "recipient": "/to",
            "states": {"1": "delivered", "2": "failed", "4": "not_final", "8": "not_final", "16": "failed"},
        },
        "texts": {"content": "query", "sender": "/from", "to": "/to", "text": "/text", "key": "/id"},
    }


class Hooks:
    """Serves the account's addresses, as the console's HTTP server does."""

    channel = None

    async def __call__(self, request: Request) -> Answer:
        handlers = {(route.method, f"/{route.path}"): route.handler for route in self.channel.routes()}
        handler = handlers[request.method, request.path]
        answer = await handler(WebRequest(request.query, request.headers, request.body))
        return Answer(answer.body, answer.status, {"Content-Type": answer.content_type})


@asynccontextmanager
async def provider(smsc):
    hooks, inbox = Hooks(), FakeInbox()
    async with running(HttpPeer(hooks)) as server:
        texts = f"http://127.0.0.1:{server.port}/texts?token={TOKEN}&from=%p&to=%P&text=%b&id=%I"
        async with running_kannel(smsc.port, texts=texts) as kannel:
            hooks.channel = build("sms_http", "sms-k", settings(kannel, server.port), surroundings(inbox))
            await hooks.channel.open()
            await eventually(lambda: _is_bound(smsc))
            yield hooks.channel, inbox
            await hooks.channel.close()


async def _is_bound(smsc) -> bool:
    return (await smsc.state())["sessions"] > 0


async def sent(channel, message):
    (part,) = channel.plan(message)
    return await channel.send(message, part)


async def test_a_text_goes_through_kannel_and_its_receipt_comes_back(smsc):
    async with provider(smsc) as (channel, inbox):
        result = await sent(channel, outbound("m7", LONG))
        assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "m7")
        (receipt,) = await eventually(lambda: inbox.receipts)
        assert (receipt.account, receipt.provider_ref, receipt.recipient) == ("sms-k", "m7", CITIZEN)
        assert receipt.state is DeliveryState.DELIVERED
        assert await smsc.texts(CITIZEN) == [LONG]


async def test_a_citizens_text_comes_through_kannel(smsc):
    async with provider(smsc) as (_, inbox):
        await smsc.text_from("86" + CITIZEN, OUR_NUMBER, "Not 2 days, 5!", coding=0)
        await eventually(lambda: inbox.messages)
        (message,) = inbox.messages.values()
        assert (message.account, message.sender, message.to) == ("sms-k", CITIZEN, OUR_NUMBER)
        assert message.text == "Not 2 days, 5!"


async def test_a_wrong_password_is_the_accounts_fault(smsc):
    async with provider(smsc) as (channel, _):
        channel._secret = "wrong"
        result = await sent(channel, outbound())
        assert (result.outcome, result.code) == (Outcome.RETRY, "account_refused")
        assert await smsc.messages() == []


@pytest.mark.parametrize("word", ["UNDELIV", "REJECTD"])
async def test_bad_news_come_through_kannel(smsc, word):
    await smsc.set(receiptState=word)
    async with provider(smsc) as (channel, inbox):
        await sent(channel, outbound())
        (receipt,) = await eventually(lambda: inbox.receipts)
        assert receipt.state is DeliveryState.FAILED
