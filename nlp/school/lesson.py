"""One lesson: from confirmed choices to a model, and whether it is better than what is in force.

A fifth of the texts, the same ones every night, is learned from by no model and judges all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.domain.lessons import Lesson
from nlp.classify import CategoryFinder, Found, KeywordTable
from nlp.handover import NONE, Adviser
from nlp.learning import modelfile
from nlp.learning.failures import LearningError, ModelFileError
from nlp.learning.model import Model
from nlp.learning.samples import Sample, number_of
from nlp.learning.train import train_with_answers
from nlp.normalise import normalise
from nlp.school.choose import accuracy, handed_over, with_classes

JUDGES = 5  # one in so many texts
WIDELY = 12


@dataclass(frozen=True, slots=True)
class Task:
    samples: Sequence[Sample]
    table: KeywordTable
    in_force: Path  # the model before, which may be missing
    candidate: Path  # where a better one goes


def study(task: Task) -> Lesson:
    """Raises `LearningError` when there is too little to learn from or to judge by."""
    judges = [sample for sample in task.samples if number_of(sample.text) % JUDGES == 0]
    pupils = [sample for sample in task.samples if number_of(sample.text) % JUDGES]
    if not judges:
        raise LearningError("已确认的文本太少，没有留下可以检验的部分。")
    rules = CategoryFinder(task.table)
    trained = train_with_answers(pupils)
    by_table = [_first(rules.best(normalise(sample.text).text)) for sample in pupils]
    classes = handed_over([sample.label for sample in pupils], by_table, trained.answers)
    model = with_classes(trained.model, classes)
    before, after = (_accuracy(judges, rules, one) for one in (_loaded(task.in_force), model))
    if after > before:
        modelfile.save(model, task.candidate)
    return Lesson(len(task.samples), before, after, len(classes), kept=after > before)


def _accuracy(judges: Sequence[Sample], rules: CategoryFinder, model: Model | None) -> float:
    advise = _adviser(model)
    said = []
    for sample in judges:
        even = normalise(sample.text).text
        said.append(_first(advise(even, rules.best(even, (), WIDELY))))
    return accuracy([sample.label for sample in judges], said)


def _adviser(model: Model | None) -> Callable[[str, Sequence[Found]], Sequence[Found]]:
    """As `nlp.suggest` does it."""
    if model is None or not model.handed_over:
        return lambda _text, found: found
    return Adviser(model).advise


def _first(found: Sequence[Found]) -> str:
    return found[0].code if found else NONE


def _loaded(path: Path) -> Model | None:
    try:
        return modelfile.load(path)
    except ModelFileError:
        return None  # none yet, or one that nobody can use: the table alone is in force
