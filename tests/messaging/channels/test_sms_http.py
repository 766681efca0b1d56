"""Providers that are nothing but settings: three that sign as Chinese providers commonly do, and hooks in
every form.
"""

import hashlib
import hmac
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from pydantic import ValidationError

from callcenter.domain.messages import DeliveryState, Fault, Outcome, PlanError
from callcenter.ports import WebRequest
from messaging.channels import build
from tests.messaging.channels.conftest import NOON, surroundings
from tests.messaging.fake_outbox import FakeInbox, ManualClock, outbound
from tests.peers.sms_http.server import Answer, HttpPeer, Request, running

CITIZEN, KEY, SECRET, NOW = "13800000001", "app-1", "http-secret", str(int(NOON.timestamp()))
PARAMS = {"number": "20261120-0012", "place": "文昌路"}
ACCOUNT = {"key": KEY, "secret": SECRET, "answer_limit_s": 0.5}
ANSWER = {"code": "/code", "ref": "/data/id", "success": ["0", "OK"], "refusals": {"1013": "throttled"}}


def taken(request: Request) -> Answer:
    return Answer({"code": 0, "data": {"id": 9007199254740993}})


# ------------------------------------------------------------------- three ways to sign

HMAC_HEADER = {
    **ACCOUNT,
    "headers": {"X-Key": "{key}", "X-Time": "{timestamp}", "X-Sign": "{signature}"},
    "body": {"to": ["{to}"], "content": "{text}", "uid": "{id}", "args": "{params}", "retry": False},
    "signing": {"method": "hmac-sha256", "over": "{key}{timestamp}{body}"},
    "answer": ANSWER,
}
MD5_FIELD = {
    **ACCOUNT,
    "form": {"account": "{key}", "mobile": "{to}", "msg": "{text}", "ts": "{stamp}", "sign": "{signature}"},
    "signing": {"method": "md5", "over": "{key}{to}{stamp}{secret}", "written": "HEX"},
    "answer": ANSWER,
}
PLAIN_QUERY = {
    **ACCOUNT,
    "method": "GET",
    "query": {"u": "{key}", "p": "{secret}", "m": "{to}", "c": "{filing}", "v": "{params.place}"},
    "answer": ANSWER,
}


def check_hmac(request: Request) -> None:
    signed = KEY.encode() + request.headers["x-time"].encode() + request.body
    assert request.headers["x-sign"] == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert request.headers["x-time"] == NOW
    assert request.headers["content-type"] == "application/json"
    assert request.json == {"to": [CITIZEN], "content": "您好", "uid": "m1", "args": PARAMS, "retry": False}


def check_md5(request: Request) -> None:
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    fields = request.form
    signed = f"{KEY}{CITIZEN}20261120120000{SECRET}"
    assert fields.pop("sign") == hashlib.md5(signed.encode()).hexdigest().upper()
    assert fields == {"account": KEY, "mobile": CITIZEN, "msg": "您好", "ts": "20261120120000"}


def check_query(request: Request) -> None:
    assert (request.method, request.body) == ("GET", b"")
    assert request.query == {"u": KEY, "p": SECRET, "m": CITIZEN, "c": "T1", "v": "文昌路"}


class Provider:
    """One account, its provider and its inbox."""

    def __init__(self, settings: dict, peer: HttpPeer) -> None:
        self.peer, self.inbox, self.clock = peer, FakeInbox(), ManualClock(NOON)
        options = {**settings, "url": f"http://127.0.0.1:{peer.port}/send"}
        self.channel = build("sms_http", "sms-h", options, surroundings(self.inbox, clock=self.clock))

    async def send(self, **fields):
        message = replace(outbound(), **{"filing": "T1", "params": PARAMS, **fields})
        (part,) = self.channel.plan(message)
        return await self.channel.send(message, part)

    async def hook(self, path: str, body: bytes = b"", headers: dict | None = None, **query: str):
        route = next(one for one in self.channel.routes() if one.path == path)
        return await route.handler(WebRequest(query, headers or {}, body))


@asynccontextmanager
async def provider_of(settings: dict, reply=taken):
    async with running(HttpPeer(reply)) as peer:
        provider = Provider(settings, peer)
        await provider.channel.open()
        yield provider
        await provider.channel.close()


