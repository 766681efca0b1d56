import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.telegram.text import TEXT_UNITS, pieces, units


def test_a_short_text_is_one_piece():
    assert pieces("您好") == ["您好"]


def test_blanks_alone_are_nothing():
    assert pieces(" \n ") == []


def test_4096_units_are_one_piece_and_one_more_are_two():
    assert len(pieces("字" * 4096)) == 1
    assert [len(piece) for piece in pieces("字" * 4097)] == [4096, 1]


def test_an_emoji_counts_two_units_and_is_never_cut():
    assert pieces("字" * 4095 + "😀") == ["字" * 4095, "😀"]


def test_a_cut_is_made_behind_a_sentence_where_one_ends():
    text = "一" * 3500 + "。" + "二" * 1000
    assert [piece[-1] for piece in pieces(text)] == ["。", "二"]


def test_a_line_end_is_better_than_a_sentence():
    text = "一" * 3400 + "\n" + "二" * 100 + "。" + "三" * 1000
    assert pieces(text)[0] == "一" * 3400


@pytest.mark.parametrize("cluster", ["👨\u200d👩\u200d👧", "👍🏽", "é", "❤\ufe0f"])
def test_what_people_see_as_one_character_stays_whole(cluster):
    for fill in range(4090, 4097):
        found = pieces("字" * fill + cluster)
        assert cluster in found[-1] or cluster in found[0]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.integers(min_value=2, max_value=9))
def test_nothing_is_lost_and_nothing_is_too_long(text, limit):
    found = pieces(text, limit)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(0 < units(piece) <= limit for piece in found)


def test_units_are_those_of_utf_16():
    text = "a字😀"
    assert units(text) == len(text.encode("utf-16-le")) // 2
    assert TEXT_UNITS == 4096
