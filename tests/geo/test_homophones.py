import pytest

from callcenter.demo.city import demo_city
from callcenter.domain.citymap import CityMap
from callcenter.domain.places import Place, PlaceKind
from callcenter.geo.geocoder import MapGeocoder
from callcenter.geo.homophones import by_sound

GEO = MapGeocoder(demo_city().map)


def place(name):
    return Place(name, PlaceKind.ROAD, name, 28.5, 118.5)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("文长路86号门口污水外溢", "文昌路 86 号"),
        ("望胡花圆北门对面", "望湖花园北门（对面）"),
        ("澜东大到有个坑", "澜东大道"),
    ],
)
def test_a_name_typed_by_its_sound_is_found_and_asked_about(text, label):
    found = GEO.candidates(text)[0]
    assert found.label == label
    assert found.question.startswith("是不是“")
    assert found.confidence < 0.8


def test_an_exact_name_is_never_doubted_for_one_that_sounds_alike():
    names = [place("鹿鸣路"), place("鹭鸣路")]
    geocoder = MapGeocoder(CityMap(places=names, roads=[], grids=[]))
    assert [found.label for found in geocoder.candidates("鹿鸣路上有坑")] == ["鹿鸣路"]


def test_a_sound_that_two_names_share_means_neither():
    names = [place("鹿鸣路"), place("鹭鸣路")]
    assert MapGeocoder(CityMap(places=names, roads=[], grids=[])).candidates("路明路上有坑") == []


def test_every_character_keeps_its_place():
    text = "".join(map(chr, range(0x20, 0x3000, 7))) + "文昌路" * 3
    assert len(by_sound(text)) == len(text)
