"""Providers that are nothing but settings: three that sign as Chinese providers commonly do."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from pydantic import ValidationError

from callcenter.domain.messages import Fault, Outcome, PlanError
from messaging.channels import build
from tests.messaging.channels.conftest import surroundings
from tests.messaging.channels.described import (
    ACCOUNT,
    ANSWER,
    CITIZEN,
    HMAC_HEADER,
    KEY,
    NOW,
    PARAMS,
    SECRET,
    Provider,
    provider_of,
    taken,
)
from tests.peers.sms_http.server import Answer, HttpPeer, Request, running

# ------------------------------------------------------------------- three ways to sign

MD5_FIELD = {
    **ACCOUNT,
    "form": {"account": "{key}", "mobile": "{to}", "msg": "{text}", "ts": "{stamp}", "sign": "{signature}"},
    "signing": {"method": "md5", "over": "{key}{to}{stamp}{secret}", "written": "HEX"},
    "answer": ANSWER,
}
PLAIN_QUERY = {
    **ACCOUNT,
    "method": "GET",
    "query": {
        "u": "{key}",
        "p": "{secret}",
        "m": "{to}",
        "c": "{filing}",
        "v": "{params.place}",
        "j": "{params}",
    },
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
    assert json.loads(request.query.pop("j")) == PARAMS
    assert request.query == {"u": KEY, "p": SECRET, "m": CITIZEN, "c": "T1", "v": "文昌路"}


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


async def test_what_can_stand_in_no_header_is_not_sent():
    async with provider_of({**HMAC_HEADER, "headers": {"X-Text": "{text}"}, "signing": None}) as provider:
        result = await provider.send()
        assert (result.outcome, result.code) == (Outcome.REJECTED, "request_impossible")
        assert provider.peer.requests == []


async def test_an_address_that_has_a_query_keeps_it():
    settings = {**PLAIN_QUERY, "query": {"m": "{to}"}}
    async with running(HttpPeer(taken)) as peer:
        provider = Provider(settings, peer, "/send?v=2&k=a%26b")
        await provider.send()
        await provider.channel.close()
        assert peer.requests[0].query == {"v": "2", "k": "a&b", "m": CITIZEN}


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
