"""The accounts at Alibaba Cloud and Tencent Cloud: the providers' own libraries against our fakes of them."""

import asyncio
import json
import sys
from datetime import timedelta

import pytest

from callcenter.domain.messages import Fault, Outcome, PlanError
from messaging.channels import build
from messaging.sms.provider import MissingExtraError
from tests.messaging.channels.clouds import ALIYUN, CITIZEN, FILED, SIGN, TENCENT, cloud_of, filed
from tests.messaging.channels.conftest import surroundings
from tests.peers.sms_http.server import Answer, HttpPeer, running


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
