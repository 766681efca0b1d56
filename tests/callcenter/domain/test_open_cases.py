from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.domain.duplicates import CaseNews, Question, Spot, Told
from callcenter.domain.open_cases import CELL_M, MOST_READ, OpenCases
from callcenter.domain.places import distance_m
from tests.builders import FRIDAY_10

LAMP = "部件|01|37"
HERE = Spot(28.5, 118.5, 25.0)
WORDS = frozenset({"路灯", "灯不", "不亮"})


def news(number: int = 1, **given: object) -> CaseNews:
    base = CaseNews(f"case-{number}", 1, True, LAMP, "路灯不亮", "文昌小学", HERE, FRIDAY_10, FRIDAY_10)
    return replace(base, **given)


def told(matter: frozenset[str] = WORDS, place: frozenset[str] = frozenset()) -> Told:
    return Told(matter, place)


def asked(**given: object) -> Question:
    return replace(Question(told(), FRIDAY_10, {LAMP: 1.0}, HERE), **given)


def found(index: OpenCases, question: Question, least: float = 0.1) -> list[str]:
    return [match.case_id for match in index.find(question, least, 10)]


def test_a_case_is_found_by_its_place_and_gone_once_it_is_dropped():
    index = OpenCases()
    index.put(news(), told(frozenset()))
    assert found(index, asked()) == ["case-1"]
    index.drop("case-1")
    assert found(index, asked()) == []
    assert len(index) == 0


def test_without_any_point_the_name_of_the_place_finds_it():
    index = OpenCases()
    school = told(place=frozenset({"文昌", "昌小", "小学"}))
    index.put(news(spot=None), school)
    index.put(news(2, spot=None), told(place=frozenset({"望湖", "湖中", "中学"})))
    assert found(index, asked(told=school, spot=None)) == ["case-1"]
    mentioned = told(matter=WORDS | {"文昌", "昌小", "小学"})
    assert found(index, asked(told=mentioned, spot=None), least=0.3) == ["case-1"]


def test_the_callers_own_case_is_found_without_place_or_words():
    index = OpenCases()
    index.put(news(spot=None), told(frozenset()))
    question = asked(told=told(frozenset()), spot=None, own=frozenset({"case-1", "closed-1"}))
    (match,) = index.find(question, 0.1, 10)
    assert match.same_caller


def test_what_changed_replaces_what_was_known():
    index = OpenCases()
    index.put(news(), told())
    index.put(news(version=2, category="事件|01|28"), told(frozenset({"音响"})))
    assert len(index) == 1
    assert found(index, asked(), least=0.5) == []
    assert index.knows(news(version=2))
    assert not index.knows(news(version=3))
    assert not index.knows(news(version=2, open=False))
    assert index.knows(news(9, open=False))


def test_the_best_comes_first_and_no_more_than_wanted():
    index = OpenCases()
    for number, metres in enumerate((300, 5, 100)):
        index.put(news(number, spot=Spot(28.5 + metres / 111_320, 118.5, 25.0)), told())
    assert found(index, asked()) == ["case-1", "case-2", "case-0"]
    assert len(index.find(asked(), 0.1, 2)) == 2


def test_a_noise_of_last_month_is_another_one():
    index = OpenCases()
    noise = "事件|01|28"
    index.put(news(category=noise, reported_at=FRIDAY_10 - timedelta(days=30)), told())
    index.put(news(2, category=noise), told())
    assert found(index, asked(classes={noise: 1.0})) == ["case-2"]


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(0, CELL_M * 0.95), st.floats(0, 6.28))
@settings(max_examples=300)
def test_no_border_between_cells_hides_a_neighbour(lat, lon, metres, turn):
    from math import cos, radians, sin  # noqa: PLC0415 - only this test turns

    there = Spot(
        lat + metres * cos(turn) / 111_320, lon + metres * sin(turn) / 111_320 / max(cos(radians(lat)), 0.01)
    )
    index = OpenCases()
    index.put(news(spot=there), told())
    if distance_m(lat, lon, there.lat, there.lon) < CELL_M * 0.97:
        assert found(index, asked(spot=Spot(lat, lon)), least=0.01) == ["case-1"]


def test_one_look_up_reads_a_bounded_number_of_cases():
    dice = Random(7)
    index, seen = OpenCases(), []
    rarity = OpenCases.rarity
    for number in range(3_000):
        words = frozenset(dice.sample("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉", 4))
        index.put(news(number, spot=Spot(28.5 + dice.gauss(0, 0.0003), 118.5)), told(words))
        if number in {999, 2_999}:
            calls = []
            index.rarity = lambda part, calls=calls: calls.append(part) or rarity(index, part)
            index.find(asked(told=told(frozenset("甲乙丙丁"))), 0.1, 3)
            del index.rarity
            seen.append(len(calls))
    assert all(later <= first * 1.5 for first, later in pairwise(seen))


def test_when_half_the_city_says_the_same_the_newest_are_still_found_by_its_words():
    index = OpenCases()
    school = told(place=frozenset({"文昌", "昌小", "小学"}))
    for number in range(MOST_READ + 500):
        index.put(news(number, spot=None), school)
    question = asked(told=school, spot=None)
    answers = found(index, question)
    assert len(answers) == 10
    assert all(int(case.removeprefix("case-")) >= 500 for case in answers)
