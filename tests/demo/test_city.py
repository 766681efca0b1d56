import json

import pytest

from callcenter.data import categories, workflow_transitions
from callcenter.demo.city import demo_city
from callcenter.demo.geojson import geojson
from callcenter.demo.offices import best_rule, resolve
from callcenter.domain.places import PlaceKind

CITY = demo_city()
ROLES = {"agent", "team_leader", "supervisor", "acceptor", "dispatcher", "department", "follow_up", "admin"}


def names_of(kind):
    return [place.name for place in CITY.map.places if place.kind is kind]


def test_the_city_has_the_promised_size():
    assert len(names_of(PlaceKind.DISTRICT)) == 8
    assert len(names_of(PlaceKind.STREET)) == 40
    assert len(CITY.map.roads) >= 200
    assert len(CITY.map.places) >= 400 + 48
    assert len(CITY.departments) >= 20
    assert len([person for person in CITY.staff if person.role == "agent"]) == 40


def test_names_of_roads_and_places_are_unique():
    roads = [road.name for road in CITY.map.roads]
    places = [place.name for place in CITY.map.places]
    assert len(roads) == len(set(roads))
    assert len(places) == len(set(places))


@pytest.mark.parametrize("name", ["实验小学", "望湖花园", "澜东商厦", "文昌菜场"])
def test_places_of_the_pictures_stand_in_wenchang_street_of_yunxi(name):
    place = next(place for place in CITY.map.places if place.name == name)
    assert (place.district, place.street) == ("云溪区", "文昌街道")


def test_the_roads_of_the_pictures_cross_each_other():
    points = {road.name: set(road.points) for road in CITY.map.roads}
    assert points["文昌路"] & points["澜东大道"]
    assert points["学府街"] & points["石榴巷"]


def test_grid_codes_have_fifteen_digits_and_are_unique():
    codes = [cell.grid.code for cell in CITY.map.grids]
    assert all(len(code) == 15 and code.isdigit() for code in codes)
    assert len(codes) == len(set(codes))


def test_every_landmark_lies_in_a_grid():
    assert all(place.district and place.street for place in CITY.landmarks.places)


def test_coordinates_stay_in_the_invented_corner_of_the_map():
    for place in CITY.map.places:
        assert abs(place.lat - 28.50) < 0.12
        assert abs(place.lon - 118.50) < 0.14


def test_seat_numbers_run_from_1001_to_1040_and_staff_numbers_are_unique():
    numbers = [person.staff_no for person in CITY.staff]
    assert len(numbers) == len(set(numbers))
    assert [n for n in numbers if 1001 <= int(n) <= 1040] == [str(n) for n in range(1001, 1041)]
    assert next(person.name for person in CITY.staff if person.staff_no == "1027") == "李雯"


def test_every_role_has_somebody_and_every_department_a_handler():
    assert {person.role for person in CITY.staff} == ROLES
    handlers = {person.department for person in CITY.staff if person.role == "department"}
    assert handlers == {department.id for department in CITY.departments}


def test_seats_serve_known_queues():
    queues = {queue for person in CITY.staff for queue in person.queues}
    assert queues == {"general", "business", "dialect"}


@pytest.mark.parametrize("district", [d.name for d in CITY.ground.districts])
def test_somebody_is_responsible_for_every_class_in_every_district(district):
    for category in categories():
        rule = best_rule(CITY.rules, category.code)
        assert rule is not None, category
        assert resolve(rule.lead, district, CITY.departments) is not None, category


def test_the_owner_comes_before_the_area():
    assert best_rule(CITY.rules, "部件|01|37").lead == "ludeng"
    assert best_rule(CITY.rules, "事件|05|05").clause == "3.2"
    assert resolve("area", "南埠区", CITY.departments).short_name == "南埠区城管局"


def test_cases_name_known_people_classes_departments_and_states():
    citizens = {citizen.key for citizen in CITY.citizens}
    known = {category.code for category in categories()}
    offices = {department.id for department in CITY.departments} | {""}
    states = {state for row in workflow_transitions() for state in row["to_state"].split("|")}
    for case in CITY.cases:
        assert case.citizen in citizens
        assert case.category in known
        assert {case.department, case.support} <= offices
        assert case.state in states
        assert len(case.title) <= 50


def test_numbers_are_elevenfold_and_invented():
    for citizen in CITY.citizens:
        assert len(citizen.number) == 11
        assert citizen.number[3:7] == "0000"


def test_map_layers_are_small_and_complete():
    layers = geojson()
    assert set(layers) == {"districts", "water", "parks", "roads", "buildings", "grids", "places"}
    assert len(json.dumps(layers, ensure_ascii=False, separators=(",", ":")).encode()) < 1_500_000
    for layer in layers.values():
        assert layer["type"] == "FeatureCollection"
        assert layer["features"]


def test_two_districts_share_their_border_exactly():
    outlines = {
        f["properties"]["name"]: f["geometry"]["coordinates"][0] for f in geojson()["districts"]["features"]
    }
    shared = {tuple(p) for p in outlines["云溪区"]} & {tuple(p) for p in outlines["南埠区"]}
    assert len(shared) >= 9
