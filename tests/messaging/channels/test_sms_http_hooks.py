"""What any provider posts to us, as its account's settings describe it."""

import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from callcenter.domain.messages import DeliveryState
from tests.messaging.channels.conftest import NOON
from tests.messaging.channels.described import CITIZEN, HMAC_HEADER, NOW, SECRET, provider_of

JSON_HOOKS = {
    **HMAC_HEADER,
    "hook_token": "hook-secret-0016",
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
        answer = await provider.hook(
            "receipts", json.dumps({"list": items}).encode(), token="hook-secret-0016"
        )
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
            await provider.hook("texts", json.dumps(item).encode(), token="hook-secret-0016")
        (message,) = provider.inbox.messages.values()
        assert (message.account, message.event_key, message.sender) == ("sms-h", "a7", CITIZEN)
        assert (message.text, message.to, message.sent_at) == ("没有", "12", NOON)


async def test_a_text_without_an_id_is_known_by_all_of_it():
    settings = {**JSON_HOOKS, "texts": {"sender": "/from", "text": "/words"}}
    async with provider_of(settings) as provider:
        for words in ("1", "1", "2"):
            item = {"from": CITIZEN, "words": words, "at": 5}
            await provider.hook("texts", json.dumps(item).encode(), token="hook-secret-0016")
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
        answer = await provider.hook(
            "receipts", body.get(content, "").encode(), token="hook-secret-0016", **more
        )
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
        assert (await provider.hook("receipts", body, token="hook-secret-0016")).status == 400


async def test_only_what_is_described_and_protected_has_an_address():
    for settings, paths in (
        (JSON_HOOKS, ["receipts", "texts"]),
        ({**JSON_HOOKS, "texts": None}, ["receipts"]),
        ({**JSON_HOOKS, "hook_token": None}, []),
        (HMAC_HEADER, []),
    ):
        async with provider_of(settings) as provider:
            assert [route.path for route in provider.channel.routes()] == paths
