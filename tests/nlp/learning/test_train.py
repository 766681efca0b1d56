import subprocess
import sys

import pytest

from nlp.learning.evaluate import judge, measure
from nlp.learning.failures import LearningError
from nlp.learning.model import Model
from nlp.learning.samples import Sample
from nlp.learning.train import train, train_with_answers

TOLD_ELSEWHERE = [
    ("噪音", "夜里施工太吵，睡不着觉"),
    ("道路", "路口红绿灯不亮，很危险"),
    ("社保", "养老金没有发，社保断缴了怎么补缴"),
    ("教育", "学校强制学生补课，老师收费"),
]


@pytest.mark.parametrize(("label", "text"), TOLD_ELSEWHERE)
def test_texts_that_were_not_in_the_sample_get_their_class(model: Model, label: str, text: str):
    assert model.predict(text)[0].label == label


def test_guesses_come_best_first_and_their_confidences_are_shares_of_one(model: Model):
    guesses = model.predict("学校门口的路灯不亮", limit=4)
    confidences = [guess.confidence for guess in guesses]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1, abs=0.01)


def test_with_two_classes_there_are_two_guesses(samples: list[Sample]):
    two = train([sample for sample in samples if sample.label in {"噪音", "教育"}])
    assert len(two.predict("吵")) == 2


def test_the_same_sample_makes_the_same_model(samples: list[Sample], model: Model):
    again = train(samples)
    assert (again.weights == model.weights).all()
    assert again.calibration.slope == model.calibration.slope


def test_a_sample_too_small_to_judge_is_never_sure():
    tiny = train([Sample("灯", "路灯不亮"), Sample("水", "水管漏水"), Sample("灯", "路灯坏了")])
    assert tiny.predict("路灯不亮")[0].confidence < 0.9


def test_confidence_is_not_claimed_where_nothing_is_known(model: Model):
    assert model.predict("zzzz")[0].confidence < 0.7


def test_one_class_only_is_refused_with_a_sentence():
    with pytest.raises(LearningError, match="只有一个类别"):
        train([Sample("噪音", "吵"), Sample("噪音", "很吵")])


def test_answers_are_given_by_what_never_saw_the_text(samples: list[Sample]):
    nonsense = [*samples, *(Sample("孤例", f"独一无二的词语{word}") for word in ("甲", "乙"))]
    trained = train_with_answers(nonsense)
    assert len(trained.answers) == len(nonsense)
    seen = measure(judge(trained.model, nonsense)).accuracy
    unseen = sum(a == s.label for a, s in zip(trained.answers, nonsense, strict=True)) / len(nonsense)
    assert unseen < seen


def test_progress_ends_where_it_said_it_would(samples: list[Sample]):
    steps: list[tuple[int, int]] = []
    train(samples[:40], lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1]
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))


def test_what_spoke_for_a_class_stands_in_the_text(model: Model):
    text = "工地夜里打桩太吵"
    runs = model.because(text, "噪音")
    assert runs
    assert all(run in text and len(run) > 1 for run in runs)


def test_predicting_loads_no_training_library():
    looked = (
        "import sys, nlp.live, nlp.learning.modelfile, nlp.learning.evaluate, nlp.school.keeper;"
        "print([m for m in ('sklearn', 'scipy', 'pandas') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
