from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.smpp import wire
from messaging.smpp.wire import Command, Framer, Message, Party, Pdu, Status, Tag, WireError
from tests.messaging.smpp import frames

latin = st.characters(min_codepoint=1, max_codepoint=255)
octet = st.integers(0, 255)


def text(limit: int):
    return st.text(latin, max_size=limit - 1)


parties = st.builds(Party, digits=text(21), ton=octet, npi=octet)
tlvs = st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=300), max_size=4)
messages = st.builds(
    Message,
    source=parties,
    destination=parties,
    payload=st.binary(max_size=254),
    data_coding=octet,
    esm_class=octet,
    registered_delivery=octet,
    priority=octet,
    service_type=text(6),
    protocol_id=octet,
    schedule=text(17),
    validity=text(17),
    replace=octet,
    default_message=octet,
    tlvs=tlvs,
)
pdus = st.builds(
    Pdu,
    command=st.integers(0, 0xFFFF_FFFF),
    sequence=st.integers(0, 0xFFFF_FFFF),
    status=st.integers(0, 0xFFFF_FFFF),
    body=st.binary(max_size=200),
)


def pdu(frame: str) -> Pdu:
    return wire.decode(bytes.fromhex(frame))


@given(messages)
def test_every_message_survives_the_wire(message):
    assert Message.decode(message.encode()) == message


@given(st.lists(pdus, max_size=5), st.integers(1, 40))
def test_frames_are_found_however_the_network_cuts_them(sent, step):
    stream = b"".join(one.encode() for one in sent)
    framer, received = Framer(), []
    for at in range(0, len(stream), step):
        received += framer.feed(stream[at : at + step])
    assert received == sent


@given(st.binary(max_size=400))
def test_garbage_is_a_wire_error_or_a_message_and_nothing_else(body):
    try:
        message = Message.decode(body)
    except WireError:
        return
    assert message.encode() == body or len(message.tlvs) > 0


@pytest.mark.parametrize("length", [0, 11, 15, wire.MAX_LENGTH + 1, 2**31, 2**32 - 1])
def test_an_absurd_length_is_refused_from_its_four_octets(length):
    with pytest.raises(WireError, match=f"PDU length {length} is outside"):
        list(Framer().feed(length.to_bytes(4)))


def test_the_recorded_conversation_reads_as_whole_frames():
    assert [one.encode().hex() for one in Framer().feed(frames.STREAM)] == list(frames.ALL)


def test_a_bind_is_written_as_recorded():
    assert Pdu(Command.BIND_TRANSCEIVER, 1, 0, wire.Bind("u", "p").encode()).encode().hex() == frames.BIND


def test_a_chinese_submit_is_read_and_written_as_recorded():
    recorded = pdu(frames.SUBMIT_UCS2)
    message = Message(
        source=Party("12345"),
        destination=Party("13800000000", 1, 1),
        payload="您的工单已受理".encode("utf-16-be"),
        data_coding=8,
        registered_delivery=1,
    )
    assert Message.decode(recorded.body) == message
    assert message.encode() == recorded.body


def test_the_id_of_a_recorded_answer_is_read():
    assert wire.message_id(pdu(frames.SUBMIT_RESP).body) == "00000001"


def test_an_answer_without_body_has_no_id():
    assert wire.message_id(b"") == ""


def test_a_recorded_receipt_shows_its_optional_parameters():
    message = Message.decode(pdu(frames.RECEIPT).body)
    assert message.tlvs == {Tag.RECEIPTED_MESSAGE_ID: b"00000001\0", Tag.MESSAGE_STATE: b"\x02"}


def test_requests_are_answered_with_their_own_number():
    assert pdu(frames.ENQUIRE).answer().encode().hex() == frames.ENQUIRE_RESP
    assert pdu(frames.UNBIND).answer().encode().hex() == frames.UNBIND_RESP
    deliver = Pdu(Command.DELIVER_SM, 1)
    assert deliver.answer(Status.OK, wire.NO_MESSAGE_ID).encode().hex() == frames.DELIVER_RESP


def test_a_command_nobody_knows_is_nacked():
    answer = Pdu(0x0103, 77).answer()
    assert (answer.command, answer.sequence, answer.status) == (Command.GENERIC_NACK, 77, 3)


def test_a_text_too_long_for_its_field_is_refused_before_it_is_sent():
    with pytest.raises(WireError, match="21 octets"):
        Party("1" * 21).encode()


@pytest.mark.parametrize("digits", ["一二三", "1\x002"])
def test_a_text_that_is_no_c_string_is_refused(digits):
    with pytest.raises(WireError):
        Party(digits).encode()


def test_a_payload_of_255_octets_is_refused():
    with pytest.raises(WireError, match="254"):
        Message(Party("1"), Party("2"), b"x" * 255).encode()


def test_a_long_text_in_message_payload_is_found():
    message = Message(Party("1"), Party("2"), b"", tlvs={Tag.MESSAGE_PAYLOAD: b"x" * 300})
    assert Message.decode(message.encode()).content == b"x" * 300


def test_a_string_without_end_is_an_error_not_a_read_past_it():
    with pytest.raises(WireError, match="no end"):
        Message.decode(b"abcdefgh")


def test_a_tlv_that_claims_more_than_there_is_is_an_error():
    body = Message(Party("1"), Party("2"), b"x").encode() + b"\x04\x24\x00\x09x"
    with pytest.raises(WireError):
        Message.decode(body)


def test_the_password_is_not_shown():
    assert "secret" not in repr(wire.Bind("u", "secret"))
    assert {one.name for one in fields(wire.Bind)} == {"system_id", "password", "system_type"}
