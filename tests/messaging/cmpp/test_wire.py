"""Against frames that another implementation wrote, against the test gateway's own tables, against noise."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from messaging.cmpp import wire
from messaging.cmpp.wire import Command, Connect, ConnectAnswer, Pdu, Submit, SubmitAnswer, Tariff, Version
from messaging.link.wire import WireError
from messaging.sms import text
from tests.messaging.cmpp import frames
from tests.peers.cmpp import tables

BOTH = [Version.V20, Version.V30]
RECORDED = {Version.V20: 2, Version.V30: 3}
SECRET = "888888"
WORDS = "您的工单已受理"
numbers = st.integers(0, 2**64 - 1)
digits = st.text("0123456789", min_size=1, max_size=21)


def frame(name: str, version: Version) -> bytes:
    return bytes.fromhex(getattr(frames, f"{name}_{RECORDED[version]}"))


def body(name: str, version: Version) -> bytes:
    return wire.decode(frame(name, version)).body


def recorded_submit(payload: bytes, message_format: int = 8, **fields) -> Submit:
    tariff = Tariff(service_id="HOTLINE")
    return Submit("900001", "12345", "13800000000", payload, message_format, tariff=tariff, **fields)


# ------------------------------------------------------------------- recorded frames


@pytest.mark.parametrize("recorded", frames.ALL)
def test_every_recorded_frame_is_read_and_written_alike(recorded):
    octets = bytes.fromhex(recorded)
    assert wire.decode(octets).encode() == octets


@pytest.mark.parametrize("version", BOTH)
def test_the_login_is_the_recorded_one_octet_for_octet(version):
    recorded = wire.decode(frame("CONNECT", version))
    stamp = f"{int.from_bytes(recorded.body[-4:]):010}"
    assert Connect("900001", SECRET, stamp, version).encode() == recorded.body


@pytest.mark.parametrize("version", BOTH)
def test_the_gateways_proof_is_checked_in_the_width_of_its_status(version):
    stamp = f"{int.from_bytes(body('CONNECT', version)[-4:]):010}"
    answer = ConnectAnswer.decode(body("CONNECT_RESP", version))
    assert (answer.status, answer.version) == (0, version)
    assert answer.is_proof_of(Connect("900001", SECRET, stamp, version))
    assert not answer.is_proof_of(Connect("900001", "other", stamp, version))


def test_from_january_to_september_the_stamp_loses_its_zero_only_as_a_number():
    login = Connect("900001", SECRET, "0203040506", Version.V20)
    assert int.from_bytes(login.encode()[-4:]) == 203040506
    assert login.proof == wire._md5(b"900001" + bytes(9) + b"888888" + b"0203040506")


@pytest.mark.parametrize("version", BOTH)
def test_a_text_is_submitted_as_recorded(version):
    assert recorded_submit(WORDS.encode("utf-16-be")).encode(version) == body("SUBMIT", version)
    assert recorded_submit(b"MO?", 0).encode(version) == body("ASCII", version)


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("number", [1, 2])
def test_a_long_text_is_submitted_as_recorded(version, number):
    recorded = tables.unpack(tables.SUBMIT_TABLE, version, body(f"LONG_{number}_OF_2", version))[
        "Msg_Content"
    ]
    submit = recorded_submit(recorded, has_header=True, total=2, number=number)
    assert submit.encode(version) == body(f"LONG_{number}_OF_2", version)


@pytest.mark.parametrize("version", BOTH)
def test_one_number_makes_a_pdu_of_the_length_that_the_tables_give(version):
    beside_content = {Version.V20: 147, Version.V30: 183}[version]
    assert len(recorded_submit(b"x" * 14).encode(version)) == beside_content + 14


@pytest.mark.parametrize("version", BOTH)
def test_the_recorded_answer_names_the_message(version):
    answer = SubmitAnswer.decode(body("SUBMIT_RESP", version))
    assert answer.result == 0
    assert answer.message_id == int.from_bytes(body("SUBMIT_RESP", version)[:8])
    assert answer.message_id > 2**63  # the first bit is set: a signed number would be negative


@pytest.mark.parametrize("version", BOTH)
def test_the_recorded_report_has_sixty_octets_on_either_version(version):
    message = wire.Deliver.decode(body("REPORT", version), version)
    assert message.is_report
    assert len(message.content) == 60
    report = wire.Report.decode(message.content)
    assert (report.stat, report.done, report.recipient) == ("DELIVRD", "2611201536", "13800000000")
    assert report.message_id == message.message_id


@pytest.mark.parametrize("version", BOTH)
def test_the_recorded_message_of_a_citizen_is_read(version):
    first = wire.Deliver.decode(body("INBOUND_1_OF_2", version), version)
    second = wire.Deliver.decode(body("INBOUND_2_OF_2", version), version)
    assert (first.sender, first.to, first.message_format) == ("13800000000", "12345", 8)
    place, payload = text.split_header(first.content)
    assert (place, first.is_report) == (text.Place(9, 2, 1), False)
    whole = payload + text.split_header(second.content)[1]
    assert whole.decode("utf-16-be").startswith("市民来信：路灯不亮路灯不亮")


# ------------------------------------------------------------------- the tables, any values


@given(
    digits,
    digits,
    st.binary(max_size=140),
    st.sampled_from([4, 8, 15]),
    st.booleans(),
    st.integers(1, 255),
    st.sampled_from(BOTH),
)
def test_what_is_submitted_is_what_the_tables_read(
    source, destination, payload, message_format, has_header, total, version
):
    one = Submit("900001", source, destination, payload, message_format, has_header, total, total)
    fields = tables.unpack(tables.SUBMIT_TABLE, version, one.encode(version))
    assert tables.words(fields["Src_Id"]) == source
    assert tables.words(fields["Dest_terminal_Id"]) == destination
    assert fields["Msg_Content"] == payload
    assert (fields["Msg_Fmt"][0], fields["TP_udhi"][0]) == (message_format, has_header)
    assert (fields["Pk_total"][0], fields["Pk_number"][0]) == (total, total)
    assert (fields["DestUsr_tl"][0], fields["Registered_Delivery"][0]) == (1, 1)


@given(
    st.integers(0, 2**64 - 1), digits, digits, st.binary(max_size=255), st.booleans(), st.sampled_from(BOTH)
)
@example(2**64 - 1, "1", "2", b"", False, Version.V30)
def test_what_the_tables_write_is_what_is_read(message_id, sender, to, content, is_report, version):
    written = tables.pack(
        tables.DELIVER_TABLE,
        version,
        Msg_Id=message_id,
        Dest_Id=to.encode(),
        Src_terminal_Id=sender.encode(),
        Registered_Delivery=int(is_report),
        Msg_Length=len(content),
        Msg_Content=content,
    )
    read = wire.Deliver.decode(written, version)
    assert (read.message_id, read.sender, read.to) == (message_id, sender, to)
    assert (read.content, read.is_report) == (content, is_report)


@given(numbers, st.sampled_from(BOTH), st.integers(0, 255))
def test_answers_are_read_by_their_length(message_id, version, result):
    octets = wire.deliver_answer(message_id.to_bytes(8), result, version)
    assert len(octets) == {Version.V20: 9, Version.V30: 12}[version]
    assert SubmitAnswer.decode(octets) == SubmitAnswer(message_id, result)


@pytest.mark.parametrize("width", [21, 32])
@pytest.mark.parametrize("stat", ["DELIVRD", "MK:0001", "CB:10", "UNDELIV"])
def test_a_report_is_read_by_its_length(width, stat):
    content = b"".join(
        (
            (2**64 - 2).to_bytes(8),
            stat.encode().ljust(7, b"\0"),
            b"26123123592701010001",
            b"13800000001".ljust(width, b"\0"),
            bytes(4),
        )
    )
    assert len(content) == {21: 60, 32: 71}[width]
    report = wire.Report.decode(content)
    assert report == wire.Report(2**64 - 2, stat, "2612312359", "2701010001", "13800000001")


# ------------------------------------------------------------------- noise


@given(st.binary(max_size=400), st.sampled_from(BOTH))
def test_noise_is_refused_and_nothing_else(octets, version):
    for read in (
        lambda: wire.Deliver.decode(octets, version),
        lambda: wire.Report.decode(octets),
        lambda: SubmitAnswer.decode(octets),
        lambda: ConnectAnswer.decode(octets),
    ):
        with suppress(WireError):
            read()


@pytest.mark.parametrize("version", BOTH)
def test_a_body_of_the_other_version_is_refused_rather_than_misread(version):
    other = BOTH[1 - BOTH.index(version)]
    with pytest.raises(WireError):
        wire.Deliver.decode(body("INBOUND_1_OF_2", other), version)


@given(st.lists(st.builds(Pdu, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=60))))
def test_one_octet_at_a_time_makes_the_same_pdus(pdus):
    framer, found = wire.Framer(), []
    for octet in b"".join(pdu.encode() for pdu in pdus):
        found += framer.feed(bytes((octet,)))
    assert found == pdus


@pytest.mark.parametrize("length", [0, 11, 4097, 2**31, 2**32 - 1])
def test_an_absurd_length_is_refused_before_anything_is_waited_for(length):
    with pytest.raises(WireError, match=f"PDU length {length}"):
        list(wire.Framer().feed(length.to_bytes(4)))


def test_a_frame_that_lies_about_its_length_is_refused():
    with pytest.raises(WireError):
        wire.decode(b"\0\0\0\x0d" + bytes(8))


@pytest.mark.parametrize("payload", [(b"x" * 160, 0), (b"x" * 141, 8)])
def test_more_octets_than_a_short_message_takes_are_refused(payload):
    with pytest.raises(WireError, match="Msg_Content"):
        recorded_submit(*payload).encode(Version.V20)


@pytest.mark.parametrize("number", ["1" * 22, "１３８", "1\0002"])
def test_a_number_that_fits_no_field_is_refused_and_not_shown(number):
    with pytest.raises(WireError) as error:
        Submit("900001", "12345", number, b"x", 0).encode(Version.V20)
    assert number not in str(error.value)


def test_a_wider_number_fits_the_newer_version():
    assert Submit("900001", "12345", "1" * 32, b"x", 0).encode(Version.V30)


def test_an_answer_repeats_the_sequence_number():
    pdu = Pdu(Command.ACTIVE_TEST, 2**32 - 1)
    assert pdu.answer(b"\0") == Pdu(0x80000008, 2**32 - 1, b"\0")
    assert not pdu.is_response
    assert pdu.answer().is_response


def test_a_secret_is_in_no_representation():
    assert SECRET not in repr(Connect("900001", SECRET, "1120153649", Version.V20))
