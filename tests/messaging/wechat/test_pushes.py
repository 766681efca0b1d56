"""What a push says in the hotline's words, in XML and in JSON."""

import json
from datetime import timedelta

import pytest
import xmltodict

from callcenter.domain.messages import DeliveryState, Kind
from messaging.wechat import body, pushes
from messaging.wechat.body import UnreadableError
from tests.messaging.fake_outbox import ManualClock
from tests.messaging.wechat.desk import ACCOUNT, NOON
from tests.peers.wechat.pushing import CITIZEN, OURS, Pusher

WRITE = {
    "xml": lambda fields: xmltodict.unparse({"xml": fields}, full_document=False).encode(),
    "json": lambda fields: json.dumps(fields).encode(),
}


@pytest.fixture(params=["xml", "json"])
def read(request):
    return lambda fields, **wanted: pushes.read(body.fields(WRITE[request.param](fields)), ACCOUNT, **wanted)


@pytest.fixture
def platform() -> Pusher:
    return Pusher(ManualClock(NOON).now)


def test_a_text_has_its_number_as_the_key(read, platform) -> None:
    push = read(platform.text("文昌路路灯坏了"))
    inbound = push.inbound
    assert (inbound.channel, inbound.account, inbound.sender) == ("wechat", ACCOUNT, CITIZEN)
    assert (inbound.kind, inbound.text) == (Kind.TEXT, "文昌路路灯坏了")
    assert inbound.event_key == inbound.ref == "24086087575195331"
    assert (inbound.to, inbound.sent_at, push.answered, push.ours) == (OURS, NOON, True, OURS)


def test_a_picture_can_be_fetched_for_three_days(read, platform) -> None:
    push = read(platform.message("image", PicUrl="http://mmbiz.qpic.cn/a/0", MediaId="media_1"))
    (media,) = push.inbound.media
    assert (push.inbound.kind, media.kind, media.ref) == (Kind.IMAGE, Kind.IMAGE, "media_1")
    assert media.expires_at == NOON + timedelta(days=3)


def test_a_voice_brings_what_the_platform_heard(read, platform) -> None:
    heard = read(platform.message("voice", MediaId="v1", Format="amr", Recognition="路灯坏了"))
    assert (heard.inbound.kind, heard.inbound.text) == (Kind.VOICE, "路灯坏了")
    assert heard.inbound.media[0].mime == "audio/amr"
    unheard = read(platform.message("voice", MediaId="v1", Format="speex", Recognition=""))
    assert (unheard.inbound.text, unheard.inbound.media[0].mime) == ("", "audio/speex")


@pytest.mark.parametrize("kind", ["video", "shortvideo"])
def test_both_kinds_of_video_are_one(read, platform, kind) -> None:
    push = read(platform.message(kind, MediaId="v1", ThumbMediaId="t1"))
    assert (push.inbound.kind, push.inbound.media[0].kind) == (Kind.VIDEO, Kind.VIDEO)


def test_a_place_has_latitude_first_and_its_label(read, platform) -> None:
    push = read(
        platform.message(
            "location", Location_X="31.175304", Location_Y="121.531542", Scale=20, Label="文昌路12号"
        )
    )
    inbound = push.inbound
    assert inbound.kind is Kind.LOCATION
    assert (round(inbound.lat, 5), round(inbound.lon, 5)) == (31.17743, 121.52721)  # not as the map shifts it
    assert inbound.label == "文昌路12号"


def test_a_link_is_its_title_words_and_address(read, platform) -> None:
    push = read(platform.message("link", Title="公告", Description="", Url="https://example.gov.cn/1"))
    assert (push.inbound.kind, push.inbound.text) == (Kind.LINK, "公告\nhttps://example.gov.cn/1")


@pytest.mark.parametrize(
    ("event", "fields", "name", "answered"),
    [
        ("subscribe", {"EventKey": ""}, "follow", True),
        ("subscribe", {"EventKey": "qrscene_12", "Ticket": "T"}, "follow", True),
        ("unsubscribe", {}, "unfollow", False),
        ("SCAN", {"EventKey": "12", "Ticket": "T"}, "scan:12", True),
        ("CLICK", {"EventKey": "progress"}, "menu:progress", True),
        ("VIEW", {"EventKey": "https://example.gov.cn/" + "x" * 90}, None, False),
        ("scancode_waitmsg", {"EventKey": "6", "ScanCodeInfo": {"ScanType": "qrcode"}}, "", False),
        ("subscribe_msg_change_event", {"SubscribeMsgChangeEvent": {"List": []}}, "", False),
        ("something_of_2030", {"Depth": {"A": "1"}}, "", False),
    ],
)
def test_events_have_the_hotlines_names_and_new_ones_none(
    read, platform, event, fields, name, answered
) -> None:
    push = read(platform.event(event, **fields))
    inbound = push.inbound
    assert inbound.kind is Kind.EVENT
    assert inbound.event == ("view:https://example.gov.cn/" + "x" * 52 if name is None else name)
    assert push.answered is answered
    assert inbound.event_key.startswith(f"{CITIZEN}:{int(NOON.timestamp())}:{event.lower()}:")
    assert len(inbound.event_key) <= 300


