"""What the text finder marks and what the map proposes are about the same characters of the text."""

import pytest

from callcenter.demo.city import demo_city
from callcenter.geo.geocoder import MapGeocoder
from nlp.normalise import normalise
from nlp.places.finder import PlaceFinder

MAP = demo_city().map
GEO = MapGeocoder(MAP)
FINDER = PlaceFinder(MAP.names())


def marked(text):
    even = normalise(text)
    return [even.span(*span) for span in FINDER.find(even.text)]


@pytest.mark.parametrize(
    "text",
    [
        "市民反映：今早7点多，文昌路和澜东大道路口、实验小学北门对面的非机动车道上有坑",
        "文昌路８６号门口污水外溢",
        "望湖花园12号楼3单元煤气味很重",
        "学府街石榴巷交叉口东侧路灯不亮",
        "石榴新村往北50米处有垃圾",
        "地铁2号线人民路站C口电梯坏了",
        "实验小学公交站站牌倒了",
        "文长路上的井盖坏了",
    ],
)
def test_every_proposal_of_the_map_is_marked_in_the_text(text):
    spans = marked(text)
    for candidate in GEO.candidates(text):
        assert any(start < candidate.end and candidate.start < end for start, end in spans), candidate.label


@pytest.mark.parametrize("name", sorted(MAP.names())[::40])
def test_a_name_of_the_city_is_both_marked_and_proposed(name):
    text = f"请问{name}的路灯什么时候修"
    [span] = marked(text)
    assert text[span[0] : span[1]] == name
    assert any(found.start == span[0] and found.end >= span[1] for found in GEO.candidates(text))
