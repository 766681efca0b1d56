import pytest

from callcenter.demo.city import demo_city
from callcenter.domain.places import PlaceKind
from callcenter.geo.geocoder import MapGeocoder

MAP = demo_city().map
GEO = MapGeocoder(MAP)


def best(text):
    return GEO.candidates(text)[0]


def test_the_demo_city_has_bus_stops_and_metro_stations():
    kinds = [place.kind for place in MAP.places]
    assert kinds.count(PlaceKind.BUS_STOP) >= 60
    assert kinds.count(PlaceKind.METRO_STATION) >= 10


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ("地铁2号线人民路站C口电梯坏了", "地铁2号线人民路站C口", PlaceKind.METRO_STATION),
        ("人民路地铁站3号口没有灯", "地铁2号线人民路站3号口", PlaceKind.METRO_STATION),
        ("实验小学公交站对面有人摆摊", "实验小学公交站（对面）", PlaceKind.BUS_STOP),
        ("实验小学站的站牌倒了", "实验小学公交站", PlaceKind.BUS_STOP),
    ],
)
def test_a_station_is_found_by_name_and_alias_with_its_exit(text, label, kind):
    assert (best(text).label, best(text).kind) == (label, kind)


def test_a_metro_station_without_an_exit_is_asked_back_and_one_with_an_exit_is_not():
    assert "几号口" in best("地铁2号线人民路站很吵").question
    assert best("地铁2号线人民路站C口很吵").question == ""


def test_a_bus_stop_is_asked_for_its_side_of_the_road():
    assert "哪个方向" in best("实验小学公交站站牌倒了").question
