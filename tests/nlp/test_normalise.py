import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import normalise

TEXTS = st.text(alphabet="路灯不亮。！！？ 　ＡｂＺ１2\u200b\ufe0f，,…~-篦燈\n拉圾")


@pytest.mark.parametrize(
    ("text", "even"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("雨水篦子", "雨水箅子"),
        ("路燈壞了", "路灯坏了"),
        ("路 灯　不 亮", "路灯不亮"),
        ("不亮！！！！", "不亮!"),
        ("到处是拉圾", "到处是垃圾"),
        ("路\u200b灯\ufe0f", "路灯"),
        ("LED screen", "led screen"),
        ("", ""),
    ],
)
def test_spellings_become_one(text, even):
    assert normalise(text).text == even


def test_offsets_lead_back_to_the_original():
    text = "今天！！！路　灯 不亮，，请修"
    even = normalise(text)
    start = even.text.index("路灯")
    assert text[slice(*even.span(start, start + 2))] == "路　灯"
    start = even.text.index("请修")
    assert text[slice(*even.span(start, start + 2))] == "请修"


@given(TEXTS)
def test_every_kept_character_stands_where_its_offset_says(text):
    even = normalise(text)
    positions = [even.position(index) for index in range(len(even.text))]
    assert positions == sorted(set(positions))
    for index, position in enumerate(positions):
        assert normalise(text[position]).text in {even.text[index], ""} or even.text[index] in "垃圾"


@given(st.text())
def test_normalising_twice_changes_nothing_more_and_never_raises(text):
    once = normalise(text).text
    assert len(once) <= len(text)
    assert normalise(once).text == once
