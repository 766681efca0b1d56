"""What the clouds post to us: receipts and citizens' texts, in the books before they are thanked for."""

import json
from datetime import UTC, datetime

import pytest

from callcenter.domain.messages import DeliveryState
from tests.messaging.channels.clouds import CITIZEN, SIGN, cloud_of


@pytest.fixture(params=["sms_aliyun", "sms_tencent"])
async def kind(request):
    return request.param


@pytest.fixture
async def cloud(kind):
    async with cloud_of(kind) as one:
        yield one


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


@pytest.mark.parametrize("token", ["", "wrong", "hook-secret-0016 ", "密"])
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
