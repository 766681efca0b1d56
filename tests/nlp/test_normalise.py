import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import normalise

HOSTILE = 200_000
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
        ("十二号楼三单元二〇三室", "12号楼3单元203室"),
        ("一百二十五号", "125号"),
        ("一片漆黑，五一路", "一片漆黑,五一路"),
        ("几十号人，上百号人", "几十号人,上百号人"),
        ("路灯坏了😡😡没人修👍", "路灯坏了没人修"),
        ("尊敬的领导：您好！路灯坏了，谢谢！", "路灯坏了"),
        ("你好，喂，路灯坏了。此致敬礼", "路灯坏了"),
        ("谢谢你们，路灯修好了", "谢谢你们,路灯修好了"),
        ("您好", "您好"),
        ("①號樓", "1号楼"),
        ("溝槽蓋板鬆動", "沟槽盖板松动"),
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


def test_a_house_number_leads_back_as_a_whole():
    text = "您好！住在 一百二十五号，😀三号楼"
    even = normalise(text)
    for words, original in (("125号", "一百二十五号"), ("3号楼", "三号楼"), ("住在", "住在")):
        start = even.text.index(words)
        assert text[slice(*even.span(start, start + len(words)))] == original


ANYTHING = st.text(alphabet="一二十百〇零号楼室好您你，。！ 　谢谢喂路燈Ａ9😀\u200b\n") | st.text()


@given(ANYTHING, st.data())
def test_every_span_leads_back_to_a_piece_of_the_original(text, data):
    even = normalise(text)
    if not even.text:
        return
    start = data.draw(st.integers(0, len(even.text) - 1))
    end = data.draw(st.integers(start + 1, len(even.text)))
    first, last = even.span(start, end)
    assert 0 <= first < last <= len(text)
    assert even.position(start) == first
    wider = even.span(0, len(even.text))
    assert wider[0] <= first
    assert last <= wider[1]


@pytest.mark.parametrize("unit", ["十", "您好", "谢谢", "，", "😀", "路 ", "一百", "尊敬的"])
def test_hostile_text_ends(unit):
    """The test's own limit of two minutes is more than a linear pass needs, less than any other."""
    text = unit * (HOSTILE // len(unit))
    assert len(normalise(text).text) <= len(text)


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
