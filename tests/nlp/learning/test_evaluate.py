import pytest

from nlp.learning.evaluate import Judged, known_labels_only, measure
from nlp.learning.failures import LearningError
from nlp.learning.model import Guess
from nlp.learning.samples import Sample


def judged(label, *guesses):
    return Judged(label, [Guess(name, confidence) for name, confidence in guesses])


FOUR = [
    judged("甲", ("甲", 0.95), ("乙", 0.05)),
    judged("甲", ("乙", 0.55), ("甲", 0.45)),
    judged("乙", ("乙", 0.95), ("甲", 0.05)),
    judged("乙", ("丙", 0.95), ("甲", 0.05)),
]


def test_measures_of_four_texts_by_hand():
    found = measure(FOUR)
    assert found.accuracy == 0.5
    assert found.top3 == 0.75
    assert found.macro_f1 == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert found.sure == 0.75
    assert found.sure_right == pytest.approx(2 / 3)
    assert found.calibration_error == pytest.approx((0.55 + abs(3 * 0.95 - 2)) / 4)
    assert {(pair.right, pair.said) for pair in found.confusions} == {("甲", "乙"), ("乙", "丙")}


def test_none_of_these_is_an_answer():
    found = measure([judged(""), judged("甲", ("甲", 0.9))])
    assert found.accuracy == 1


def test_nothing_to_measure_and_unknown_labels_are_told(model):
    with pytest.raises(LearningError, match="没有可以测量"):
        measure([])
    with pytest.raises(LearningError, match="1 个类别：外星"):
        known_labels_only(model, [Sample("外星", "不明飞行物")])
