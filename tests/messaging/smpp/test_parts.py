import pytest

from messaging.smpp import parts
from messaging.smpp.wire import Message, Party, Tag
from messaging.sms.text import Place


def message(payload: bytes, esm_class: int = 0, **tlvs: bytes) -> Message:
    named = {Tag[name]: value for name, value in tlvs.items()}
    return Message(Party("1"), Party("2"), payload, esm_class=esm_class, tlvs=named)


def test_a_header_names_the_place():
    assert parts.split(message(bytes((5, 0, 3, 9, 2, 1)) + b"ab", 0x40)) == (Place(9, 2, 1), b"ab")


def test_without_the_indicator_the_same_octets_are_text():
    payload = bytes((5, 0, 3, 9, 2, 1)) + b"ab"
    assert parts.split(message(payload)) == (None, payload)


def test_sar_parameters_name_the_place():
    sar = {"SAR_REFERENCE": b"\x01\x02", "SAR_TOTAL": b"\x03", "SAR_NUMBER": b"\x02"}
    assert parts.split(message(b"ab", **sar)) == (Place(0x0102, 3, 2), b"ab")


@pytest.mark.parametrize("sar", [{}, {"SAR_TOTAL": b"\x03"}, {"SAR_TOTAL": b"\x03", "SAR_NUMBER": b"\x04"}])
def test_incomplete_or_impossible_sar_parameters_mean_a_message_on_its_own(sar):
    assert parts.split(message(b"ab", **sar)) == (None, b"ab")
