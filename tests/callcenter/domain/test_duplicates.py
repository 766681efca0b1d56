from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.duplicates import (
    Facts,
    class_likeness,
    fresh,
    most,
    other_number,
    score,
)

LAMP, LIGHT, NOISE = "部件|01|37", "部件|01|38", "事件|01|28"
ONE_MATTER = Facts(
    same_class=1.0,
    away_m=15.0,
    vague_m=25.0,
    names=0.9,
    other_number=False,
    age_days=0.1,
    lasting=False,
    same_caller=False,
)
share = st.floats(0, 1)
facts = st.builds(
    Facts,
    same_class=share,
    away_m=st.none() | st.floats(0, 50_000),
    vague_m=st.floats(0, 5_000),
    names=st.none() | share,
    other_number=st.booleans(),
    age_days=st.floats(-1, 400),
    lasting=st.booleans(),
    same_caller=st.booleans(),
)


def but(words: float = 0.6, **other: object) -> float:
    return score(replace(ONE_MATTER, **other), words)


def test_one_matter_scores_high_and_each_thing_that_differs_lowers_it():
    whole = but()
    assert whole > 0.7
    for other in (
        {"same_class": 0.1, "words": 0.0},
        {"away_m": 600.0},
        {"away_m": None, "names": 0.0},
        {"other_number": True},
        {"age_days": 30.0},
    ):
        assert but(**other) < whole / 2, other


def test_words_make_up_for_a_class_filed_otherwise():
    assert but(same_class=0.15, words=0.9) > 0.55


def test_a_lasting_matter_stays_the_same_for_weeks_a_passing_one_does_not():
    assert fresh(20, lasting=True) > 0.7
    assert fresh(20, lasting=False) < 0.2


def test_of_vague_points_the_names_decide():
    assert but(away_m=800.0, vague_m=500.0, names=1.0) > 3 * but(away_m=800.0, vague_m=500.0, names=0.0)


def test_who_calls_again_need_not_say_again_where():
    assert but(away_m=None, names=None, same_caller=True) > 2 * but(away_m=None, names=None)


def test_a_neighbour_of_the_class_counts_less_than_the_class():
    likeness = [class_likeness({LAMP: 1.0}, code) for code in (LAMP, LIGHT, NOISE)]
    assert likeness == sorted(likeness, reverse=True)
    assert class_likeness({LAMP: 0.4, NOISE: 0.3}, NOISE) > class_likeness({LAMP: 0.4}, NOISE)


def test_numbers_differ_only_where_both_have_one_of_the_same_sort():
    twelve, fourteen, entrance = frozenset({"12号"}), frozenset({"14号"}), frozenset({"2单元"})
    assert other_number(twelve, fourteen)
    assert not other_number(twelve, twelve | fourteen)
    assert not other_number(twelve, entrance)
    assert not other_number(twelve, frozenset())


@given(facts, share)
def test_the_score_is_a_share_and_never_exceeds_its_cheap_bounds(given_facts, words):
    found = score(given_facts, words)
    assert 0 <= found <= 1
    assert found <= score(given_facts, 1.0) + 1e-9
    assert found <= most(given_facts) + 1e-9