@pytest.mark.parametrize(
    ("settings", "check"),
    [(HMAC_HEADER, check_hmac), (MD5_FIELD, check_md5), (PLAIN_QUERY, check_query)],
    ids=["hmac-header", "md5-field", "plain-query"],
)
async def test_a_request_is_written_and_signed_as_the_settings_say(settings, check):
    async with provider_of(settings) as provider:
        result = await provider.send()
        assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "9007199254740993")
        check(provider.peer.requests[0])


async def test_no_two_nonces_are_alike():
    settings = {**MD5_FIELD, "form": {"n": "{nonce}"}, "signing": None}
    async with provider_of(settings) as provider:
        for _ in range(2):
            await provider.send()
        assert len({request.form["n"] for request in provider.peer.requests}) == 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"filing": ""}, "not_filed"), ({"params": {}}, "parameter_missing"), ({"to": "张三"}, "bad_address")],
)
async def test_what_the_request_needs_and_the_message_lacks_is_refused_before_the_wire(fields, code):
    async with provider_of(PLAIN_QUERY) as provider:
        with pytest.raises(PlanError, match=code):
            await provider.send(**fields)


async def test_a_text_that_needs_no_template_goes_without():
    async with provider_of(HMAC_HEADER) as provider:
        assert (await provider.send(filing="", params={})).outcome is Outcome.ACCEPTED


# ------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer({"code": "OK"}), (Outcome.ACCEPTED, Fault.MESSAGE, "")),
        (Answer({"code": 1013}), (Outcome.RETRY, Fault.ACCOUNT, "throttled")),
        (Answer({"code": 1013}, 400), (Outcome.RETRY, Fault.ACCOUNT, "throttled")),
        (Answer({"code": 9}), (Outcome.REJECTED, Fault.MESSAGE, "http_9")),
        (Answer({"code": 9}, 400), (Outcome.REJECTED, Fault.MESSAGE, "http_400")),
        (Answer({"code": 0}, 502), (Outcome.UNKNOWN, Fault.LINK, "no_answer")),
        (Answer({"code": 9}, 500), (Outcome.UNKNOWN, Fault.LINK, "no_answer")),
        (Answer(b"", 401), (Outcome.RETRY, Fault.ACCOUNT, "account_refused")),
        (Answer(b"no", 429), (Outcome.RETRY, Fault.ACCOUNT, "throttled")),
        (Answer(b"", 302, {"Location": "http://127.0.0.1:1/"}), (Outcome.UNKNOWN, Fault.LINK, "no_answer")),
        (Answer(b"<html>"), (Outcome.UNKNOWN, Fault.LINK, "no_answer")),
        (Answer({"other": 1}), (Outcome.UNKNOWN, Fault.LINK, "no_answer")),
        (Answer([]), (Outcome.UNKNOWN, Fault.LINK, "no_answer")),
        (Answer(b"[" * 50_000), (Outcome.UNKNOWN, Fault.LINK, "no_answer")),
    ],
)
async def test_what_an_answer_means(answer, expected):
    async with provider_of(HMAC_HEADER, lambda _: answer) as provider:
        result = await provider.send()
        assert (result.outcome, result.fault, result.code) == expected
        assert len(provider.peer.requests) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0: Accepted for delivery", (Outcome.ACCEPTED, "m1", "")),
        ("7: too fast", (Outcome.RETRY, "", "throttled")),
        ("9: who knows", (Outcome.REJECTED, "", "http_9")),
        ("<html>", (Outcome.UNKNOWN, "", "no_answer")),
    ],
)
async def test_an_answer_in_plain_text_is_read_by_a_pattern(text, expected):
    answer = {"pattern": "^(?P<code>[0-9]+):", "own_ref": True, "refusals": {"7": "throttled"}}
    async with provider_of({**HMAC_HEADER, "answer": answer}, lambda _: Answer(text.encode())) as provider:
        result = await provider.send()
        assert (result.outcome, result.ref, result.code) == expected


async def test_the_providers_own_pause_is_kept():
    slow = Answer(b"", 429, {"Retry-After": "90"})
    async with provider_of(HMAC_HEADER, lambda _: slow) as provider:
        assert (await provider.send()).retry_after == timedelta(seconds=90)


@pytest.mark.parametrize("mode", ["silent", "cut"])
async def test_a_request_without_answer_is_in_doubt(mode):
    async with provider_of(HMAC_HEADER) as provider:
        provider.peer.mode = mode
        result = await provider.send()
        assert (result.outcome, result.fault, result.code) == (Outcome.UNKNOWN, Fault.LINK, "no_answer")
        assert provider.channel.trouble == "no_answer"


