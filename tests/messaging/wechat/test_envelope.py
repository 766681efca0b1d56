"""Signatures and sealing: the published vectors, wechatpy as the platform, keys that change, forgeries."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import xmltodict

from messaging.wechat.body import UnreadableError, fields
from messaging.wechat.envelope import Envelope, NotGenuineError, signature
from messaging.wechat.jssdk import signature as page_signature
from tests.messaging.fake_outbox import ManualClock
from tests.messaging.wechat.desk import AES_KEY, NOON, OLDER_KEY
from tests.peers.wechat.pushing import Pusher

APP = "wx1234567890abcdef"


def pusher(**given) -> Pusher:
    return Pusher(ManualClock(NOON).now, **given)


def test_the_signature_of_the_documentation_comes_out() -> None:
    """消息加解密说明, 明文模式."""
    assert signature("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    assert signature("AAAAA", "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_the_signature_of_the_page_guide_comes_out() -> None:
    """JS-SDK 说明文档, 附录1; the sample's own ticket, and what follows a # does not count."""
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    for url in ("http://mp.weixin.qq.com?params=value", "http://mp.weixin.qq.com?params=value#top"):
        found = page_signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, url)
        assert found == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
    plain = page_signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com")
    assert plain == "f4d90daf4b3bca3078ab155816175ba34c443a7b"


def test_a_genuine_address_is_believed_for_five_minutes() -> None:
    envelope = Envelope("AAAAA", APP)
    query = {
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
    }
    then = datetime.fromtimestamp(1714037059, UTC)
    for late in (-299, 0, 299):
        envelope.check(query, then + timedelta(seconds=late))
    for late in (-301, 301, 86_400):
        with pytest.raises(NotGenuineError, match="stale"):
            envelope.check(query, then + timedelta(seconds=late))


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": "0" * 40},
        {"signature": ""},
        {"signature": "签名"},
        {"nonce": "1"},
        {"timestamp": ""},
        {"timestamp": "１７１４０３７０５９"},
        {"timestamp": "-1"},
    ],
)
def test_whatever_is_wrong_with_an_address_it_is_not_believed(wrong) -> None:
    query = {**pusher().request(b"").query, **wrong}
    with pytest.raises(NotGenuineError):
        Envelope("AAAAA", APP).check(query, NOON)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_sealed_push_opens_and_the_answer_is_sealed_alike(as_json) -> None:
    platform = pusher(aes_key=AES_KEY, as_json=as_json)
    request = platform.request(platform.text("下水道堵了 😀"))
    envelope = Envelope("AAAAA", APP, [AES_KEY])
    opened = envelope.open(request.query, request.body, NOON)
    assert fields(opened.text)["Content"] == "下水道堵了 😀"
    sealed = envelope.seal(opened, "<xml/>" if not as_json else "{}", "abc", NOON)
    outer = json.loads(sealed) if as_json else xmltodict.parse(sealed)["xml"]
    assert set(outer) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}


def test_after_a_change_of_key_both_open_and_each_is_answered_with_its_own() -> None:
    envelope = Envelope("AAAAA", APP, [AES_KEY, OLDER_KEY])
    for key in (AES_KEY, OLDER_KEY):
        platform = pusher(aes_key=key)
        request = platform.request(platform.text("好"))
        opened = envelope.open(request.query, request.body, NOON)
        xml = "<xml><MsgType>text</MsgType><Content>收到</Content></xml>"
        answer = envelope.seal(opened, xml, "n1", NOON)
        assert platform.reply(answer.encode())["Content"] == "收到"


def test_what_no_key_opens_is_refused() -> None:
    platform = pusher(aes_key=OLDER_KEY)
    request = platform.request(platform.text("好"))
    with pytest.raises(UnreadableError):
        Envelope("AAAAA", APP, [AES_KEY]).open(request.query, request.body, NOON)


def test_a_push_for_another_account_is_refused() -> None:
    platform = pusher(aes_key=AES_KEY, app_id="wx-of-somebody-else")
    request = platform.request(platform.text("好"))
    with pytest.raises(UnreadableError):
        Envelope("AAAAA", APP, [AES_KEY]).open(request.query, request.body, NOON)


def test_with_a_key_set_nothing_in_plain_is_believed() -> None:
    platform = pusher()
    request = platform.request(platform.text("好"))
    with pytest.raises(NotGenuineError, match="not sealed"):
        Envelope("AAAAA", APP, [AES_KEY]).open(request.query, request.body, NOON)


def test_in_the_compatible_mode_what_is_sealed_counts() -> None:
    platform = pusher(aes_key=AES_KEY)
    request = platform.request(platform.text("好"))
    both = request.body.replace(b"<xml>", b"<xml><Content>\xe5\x9d\x8f</Content>", 1)
    opened = Envelope("AAAAA", APP, [AES_KEY]).open(request.query, both, NOON)
    assert fields(opened.text)["Content"] == "好"


def test_nothing_is_read_of_a_push_before_it_is_known_whose_it_is(monkeypatch) -> None:
    """A megabyte of nested elements takes most of a second to read."""
    monkeypatch.setattr("xmltodict.parse", lambda _raw: pytest.fail("read too early"))
    stamp = str(int(NOON.timestamp()))
    query = {"timestamp": stamp, "nonce": "1", "msg_signature": "0" * 40, "signature": "0" * 40}
    for keys in ([], [AES_KEY]):
        for body in (b"<xml>" + b"<a>" * 100_000, b"<xml><Encrypt><![CDATA[AAAA]]></Encrypt></xml>"):
            with pytest.raises(NotGenuineError):
                Envelope("AAAAA", APP, keys).open(query, body, NOON)


def test_the_signature_over_the_sealed_text_counts_not_the_one_of_the_address() -> None:
    platform = pusher(aes_key=AES_KEY)
    request = platform.request(platform.text("好"))
    forged = {**request.query, "msg_signature": request.query["signature"]}
    with pytest.raises(NotGenuineError, match="signature"):
        Envelope("AAAAA", APP, [AES_KEY]).open(forged, request.body, NOON)


@pytest.mark.parametrize("sealed", ["", "A", "====", "AAAA", "密文", "A" * 64, "YWJj" * 11])
def test_sealed_rubbish_with_a_right_signature_is_refused(sealed) -> None:
    stamp = str(int(NOON.timestamp()))
    query = {
        "timestamp": stamp,
        "nonce": "1",
        "msg_signature": signature("AAAAA", stamp, "1", sealed),
    }
    body = json.dumps({"Encrypt": sealed}).encode()
    with pytest.raises((UnreadableError, NotGenuineError)):
        Envelope("AAAAA", APP, [AES_KEY]).open(query, body, NOON)
