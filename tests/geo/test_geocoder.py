import pytest

from callcenter.demo.city import demo_city
from callcenter.domain.citymap import CityMap
from callcenter.domain.places import Place, PlaceKind, distance_m
from callcenter.geo.geocoder import MapGeocoder
from callcenter.ports import Geocoder

MAP = demo_city().map
GEO: Geocoder = MapGeocoder(MAP)
SHOT = (
    "市民反映：今早7点多，文昌路和澜东大道路口、实验小学北门对面的非机动车道上，路面塌了个大坑，"
    "直径约一米，没有围挡，有人骑电动车摔倒，正赶上学生上学，怕再出事。"
)


def best(text):
    return GEO.candidates(text)[0]


def place(name):
    return next(p for p in MAP.places if p.name == name)


def test_the_text_of_the_picture_yields_the_crossing_first_and_the_school_gate_second():
    first, second = GEO.candidates(SHOT)[:2]
    assert (first.label, first.kind, first.radius_m) == ("文昌路与澜东大道交叉口", PlaceKind.CROSSING, 15)
    assert (second.label, second.radius_m) == ("实验小学北门（对面）", 30)
    assert first.confidence > second.confidence > 0.8
    assert SHOT[first.start : first.end] == "文昌路和澜东大道路口"
    assert SHOT[second.start : second.end] == "实验小学北门对面"
    assert first.grid.community == second.grid.community == "实验社区"


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ("学府街石榴巷交叉口东侧有个坑", "学府街与石榴巷交叉口东侧", PlaceKind.CROSSING),
        ("文昌路86号门口污水外溢", "文昌路 86 号", PlaceKind.ADDRESS),
        ("文昌路８６号门口污水外溢", "文昌路 86 号", PlaceKind.ADDRESS),
        ("望湖花园12号楼3单元煤气味", "望湖花园 12 号楼 3 单元", PlaceKind.COMMUNITY),
        ("望湖花园 12 号楼 3 单元煤气味", "望湖花园 12 号楼 3 单元", PlaceKind.COMMUNITY),
        ("望湖花园的东门路灯不亮", "望湖花园东门", PlaceKind.COMMUNITY),
        ("文昌路实验小学北门", "实验小学北门", PlaceKind.POINT),
        ("文昌路望湖路至石榴巷段积水", "文昌路（望湖路至石榴巷段）", PlaceKind.ROAD),
        ("在实小门口", "实验小学", PlaceKind.POINT),
    ],
)
def test_a_place_is_read_with_what_narrows_it_down(text, label, kind):
    assert (best(text).label, best(text).kind) == (label, kind)


def test_a_gate_lies_on_its_side_of_the_place():
    school, north = place("实验小学"), best("实验小学北门")
    assert north.lat > school.lat
    assert north.lon == pytest.approx(school.lon)
    assert 90 < distance_m(school.lat, school.lon, north.lat, north.lon) < 110


@pytest.mark.parametrize(
    ("words", "metres"), [("往北50米", 50), ("向北走五十米", 50), ("以北一百二十米", 120)]
)
def test_a_distance_is_walked_from_the_place(words, metres):
    centre, found = place("石榴新村"), best(f"石榴新村{words}处有垃圾")
    assert distance_m(centre.lat, centre.lon, found.lat, found.lon) == pytest.approx(metres, rel=0.02)


def test_house_numbers_grow_along_the_road():
    road = next(r for r in MAP.roads if r.name == "文昌路")
    start = road.points[0]
    near, far = best("文昌路20号"), best("文昌路200号")
    assert distance_m(*start, near.lat, near.lon) < distance_m(*start, far.lat, far.lon)


def test_a_number_that_the_road_does_not_have_is_asked_back():
    found = best("文昌路99999号")
    assert found.confidence < 0.5
    assert "没有 99999 号" in found.question


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("实验小学对面有人摆摊", "哪个门"),
        ("望湖花园附近有噪音", "哪个门"),
        ("文昌路上有个坑", "哪一段"),
        ("人民路口信号灯坏了", "哪条路的路口"),
        ("云溪区到处是垃圾", "什么位置"),
        ("中山路和解放路交叉口", "不相交"),
    ],
)
def test_a_vague_place_comes_with_the_question_to_ask_back(text, asks):
    assert asks in best(text).question


def test_a_typing_error_is_forgiven_but_asked_about():
    found = best("澜冬大道坑坑洼洼")
    assert found.label == "澜东大道"
    assert found.confidence < 0.5
    assert found.question == "是不是“澜东大道”？"


def test_a_district_named_in_the_text_decides_between_places_of_one_name():
    twins = [
        Place("a", PlaceKind.POINT, "实验小学", 28.5, 118.5, "云溪区"),
        Place("b", PlaceKind.POINT, "实验小学", 28.6, 118.6, "石桥区"),
        Place("d", PlaceKind.DISTRICT, "石桥区", 28.6, 118.6, "石桥区"),
    ]
    geocoder = MapGeocoder(CityMap(places=twins, roads=[], grids=[]))
    assert geocoder.candidates("石桥区实验小学门口")[0].lat == 28.6
    alone = geocoder.candidates("实验小学门口")
    assert all(candidate.confidence < 0.5 for candidate in alone)


@pytest.mark.parametrize(
    "text", ["", "你好，在吗", "咨询社保", "路" * 1000, "\ud800", "((((", "１２３" * 500]
)
def test_a_text_without_a_place_has_no_candidates(text):
    assert GEO.candidates(text) == []


def test_hostile_text_is_answered_soon():
    assert len(GEO.candidates("文昌路和" * 250_000)) <= 3
    assert len(GEO.candidates("澜冬大道" * 250_000)) <= 3


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("文昌", "文昌路"),
        ("实验小", "实验小学"),
        ("商厦", "澜东商厦"),
        ("望胡花园", "望湖花园"),
        ("文昌路与澜东大道", "文昌路与澜东大道交叉口"),
        ("文昌路 86号", "文昌路 86 号"),
        ("文昌农贸市场", "文昌菜场"),
    ],
)
def test_the_place_field_finds_by_beginning_part_alias_and_likeness(query, first):
    assert GEO.search(query)[0].name == first


def test_the_place_field_keeps_to_its_limit_and_survives_nothing():
    assert len(GEO.search("路", 5)) == 5
    assert GEO.search("") == []
    assert GEO.search("路" * 10_000, 3) == []


def test_every_landmark_and_road_is_found_by_its_own_name():
    for meaning in (*MAP.places, *MAP.roads):
        assert meaning.name in [found.name for found in GEO.search(meaning.name, 3)]


def test_a_city_without_data_answers_nothing():
    empty = MapGeocoder(CityMap(places=[], roads=[], grids=[]))
    assert empty.candidates("文昌路86号") == []
    assert empty.search("文昌路") == []