async def test_nobody_there_proves_that_nothing_was_sent():
    async with running(HttpPeer(taken)) as gone:
        pass
    provider = Provider(HMAC_HEADER, gone)
    await provider.channel.open()
    result = await provider.send()
    assert (result.outcome, result.fault, result.code) == (Outcome.RETRY, Fault.LINK, "not_connected")
    await provider.channel.close()


# ------------------------------------------------------------------- hooks

JSON_HOOKS = {
    **HMAC_HEADER,
    "hook_token": "hook-secret",
    "receipts": {
        "items": "/list",
        "ref": "/id",
        "state": "/st",
        "recipient": "/to",
        "at": "/t",
        "at_format": "unix_ms",
        "states": {"0": "delivered", "1": "not_final", "2": "expired"},
    },
    "texts": {"sender": "/from", "text": "/words", "to": "/ext", "key": "/id", "at": "/t"},
    "thanks": '{"code":0}',
    "thanks_type": "application/json",
}


async def test_receipts_in_json_are_read_where_the_settings_point():
    async with provider_of(JSON_HOOKS) as provider:
        items = [
            {"id": 7, "st": 0, "to": "86" + CITIZEN, "t": int(NOON.timestamp() * 1000)},
            {"id": 8, "st": "1"},
            {"id": 9, "st": "2"},
            {"id": 10, "st": "MK:0001"},
            {"id": 11, "st": "DELIVRD"},
            {"st": "0"},
        ]
        answer = await provider.hook("receipts", json.dumps({"list": items}).encode(), token="hook-secret")
        assert (answer.status, answer.body, answer.content_type) == (200, b'{"code":0}', "application/json")
        assert [(one.provider_ref, one.state, one.code) for one in provider.inbox.receipts] == [
            ("7", DeliveryState.DELIVERED, "0"),
            ("9", DeliveryState.EXPIRED, "2"),
            ("10", DeliveryState.FAILED, "MK:0001"),
            ("11", DeliveryState.DELIVERED, "DELIVRD"),
        ]
        assert (provider.inbox.receipts[0].recipient, provider.inbox.receipts[0].at) == (CITIZEN, NOON)


async def test_a_citizens_text_is_one_however_often_it_comes():
    async with provider_of(JSON_HOOKS) as provider:
        item = {"from": CITIZEN, "words": "没有", "ext": "12", "id": "a7", "t": "2026-11-20 12:00:00"}
        for _ in range(2):
            await provider.hook("texts", json.dumps(item).encode(), token="hook-secret")
        (message,) = provider.inbox.messages.values()
        assert (message.account, message.event_key, message.sender) == ("sms-h", "a7", CITIZEN)
        assert (message.text, message.to, message.sent_at) == ("没有", "12", NOON)


async def test_a_text_without_an_id_is_known_by_all_of_it():
    settings = {**JSON_HOOKS, "texts": {"sender": "/from", "text": "/words"}}
    async with provider_of(settings) as provider:
        for words in ("1", "1", "2"):
            item = {"from": CITIZEN, "words": words, "at": 5}
            await provider.hook("texts", json.dumps(item).encode(), token="hook-secret")
        assert provider.inbox.texts == ["1", "2"]


@pytest.mark.parametrize("content", ["form", "query", "json-in-form"])
async def test_receipts_come_in_every_form(content):
    read = {"ref": "/id", "state": "/st"}
    options = {"form": {"content": "form"}, "query": {"content": "query"}}
    options["json-in-form"] = {"content": "form", "within": "status"}
    fields = {"id": "7", "st": "DELIVRD"}
    body = {"form": urlencode(fields), "json-in-form": urlencode({"status": json.dumps([fields])})}
    settings = {**JSON_HOOKS, "receipts": {**read, **options[content]}}
    async with provider_of(settings) as provider:
        more = fields if content == "query" else {}
        answer = await provider.hook("receipts", body.get(content, "").encode(), token="hook-secret", **more)
        assert (answer.status, [one.provider_ref for one in provider.inbox.receipts]) == (200, ["7"])
        methods = {route.path: route.method for route in provider.channel.routes()}
        assert methods["receipts"] == ("GET" if content == "query" else "POST")


