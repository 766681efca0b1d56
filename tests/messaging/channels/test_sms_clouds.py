"""The accounts at Alibaba Cloud and Tencent Cloud: the providers' own libraries against our fakes of them."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.domain.messages import DeliveryState, Fault, Outcome, PlanError
from callcenter.ports import WebRequest
from messaging.channels import build
from messaging.sms.provider import MissingExtraError
from tests.messaging.channels.conftest import surroundings
from tests.messaging.fake_outbox import FakeInbox, outbound
from tests.peers.sms_http.clouds import KEY_ID, KEY_SECRET, Aliyun, Tencent
from tests.peers.sms_http.server import Answer, HttpPeer, running

CITIZEN = "13800000001"
SIGN = "澜江12345"
FILED = {
    "template": "case_closed",
    "filing": "SMS_15305",
    "params": {"number": "20261120-0012", "place": "文昌路"},
}
HOOK = {"hook_token": "hook-secret", "answer_limit_s": 0.5, "plain_http": True}
ALIYUN = {"key_id": KEY_ID, "key_secret": KEY_SECRET, "sign_name": SIGN, **HOOK}
TENCENT = {
    "secret_id": KEY_ID,
    "secret_key": KEY_SECRET,
    "app_id": "1400006666",
    "sign_name": SIGN,
    "parameters": {"SMS_15305": ["place", "number"]},
    **HOOK,
}


def filed(key: str = "m1", **fields):
    return replace(outbound(key), **{**FILED, **fields})


class Cloud:
    """One account, its provider and its inbox."""

    def __init__(self, kind: str, options: dict, fake, peer: HttpPeer) -> None:
        self.fake, self.peer, self.inbox = fake, peer, FakeInbox()
        endpoint = {"endpoint": f"127.0.0.1:{peer.port}"}
        self.channel = build(kind, "sms-c", {**options, **endpoint}, surroundings(self.inbox))

    async def send(self, **fields):
        message = filed(**fields)
        (part,) = self.channel.plan(message)
        return await self.channel.send(message, part)

    async def post(self, path: str, content, token: str = "hook-secret"):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        route = next(one for one in self.channel.routes() if one.path == path)
        return await route.handler(WebRequest({"token": token}, {}, body))


@asynccontextmanager
async def cloud_of(kind: str, **more):
    fake, options = (Aliyun(), ALIYUN) if kind == "sms_aliyun" else (Tencent(), TENCENT)
    async with running(HttpPeer(fake)) as peer:
        cloud = Cloud(kind, {**options, **more}, fake, peer)
        await cloud.channel.open()
        yield cloud
        await cloud.channel.close()


@pytest.fixture(params=["sms_aliyun", "sms_tencent"])
async def kind(request):
    return request.param


@pytest.fixture
async def cloud(kind):
    async with cloud_of(kind) as one:
        yield one


@pytest.fixture
async def aliyun():
    async with cloud_of("sms_aliyun") as one:
        yield one


@pytest.fixture
async def tencent():
    async with cloud_of("sms_tencent") as one:
        yield one


# ------------------------------------------------------------------- out


async def test_a_filed_template_is_sent_under_its_code_with_the_filed_signature(aliyun):
    result = await aliyun.send(key="m7")
    assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "90061950362781^0")
    (sent,) = aliyun.fake.sent
    assert (sent["PhoneNumbers"], sent["SignName"], sent["OutId"]) == (CITIZEN, SIGN, "m7")
    assert (sent["TemplateCode"], json.loads(sent["TemplateParam"])) == ("SMS_15305", FILED["params"])


async def test_parameters_go_in_the_order_in_which_the_provider_counts_them(tencent):
    result = await tencent.send(key="m7")
    assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "2028:f825e6b16e23f73f91231")
    (sent,) = tencent.fake.sent
    assert sent["TemplateParamSet"] == ["文昌路", "20261120-0012"]
    assert (sent["TemplateId"], sent["SignName"], sent["SmsSdkAppId"]) == ("SMS_15305", SIGN, "1400006666")
    assert (sent["PhoneNumberSet"], sent["SessionContext"]) == ([CITIZEN], "m7")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"filing": "SMS_9"}, "parameter_order_unknown"),
        ({"params": {"number": "1"}}, "parameter_missing"),
    ],
)
async def test_parameters_that_cannot_be_put_in_order_are_refused_before_the_wire(tencent, fields, code):
    with pytest.raises(PlanError, match=code):
        await tencent.send(**fields)


async def test_a_single_parameter_needs_no_order(tencent):
    await tencent.send(filing="SMS_9", params={"number": "1"})
    assert tencent.fake.sent[0]["TemplateParamSet"] == ["1"]


async def test_a_text_without_filed_template_goes_another_way(cloud):
    with pytest.raises(PlanError, match="not_filed"):
        await cloud.send(filing="")
    with pytest.raises(PlanError, match="bad_address"):
        await cloud.send(to="o-openid")
    assert cloud.peer.requests == []


async def test_a_wrong_secret_is_the_accounts_fault(kind):
    wrong = {"key_secret" if kind == "sms_aliyun" else "secret_key": "other"}
    async with cloud_of(kind, **wrong) as cloud:
        result = await cloud.send()
        assert (result.outcome, result.fault, result.code) == (
            Outcome.RETRY,
            Fault.ACCOUNT,
            "account_refused",
        )
        assert cloud.channel.trouble == "account_refused"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", (Outcome.REJECTED, Fault.RECIPIENT, "bad_address")),
        ("isv.BLACK_KEY_CONTROL_LIMIT", (Outcome.REJECTED, Fault.RECIPIENT, "blocked")),
        ("isv.SMS_TEMPLATE_ILLEGAL", (Outcome.REJECTED, Fault.MESSAGE, "template_refused")),
        ("isv.AMOUNT_NOT_ENOUGH", (Outcome.RETRY, Fault.ACCOUNT, "no_balance")),
        ("isv.DAY_LIMIT_CONTROL", (Outcome.RETRY, Fault.ACCOUNT, "quota_used")),
        ("isv.SMS_SIGNATURE_ILLEGAL", (Outcome.RETRY, Fault.ACCOUNT, "signature_refused")),
        ("isp.SYSTEM_ERROR", (Outcome.RETRY, Fault.MESSAGE, "provider_trouble")),
        ("isv.NEW_IN_2027", (Outcome.REJECTED, Fault.MESSAGE, "aliyun_isv.NEW_IN_2027")),
    ],
)
async def test_what_alibabas_refusals_mean(aliyun, code, expected):
    aliyun.fake.code = code
    result = await aliyun.send()
    assert (result.outcome, result.fault, result.code) == expected


@pytest.mark.parametrize(
    ("words", "wait"),
    [
        ("触发分钟级流控Permits:1", timedelta(minutes=1)),
        ("触发小时级流控Permits:5", timedelta(hours=1)),
        ("触发天级流控Permits:10", timedelta(days=1)),
        ("BUSINESS_LIMIT_CONTROL", timedelta(hours=1)),
    ],
)
async def test_too_many_texts_to_one_number_wait_as_long_as_the_limit_they_met(aliyun, words, wait):
    aliyun.fake.code, aliyun.fake.message = "isv.BUSINESS_LIMIT_CONTROL", words
    result = await aliyun.send()
    assert (result.outcome, result.fault, result.code) == (
        Outcome.RETRY,
        Fault.RECIPIENT,
        "recipient_throttled",
    )
    assert result.retry_after == wait
    assert aliyun.channel.trouble == ""


@pytest.mark.parametrize("field", ["code", "error"])
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("FailedOperation.PhoneNumberInBlacklist", (Outcome.REJECTED, Fault.RECIPIENT, "blocked")),
        ("InvalidParameterValue.IncorrectPhoneNumber", (Outcome.REJECTED, Fault.RECIPIENT, "bad_address")),
        ("LimitExceeded.PhoneNumberDailyLimit", (Outcome.RETRY, Fault.RECIPIENT, "recipient_throttled")),
        ("LimitExceeded.AppDailyLimit", (Outcome.RETRY, Fault.ACCOUNT, "quota_used")),
        ("RequestLimitExceeded", (Outcome.RETRY, Fault.ACCOUNT, "throttled")),
        ("FailedOperation.ContainSensitiveWord", (Outcome.REJECTED, Fault.MESSAGE, "forbidden_words")),
        (
            "FailedOperation.InsufficientBalanceInSmsPackage",
            (Outcome.RETRY, Fault.ACCOUNT, "no_balance"),
        ),
        (
            "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone",
            (Outcome.REJECTED, Fault.MESSAGE, "template_refused"),
        ),
        ("InternalError.Timeout", (Outcome.UNKNOWN, Fault.MESSAGE, "no_answer")),
        ("InvalidAction", (Outcome.REJECTED, Fault.MESSAGE, "tencent_InvalidAction")),
    ],
)
async def test_what_tencents_refusals_mean(tencent, code, field, expected):
    setattr(tencent.fake, field, code)
    result = await tencent.send()
    assert (result.outcome, result.fault, result.code) == expected


async def test_too_fast_for_the_account_rests_the_account(aliyun):
    aliyun.fake.code, aliyun.fake.status = "Throttling.User", 429
    result = await aliyun.send()
    assert (result.outcome, result.fault, result.code) == (Outcome.RETRY, Fault.ACCOUNT, "throttled")


@pytest.mark.parametrize("mode", ["silent", "cut"])
async def test_a_request_without_answer_is_in_doubt_and_sent_once(cloud, mode):
    cloud.peer.mode = mode
    result = await cloud.send()
    assert (result.outcome, result.fault, result.code) == (Outcome.UNKNOWN, Fault.LINK, "no_answer")
    assert len(cloud.peer.requests) == 1
    assert cloud.channel.trouble == "no_answer"
    cloud.peer.mode = "answer"
    assert (await cloud.send()).outcome is Outcome.ACCEPTED
    assert cloud.channel.trouble == ""


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", 502, {"Content-Type": "text/html"}),
        Answer(b"<html>", 503, {"Content-Type": "text/html"}),
        Answer(b"not json"),
        Answer(b"[]"),
        Answer({}),
        Answer({"Response": {}}),
        Answer({}, 500),
        Answer({"Message": "?"}, 404),
    ],
)
async def test_an_answer_that_says_nothing_is_in_doubt(cloud, answer):
    cloud.peer.reply = lambda _: answer
    assert (await cloud.send()).outcome is Outcome.UNKNOWN
    assert len(cloud.peer.requests) == 1


async def test_nobody_there_proves_that_nothing_was_sent(kind):
    async with running(HttpPeer(lambda _: Answer())) as gone:
        pass
    options = {**(ALIYUN if kind == "sms_aliyun" else TENCENT), "endpoint": f"127.0.0.1:{gone.port}"}
    channel = build(kind, "sms-c", options, surroundings())
    await channel.open()
    (part,) = channel.plan(filed())
    result = await channel.send(filed(), part)
    assert (result.outcome, result.fault, result.code) == (Outcome.RETRY, Fault.LINK, "not_connected")
    await channel.close()


async def test_twenty_at_once_are_twenty_texts(cloud):
    results = await asyncio.gather(*(cloud.send(key=f"m{n}") for n in range(20)))
    assert {result.outcome for result in results} == {Outcome.ACCEPTED}
    assert len({result.ref for result in results}) == 20


@pytest.mark.parametrize(
    ("kind", "module", "extra"),
    [
        ("sms_aliyun", "alibabacloud_dysmsapi20170525.client", "aliyun"),
        ("sms_tencent", "tencentcloud.sms.v20210111.models", "tencent"),
    ],
)
async def test_a_library_that_is_not_installed_is_named_with_its_extra(monkeypatch, kind, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    options = ALIYUN if kind == "sms_aliyun" else TENCENT
    with pytest.raises(MissingExtraError, match=f"hotline-12345.{extra}."):
        build(kind, "sms-c", options, surroundings())


# ------------------------------------------------------------------- in

ALIYUN_RECEIPT = {
    "phone_number": CITIZEN,
    "send_time": "2026-11-20 12:00:00",
    "report_time": "2026-11-20 12:00:05",
    "success": True,
    "err_code": "DELIVERED",
    "err_msg": "用户接收成功",
    "sms_size": "1",
    "biz_id": "90061950362781^0",
    "out_id": "m7",
}
TENCENT_RECEIPT = {
    "user_receive_time": "2026-11-20 12:00:05",
    "nationcode": "86",
    "mobile": CITIZEN,
    "report_status": "SUCCESS",
    "errmsg": "DELIVRD",
    "description": "用户短信送达成功",
    "sid": "2028:f825e6b16e23f73f91231",
}
RECEIPTS = {"sms_aliyun": ALIYUN_RECEIPT, "sms_tencent": TENCENT_RECEIPT}
FAILED = {
    "sms_aliyun": {**ALIYUN_RECEIPT, "success": False, "err_code": "MOBILE_NOT_ON_SERVICE"},
    "sms_tencent": {**TENCENT_RECEIPT, "report_status": "FAIL", "errmsg": "MK:0001"},
}
TEXTS = {
    "sms_aliyun": [
        {
            "phone_number": CITIZEN,
            "content": "没有",
            "send_time": "2026-11-20 12:00:05",
            "dest_code": "1234",
            "sequence_id": "1234567890",
        }
    ],
    "sms_tencent": {
        "extend": "1234",
        "mobile": CITIZEN,
        "nationcode": "86",
        "sign": SIGN,
        "text": "没有",
        "time": int(datetime(2026, 11, 20, 4, 0, 5, tzinfo=UTC).timestamp()),
    },
}
ARRIVED = datetime(2026, 11, 20, 4, 0, 5, tzinfo=UTC)


async def test_a_receipt_names_the_message_and_is_thanked_for(cloud, kind):
    result = await cloud.send()
    answer = await cloud.post("receipts", [RECEIPTS[kind]])
    (receipt,) = cloud.inbox.receipts
    assert (receipt.account, receipt.provider_ref) == ("sms-c", result.ref)
    assert (receipt.state, receipt.recipient) == (DeliveryState.DELIVERED, CITIZEN)
    assert receipt.at == ARRIVED
    assert answer.status == 200
    assert 0 in json.loads(answer.body).values()


async def test_bad_news_comes_with_its_code(cloud, kind):
    await cloud.post("receipts", [FAILED[kind], RECEIPTS[kind]])
    assert [one.state for one in cloud.inbox.receipts] == [DeliveryState.FAILED, DeliveryState.DELIVERED]
    assert cloud.inbox.receipts[0].code in {"MOBILE_NOT_ON_SERVICE", "MK:0001"}


async def test_a_citizens_text_arrives_once_however_often_it_is_pushed(cloud, kind):
    for _ in range(3):
        assert (await cloud.post("texts", TEXTS[kind])).status == 200
    (message,) = cloud.inbox.messages.values()
    assert (message.channel, message.account, message.sender) == ("sms", "sms-c", CITIZEN)
    assert (message.text, message.to, message.sent_at) == ("没有", "1234", ARRIVED)


@pytest.mark.parametrize("token", ["", "wrong", "hook-secret ", "密"])
@pytest.mark.parametrize("path", ["receipts", "texts"])
async def test_whoever_does_not_know_the_token_is_turned_away(cloud, kind, path, token):
    answer = await cloud.post(path, [RECEIPTS[kind]], token)
    assert (answer.status, cloud.inbox.receipts, cloud.inbox.messages) == (403, [], {})


async def test_without_a_token_there_is_no_address(kind):
    async with cloud_of(kind, hook_token=None) as cloud:
        assert cloud.channel.routes() == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"1",
        b'"text"',
        b"[1, 2]",
        b"[" * 100_000,
        b"null",
        b"[" + b"{}," * 1000 + b"{}]",
    ],
)
@pytest.mark.parametrize("path", ["receipts", "texts"])
async def test_a_hook_that_cannot_be_read_is_refused_and_breaks_nothing(cloud, path, body):
    assert (await cloud.post(path, body)).status == 400
    assert (cloud.inbox.receipts, cloud.inbox.messages) == ([], {})


async def test_what_is_no_report_among_reports_does_not_hold_up_the_others(cloud, kind):
    odd = [
        None,
        {},
        {"sid": None, "biz_id": []},
        {**RECEIPTS[kind], "user_receive_time": 7, "report_time": {}},
    ]
    assert (await cloud.post("receipts", [*odd, RECEIPTS[kind]])).status == 200
    assert len(cloud.inbox.receipts) == 2


async def test_while_the_database_is_away_the_provider_is_asked_to_come_again(cloud, kind):
    cloud.inbox.broken = True
    assert (await cloud.post("receipts", [RECEIPTS[kind]])).status == 503
    assert (await cloud.post("texts", TEXTS[kind])).status == 503
    cloud.inbox.broken = False
    assert (await cloud.post("texts", TEXTS[kind])).status == 200
    assert cloud.inbox.texts == ["没有"]