def test_two_keys_pressed_within_a_second_are_two_events(read, platform) -> None:
    first = read(platform.event("CLICK", EventKey="report"))
    second = read(platform.event("CLICK", EventKey="progress"))
    again = read(platform.event("CLICK", EventKey="report"))
    assert first.inbound.event_key != second.inbound.event_key
    assert first.inbound.event_key == again.inbound.event_key


def test_a_kind_of_message_nobody_knows_is_an_event_without_a_name(read, platform) -> None:
    push = read(platform.message("hologram", MediaId="h1"))
    assert (push.inbound.kind, push.inbound.event, push.answered) == (Kind.EVENT, "", False)


def test_positions_that_phones_report_by_themselves_count_only_when_asked_for(read, platform) -> None:
    event = platform.event("LOCATION", Latitude="48.85837", Longitude="2.294481", Precision="40")
    assert read(event).inbound is None
    inbound = read(event, positions=True).inbound
    assert (inbound.kind, inbound.lat, inbound.lon) == (Kind.LOCATION, 48.85837, 2.294481)


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        ("success", DeliveryState.DELIVERED, ""),
        ("failed:user block", DeliveryState.FAILED, "blocked"),
        ("failed: system failed", DeliveryState.FAILED, "system_failed"),
        ("failed", DeliveryState.FAILED, "failed"),
    ],
)
def test_the_end_of_a_template_message_is_a_receipt(read, platform, status, state, code) -> None:
    push = read(platform.event("TEMPLATESENDJOBFINISH", MsgID=200163836, Status=status))
    (receipt,) = push.receipts
    assert (receipt.account, receipt.provider_ref, receipt.recipient) == (ACCOUNT, "200163836", CITIZEN)
    assert (receipt.state, receipt.code, receipt.at) == (state, code, NOON)
    assert push.inbound is None


def _notice(number: str, code: str, status: str) -> dict[str, str]:
    return {"TemplateId": "T1", "MsgID": number, "ErrorCode": code, "ErrorStatus": status}


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("count", [1, 2])
def test_subscription_notices_end_in_receipts_one_or_many(read, platform, wrapped, count) -> None:
    entries = [_notice("1700827132819554304", "0", "success"), _notice("17008271", "2", "user refuse")]
    listed = entries[0] if count == 1 else entries
    fields = {"SubscribeMsgSentEvent": {"List": listed}} if wrapped else {"List": listed}
    receipts = read(platform.event("subscribe_msg_sent_event", **fields)).receipts
    assert [r.provider_ref for r in receipts] == ["1700827132819554304", "17008271"][:count]
    assert [r.state for r in receipts] == [DeliveryState.DELIVERED, DeliveryState.FAILED][:count]


@pytest.mark.parametrize(
    "broken",
    [
        {"MsgType": None},
        {"CreateTime": "soon"},
        {"CreateTime": "9" * 40},
        {"FromUserName": None, "MsgType": "image", "MediaId": None},
        {"FromUserName": None},
        {"MsgType": "location", "Location_X": "north", "Location_Y": "1"},
        {"MsgType": "location", "Location_X": "nan", "Location_Y": "1"},
        {"MsgType": "location", "Location_X": "1", "Location_Y": "181"},
        {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": "x"},
        {"MsgType": "event", "Event": "subscribe_msg_sent_event"},
        {"MsgType": "event", "Event": "subscribe_msg_sent_event", "List": ["a"]},
    ],
)
def test_a_push_that_makes_no_sense_is_unreadable(read, platform, broken) -> None:
    with pytest.raises(UnreadableError):
        read({**platform.text("好"), **broken})


def test_half_characters_and_zeros_are_left_out(platform) -> None:
    raw = json.dumps(platform.text("灯\x00坏\ud83d了")).encode()
    assert pushes.read(body.fields(raw), ACCOUNT).inbound.text == "灯坏了"


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]>
<xml><MsgType>text</MsgType><Content>&lol3;</Content></xml>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<xml><Content>&x;</Content></xml>"""


@pytest.mark.parametrize(
    "raw",
    [
        BOMB,
        OUTSIDE,
        b"",
        b"{",
        b"[]",
        b"{}x",
        b"<xml",
        b"<xml/>",
        b"<xml>text</xml>",
        b"<other><a/></other>",
        b"\xff\xfe\x00",
        b"{" + b'"a":[' * 100_000,
        b"<xml>" + b"x" * body.MOST,
    ],
)
def test_bombs_and_rubbish_are_unreadable(raw) -> None:
    with pytest.raises(UnreadableError):
        body.fields(raw)
