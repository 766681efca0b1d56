"""Long texts in pieces of 2,048 octets."""

from hypothesis import given
from hypothesis import strategies as st

from messaging.wechat.text import MOST, pieces

FAMILY = "👨‍👩‍👧‍👦"


def test_a_text_of_the_limit_is_one_piece_and_one_octet_more_is_two() -> None:
    assert len(list(pieces("a" * MOST))) == 1
    assert [len(piece) for piece in pieces("a" * (MOST + 1))] == [MOST, 1]


def test_chinese_takes_three_octets_each() -> None:
    assert [len(piece) for piece in pieces("路" * 683)] == [682, 1]


def test_a_piece_ends_behind_a_sentence_where_one_ends_late_enough() -> None:
    text = "路" * 600 + "。" + "灯" * 400
    assert list(pieces(text)) == ["路" * 600 + "。", "灯" * 400]


def test_what_a_reader_takes_for_one_character_is_not_cut() -> None:
    text = "a" * (MOST - 5) + FAMILY + "b"
    first, second = pieces(text)
    assert first == "a" * (MOST - 5)
    assert second == FAMILY + "b"


@given(st.text(st.sampled_from("a路😀e\u0301。\n" + FAMILY), max_size=3_000))
def test_the_pieces_are_the_text_and_none_is_too_long(text: str) -> None:
    found = list(pieces(text))
    assert "".join(found) == text
    assert all(len(piece.encode()) <= MOST for piece in found)
    assert all(found) or text == ""
