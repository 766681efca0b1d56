from hypothesis import given
from hypothesis import strategies as st

from nlp.likeness import LONGEST, TextLikeness

likeness = TextLikeness()


def test_the_name_of_the_place_is_told_apart_from_the_matter():
    told = likeness.read("文昌小学门口路灯不亮", "文昌小学门口")
    assert {"路灯", "不亮"} <= told.matter
    assert "文昌" in told.place
    assert "文昌" not in told.matter


def test_words_that_every_place_has_are_no_name():
    assert not likeness.read("", "小区门口附近").place


def test_what_stands_in_every_complaint_says_nothing():
    assert not likeness.read("您好，市民反映，希望有关部门尽快处理").matter


def test_numbers_of_houses_have_one_spelling():
    for text in ("幸福家园12号楼", "幸福家园12栋", "幸福家园十二幢"):
        assert likeness.read(text).numbers == {"12栋"}, text
    assert likeness.read("建设路二十号").numbers == {"20号"}
    assert likeness.read("三号楼2单元").numbers == {"3栋", "2单元"}


def test_dates_and_lines_are_no_house():
    assert not likeness.read("11月3号晚上，地铁2号线3号口，坐12路").numbers


def test_the_number_in_the_chosen_place_wins_over_the_text():
    assert likeness.read("我住14号，楼下垃圾没人收", "建设路12号").numbers == {"12号"}


def test_shared_words_are_shown_as_they_were_typed_longest_first():
    same = likeness.same("文昌路路灯不亮，晚上黑", "昨天文昌路有路灯不亮，看不见")
    assert same[0] == "路灯不亮"
    assert "文昌路" in same


def test_nothing_is_shared_with_nothing():
    assert likeness.same("", "路灯") == ()
    assert likeness.same("路灯不亮", "") == ()


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_read_and_compared(first, second):
    told = likeness.read(first, second)
    assert not told.matter & told.place
    assert all(len(part) == 2 for part in told.matter | told.place)
    likeness.same(first, second)


def test_only_the_beginning_of_a_long_text_is_read():
    assert likeness.read("路灯" + "，" * 5_000_000 + "井盖").matter == likeness.read("路灯").matter
    assert LONGEST < 1000
