from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.messages import DeliveryState
from messaging.smpp import receipts, wire
from messaging.smpp.receipts import IdBase, normal_id
from messaging.smpp.wire import Message, Party, Tag
from tests.messaging.smpp import frames

CHINA = ZoneInfo("Asia/Shanghai")
TEXT = "id:7A31F0 sub:001 dlvrd:001 submit date:2611201200 done date:2611201201 stat:{} err:{} text:"


def receipt(text: str = "", **tlvs: bytes) -> Message:
    named = {Tag[name]: value for name, value in tlvs.items()}
    return Message(Party("13800000001"), Party("10690012345"), text.encode(), esm_class=4, tlvs=named)


@given(st.integers(1, 2**64 - 1), st.integers(0, 8), st.booleans())
def test_one_number_has_one_normal_form_however_it_is_written(number, zeros, upper):
    hexadecimal = "0" * zeros + format(number, "X" if upper else "x")
    assert normal_id(hexadecimal, IdBase.HEX) == normal_id("0" * zeros + str(number), IdBase.DECIMAL)


@pytest.mark.parametrize(
    ("raw", "base", "normal"),
    [
        ("00000001", IdBase.HEX, "1"),
        ("7A31F0", IdBase.HEX, "7a31f0"),
        (" 7a31f0 ", IdBase.HEX, "7a31f0"),
        ("8008176", IdBase.DECIMAL, "7a31f0"),
        ("A1B2-C3", IdBase.HEX, "a1b2-c3"),
        ("0x1f", IdBase.HEX, "0x1f"),
        ("1_000", IdBase.DECIMAL, "1_000"),
        ("７", IdBase.DECIMAL, "７"),
        ("0", IdBase.HEX, "0"),
    ],
)
def test_ids_in_normal_form(raw, base, normal):
    assert normal_id(raw, base) == normal


def test_the_recorded_receipt_is_read():
    message = Message.decode(wire.decode(bytes.fromhex(frames.RECEIPT)).body)
    assert receipts.is_receipt(message)
    report = receipts.parse(message, UTC)
    assert report is not None
    assert (report.message_id, report.state, report.code) == ("00000001", DeliveryState.DELIVERED, "DELIVRD")
    assert report.done_at == datetime(2026, 11, 20, 12, 1, tzinfo=UTC)


def test_a_citizens_message_is_no_receipt():
    message = Message.decode(wire.decode(bytes.fromhex(frames.INBOUND_UCS2)).body)
    assert not receipts.is_receipt(message)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("DELIVRD", DeliveryState.DELIVERED),
        ("delivrd", DeliveryState.DELIVERED),
        ("EXPIRED", DeliveryState.EXPIRED),
        ("UNDELIV", DeliveryState.FAILED),
        ("DELETED", DeliveryState.FAILED),
        ("REJECTD", DeliveryState.FAILED),
        ("UNKNOWN", DeliveryState.UNKNOWN),
        ("ACCEPTD", None),
        ("ENROUTE", None),
        ("MK:0001", DeliveryState.FAILED),
    ],
)
def test_the_words_of_appendix_b(word, state):
    report = receipts.parse(receipt(TEXT.format(word, "000")), CHINA)
    assert report is not None
    assert (report.message_id, report.state) == ("7A31F0", state)
    assert report.done_at == datetime(2026, 11, 20, 12, 1, tzinfo=CHINA)


def test_tlvs_win_over_the_text():
    message = receipt(TEXT.format("UNDELIV", "034"), RECEIPTED_MESSAGE_ID=b"77\0", MESSAGE_STATE=b"\x02")
    report = receipts.parse(message, CHINA)
    assert report is not None
    assert (report.message_id, report.state, report.code) == ("77", DeliveryState.DELIVERED, "UNDELIV 034")


def test_tlvs_alone_are_enough():
    report = receipts.parse(receipt(RECEIPTED_MESSAGE_ID=b"77", MESSAGE_STATE=b"\x08"), CHINA)
    assert report is not None
    assert (report.message_id, report.state, report.done_at) == ("77", DeliveryState.FAILED, None)


def test_a_state_that_no_table_knows_is_unknown():
    report = receipts.parse(receipt(RECEIPTED_MESSAGE_ID=b"77", MESSAGE_STATE=b"\x63"), CHINA)
    assert report is not None
    assert report.state is DeliveryState.UNKNOWN


def test_a_nonsense_date_is_left_out():
    report = receipts.parse(receipt("id:1 done date:9999999999 stat:DELIVRD err:000"), CHINA)
    assert report is not None
    assert (report.state, report.done_at) == (DeliveryState.DELIVERED, None)


def test_without_an_id_there_is_nothing_to_record():
    assert receipts.parse(receipt("hello"), CHINA) is None


@given(st.binary(max_size=254), st.dictionaries(st.sampled_from(list(Tag)), st.binary(max_size=9)))
def test_no_receipt_breaks_the_parser(payload, tlvs):
    receipts.parse(Message(Party("1"), Party("2"), payload, esm_class=4, tlvs=tlvs), CHINA)
