import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.sms import text
from messaging.sms.text import Coding, Place

EMOJI = "😀"  # two UTF-16 units
anything = st.text(max_size=700)  # hypothesis makes no lone surrogates


def joined(parts):
    return text.decode(b"".join(text.split_header(part.payload)[1] for part in parts), parts[0].coding)


@given(anything)
def test_segments_join_to_the_text(words):
    parts = text.segments(words, 9)
    if len(parts) == 1:
        assert text.decode(parts[0].payload, parts[0].coding) == words
    else:
        assert joined(parts) == words


@given(anything)
def test_no_segment_is_too_long_nor_ends_inside_a_character(words):
    for part in text.segments(words, 9):
        assert len(part.payload) <= (140 if part.coding is Coding.UCS2 else 160)
        if part.coding is Coding.UCS2:
            body = text.split_header(part.payload)[1] if part.has_header else part.payload
            body.decode("utf-16-be")  # raises on half a pair


@pytest.mark.parametrize(
    ("words", "charged"),
    [
        ("", 1),
        ("字" * 70, 1),
        ("字" * 71, 2),
        ("字" * 134, 2),
        ("字" * 135, 3),
        ("字" * 160, 3),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("字" * 66 + EMOJI + "字" * 10, 2),
    ],
)
def test_as_many_segments_as_the_carrier_charges(words, charged):
    assert text.segment_count(words) == charged


def test_an_emoji_at_unit_67_goes_whole_into_the_next_segment():
    first, second = text.segments("字" * 66 + EMOJI + "字" * 10, 1)
    assert text.split_header(first.payload)[1].decode("utf-16-be") == "字" * 66
    assert text.split_header(second.payload)[1].decode("utf-16-be") == EMOJI + "字" * 10


def test_segments_say_where_they_belong():
    parts = text.segments("字" * 100, 200)
    assert [text.split_header(part.payload)[0] for part in parts] == [Place(200, 2, 1), Place(200, 2, 2)]
    assert parts[0].payload[:6] == bytes((5, 0, 3, 200, 2, 1))


def test_more_than_255_segments_are_refused():
    with pytest.raises(text.TextTooLongError):
        text.segments("字" * (67 * 255 + 1), 1)


@pytest.mark.parametrize("words", ["a@b", "$5", "a_b", "[x]", "{x}", "~", "£", "é", "`"])
def test_a_character_that_alphabets_disagree_about_is_sent_as_ucs2(words):
    assert text.coding_of(words) is Coding.UCS2


def test_plain_words_take_the_short_coding():
    assert text.coding_of("OK 12345, reply 1-5!\r\n") is Coding.DEFAULT


def test_a_sixteen_bit_reference_is_read():
    assert text.split_header(bytes((6, 8, 4, 1, 2, 3, 1)) + b"xy") == (Place(0x0102, 3, 1), b"xy")


def test_other_header_elements_are_passed_over():
    assert text.split_header(bytes((8, 1, 1, 0, 0, 3, 7, 2, 2)) + b"xy") == (Place(7, 2, 2), b"xy")


@pytest.mark.parametrize("payload", [b"", b"\x05", b"\xff\x00\x03", b"\x09\x00\x03\x01\x02\x01ab"])
def test_a_header_longer_than_the_payload_is_taken_as_text(payload):
    assert text.split_header(payload) == (None, payload)


@pytest.mark.parametrize("place", [(1, 0, 0), (1, 2, 0), (1, 2, 3), (1, 1, 1)])
def test_an_impossible_place_is_none(place):
    header = text.header(Place(*place))
    assert text.split_header(header + b"x") == (None, b"x")


@given(st.binary(max_size=300), st.integers(0, 255))
def test_no_payload_and_no_coding_breaks_the_decoder(payload, coding):
    assert isinstance(text.decode(payload, coding), str)
    text.split_header(payload)


@pytest.mark.parametrize(
    ("payload", "coding", "words"),
    [
        (b"Hello @", 1, "Hello @"),
        (b"\x00\x02\x1be\x1b<", 0, "@$€["),
        (b"\xe9t\xe9", 3, "été"),
        ("查".encode("utf-16-be"), 8, "查"),
        ("查".encode("utf-16-be"), 0x18, "查"),
        ("查".encode("gb18030"), 15, "查"),
        (b"1", 0x10, "1"),
        (b"1", 0xF0, "1"),
        (b"\x67", 8, "�"),
    ],
)
def test_codings_that_handsets_use(payload, coding, words):
    assert text.decode(payload, coding) == words