SIGNED_HOOKS = {
    **{key: value for key, value in JSON_HOOKS.items() if key != "hook_token"},
    "proof": {
        "method": "hmac-sha256",
        "over": "{header.x-time}\n{body}",
        "given": "{header.x-sign}",
        "stamp": "{header.x-time}",
    },
}


def sealed(body: bytes, at: str = NOW, secret: str = SECRET) -> dict[str, str]:
    signature = hmac.new(secret.encode(), at.encode() + b"\n" + body, hashlib.sha256).hexdigest()
    return {"x-time": at, "x-sign": signature}


RECEIPT = json.dumps({"list": [{"id": 7, "st": 0}]}).encode()


async def test_a_signed_hook_is_believed():
    async with provider_of(SIGNED_HOOKS) as provider:
        assert (await provider.hook("receipts", RECEIPT, sealed(RECEIPT))).status == 200
        assert len(provider.inbox.receipts) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-time": NOW},
        {"x-time": NOW, "x-sign": "00"},
        sealed(b"other"),
        sealed(RECEIPT, secret="other"),
        sealed(RECEIPT, at=str(int(NOW) - 301)),
        sealed(RECEIPT, at=str(int(NOW) + 301)),
        sealed(RECEIPT, at="soon"),
        sealed(RECEIPT, at=""),
        {**sealed(RECEIPT), "x-sign": "签"},
    ],
)
async def test_a_wrong_or_stale_signature_is_turned_away(headers):
    async with provider_of(SIGNED_HOOKS) as provider:
        assert (await provider.hook("receipts", RECEIPT, headers)).status == 403
        assert provider.inbox.receipts == []


async def test_a_signature_may_stand_among_the_fields():
    proof = {"method": "md5", "over": "{field.id}{field.st}{secret}", "given": "{field.sign}"}
    settings = {**SIGNED_HOOKS, "proof": proof, "receipts": {"content": "form", "ref": "/id", "state": "/st"}}
    sign = hashlib.md5(f"7DELIVRD{SECRET}".encode()).hexdigest()
    async with provider_of(settings) as provider:
        for given, status in ((sign, 200), ("0" * 32, 403)):
            body = urlencode({"id": "7", "st": "DELIVRD", "sign": given}).encode()
            assert (await provider.hook("receipts", body)).status == status
        assert (await provider.hook("receipts", b"\xff")).status == 403


@pytest.mark.parametrize("body", [b"", b"{", b"[]" * 2, b'{"list": 7}', b'{"list": [1]}', b'{"no": []}'])
async def test_a_hook_that_cannot_be_read_is_refused(body):
    async with provider_of(JSON_HOOKS) as provider:
        assert (await provider.hook("receipts", body, token="hook-secret")).status == 400


async def test_only_what_is_described_and_protected_has_an_address():
    for settings, paths in (
        (JSON_HOOKS, ["receipts", "texts"]),
        ({**JSON_HOOKS, "texts": None}, ["receipts"]),
        ({**JSON_HOOKS, "hook_token": None}, []),
        (HMAC_HEADER, []),
    ):
        async with provider_of(settings) as provider:
            assert [route.path for route in provider.channel.routes()] == paths


# ------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"url": "sms.example.cn"}, "url"),
        ({"form": {"a": "1"}}, "one of them"),
        ({"body": {"a": "{mobile}"}}, "mobile"),
        ({"headers": {"a": "{password}"}}, "password"),
        ({"body": {"sign": "{signature}"}}, "holds the signature"),
        ({"signing": None}, "signature"),
        ({"signing": {"method": "sha1", "over": ""}}, "method"),
        ({"answer": {}}, "one way"),
        ({"answer": {"code": "/c", "pattern": "(?P<code>.)"}}, "one way"),
        ({"answer": {"pattern": "(.)"}}, "no group"),
        ({"answer": {"pattern": "("}}, "pattern"),
        ({"answer": {"code": "/c", "refusals": {"1": "whatever"}}}, "whatever"),
        ({"receipts": {"ref": "/id", "state": "/s", "states": {"1": "great"}}}, "states"),
        ({"proof": {"method": "md5", "over": "{to}", "given": "{field.s}"}}, "no such words"),
    ],
)
async def test_a_wrong_setting_is_named_and_no_secret_is(change, named):
    settings = {**HMAC_HEADER, "url": "http://127.0.0.1/send", **change}
    with pytest.raises(ValidationError, match=named) as error:
        build("sms_http", "sms-h", settings, surroundings())
    assert SECRET not in str(error.value)
