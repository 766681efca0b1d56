from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.places import PlaceKind
from nlp.normalise import normalise
from nlp.places.finder import PlaceFinder

STRANGER = PlaceFinder()  # knows no city
HOSTILE = 200_000


def found(text, finder=STRANGER):
    return [text[start:end] for start, end in finder.find(text)]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("反映云溪区水墨林溪开发商延期交房", ["云溪区水墨林溪"]),
        ("澜江市云溪区翠湖天地3栋2单元漏水", ["澜江市云溪区翠湖天地3栋2单元"]),
        ("投诉石桥区老树咖啡店噪音扰民", ["石桥区老树咖啡店"]),
        ("望湖区树木岭停水三天了", ["望湖区树木岭"]),
        ("云溪区凤凰山庄物业乱收费", ["云溪区凤凰山庄"]),
        ("在南埠区建设路有辆车乱停", ["南埠区建设路"]),
    ],
)
def test_what_follows_an_area_is_a_name_up_to_the_words_of_the_complaint(text, places):
    assert found(text) == places


@pytest.mark.parametrize(
    "text",
    [
        "云溪区教育局不作为",
        "投诉澜江市宏达建设有限公司拖欠工资",
        "澜江市公积金政策什么时候调整",
        "希望云溪区政府重视",
        "我们小区的物业不管事",
        "超市里东西太贵了",
        "澜江市210路公交车太少",
        "周边小区都停水了",
    ],
)
def test_offices_companies_and_bare_kinds_are_no_places(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("占用劳动东路的人行道", ["劳动东路"]),
        ("建国路和平安街交叉口", ["建国路和平安街交叉口"]),
        ("翡翠花园和锦绣家园都停电", ["翡翠花园", "锦绣家园"]),
        ("石榴新村往北50米处", ["石榴新村往北50米处"]),
    ],
)
def test_names_by_their_ends_crossings_and_sides(text, places):
    assert found(text) == places


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("文昌路和澜东大道路口", PlaceKind.CROSSING),
        ("文昌路86号", PlaceKind.ADDRESS),
        ("翡翠花园3栋", PlaceKind.ADDRESS),
        ("滨江大道", PlaceKind.ROAD),
        ("翡翠花园", PlaceKind.COMMUNITY),
        ("红旗小学公交站", PlaceKind.BUS_STOP),
        ("人民路地铁站", PlaceKind.METRO_STATION),
        ("白鹭医院", PlaceKind.POINT),
    ],
)
def test_a_place_has_a_kind(text, kind):
    [place] = PlaceFinder([text]).ranked(text)
    assert place.kind is kind


def test_names_of_the_city_are_surest_and_come_first():
    text = "云溪区水墨林溪旁边的老地方有人吵架"
    first, second = PlaceFinder(["老地方"]).ranked(text)
    assert text[first.start : first.end] == "老地方"
    assert first.confidence > second.confidence


def test_what_a_tagger_finds_and_a_known_name_beside_it_are_kept_apart():
    class Fixed:
        def spans(self, text, bare):
            return [(0, 3), (5, 8)]

    finder = PlaceFinder(["天地人和"], Fixed())
    assert finder.find("甲乙丙丁戊天地人和") == [(0, 3), (5, 9)]


@given(st.text(max_size=300))
def test_spans_of_any_text_are_in_order_not_empty_and_inside(text):
    even = normalise(text).text
    spans = STRANGER.find(even)
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(even) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize("unit", ["啊", "路", "(", "市", "长沙区", "业主", "小区1栋", "区的", "和平路", "一"])
def test_hostile_text_ends(unit):
    """The test's own limit of two minutes is more than a linear pass needs, less than any other."""
    text = unit * (HOSTILE // len(unit))
    assert all(0 <= start < end <= len(text) for start, end in STRANGER.find(text))
