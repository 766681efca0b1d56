"""How good a model is on labelled texts that it was not made from. Numpy only.

Macro-F1 is the mean over the labels of the texts. The calibration error is the mean distance between
confidence and how often it was right, over ten equal bins, weighted by the texts in them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.learning.failures import LearningError
from nlp.learning.model import Guess, Model
from nlp.learning.samples import Sample

BINS = 10
SURE = 0.9
MOST_PAIRS = 10


@dataclass(frozen=True, slots=True)
class OfLabel:
    label: str
    texts: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Confusion:
    right: str
    said: str
    texts: int


@dataclass(frozen=True, slots=True)
class Measures:
    texts: int
    accuracy: float
    macro_f1: float
    top3: float
    calibration_error: float
    sure: float  # share of the texts with a confidence of at least 0.9 ...
    sure_right: float  # ... and how many of them were right
    labels: tuple[OfLabel, ...]
    confusions: tuple[Confusion, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One text: its label and what was said, best first (may be empty = none of these)."""

    label: str
    guesses: Sequence[Guess]

    @property
    def said(self) -> str:
        return self.guesses[0].label if self.guesses else ""

    @property
    def right(self) -> bool:
        return self.said == self.label


def judge(model: Model, samples: Iterable[Sample]) -> list[Judged]:
    return [Judged(sample.label, model.predict(sample.text)) for sample in samples]


def known_labels_only(model: Model, samples: Sequence[Sample]) -> None:
    """Raises `LearningError` with the labels that the model has never seen."""
    unknown = sorted({sample.label for sample in samples} - set(model.labels))
    if unknown:
        shown = "、".join(unknown[:5]) + ("……" if len(unknown) > 5 else "")  # noqa: PLR2004 (as above)
        raise LearningError(
            f"模型不认识 {len(unknown)} 个类别：{shown}。请检查文件，或用含这些类别的数据重新训练。"
        )


def measure(judged: Sequence[Judged]) -> Measures:
    """Raises `LearningError` when there is nothing to measure."""
    if not judged:
        raise LearningError("没有可以测量的文本。")
    labels = _labels(judged)
    sure = [one for one in judged if one.guesses and one.guesses[0].confidence >= SURE]
    return Measures(
        texts=len(judged),
        accuracy=_share(one.right for one in judged),
        macro_f1=float(np.mean([label.f1 for label in labels])),
        top3=_share(one.label in {guess.label for guess in one.guesses[:3]} for one in judged),
        calibration_error=calibration_error([one for one in judged if one.guesses]),
        sure=len(sure) / len(judged),
        sure_right=_share(one.right for one in sure),
        labels=labels,
        confusions=_confusions(judged),
    )


def calibration_error(judged: Sequence[Judged]) -> float:
    if not judged:
        return 0.0
    confidence = np.array([one.guesses[0].confidence for one in judged])
    right = np.array([one.right for one in judged])
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(float((confidence - right)[bins == one].sum())) for one in range(BINS)]
    return sum(gaps) / len(judged)


def _labels(judged: Sequence[Judged]) -> tuple[OfLabel, ...]:
    texts = Counter(one.label for one in judged)
    said = Counter(one.said for one in judged)
    hits = Counter(one.label for one in judged if one.right)
    return tuple(_of_label(label, texts[label], said[label], hits[label]) for label in sorted(texts))


def _of_label(label: str, texts: int, said: int, hits: int) -> OfLabel:
    precision = hits / said if said else 0.0
    return OfLabel(label, texts, precision, hits / texts, 2 * hits / (texts + said))


def _confusions(judged: Sequence[Judged]) -> tuple[Confusion, ...]:
    pairs = Counter((one.label, one.said) for one in judged if not one.right)
    return tuple(Confusion(right, said, texts) for (right, said), texts in pairs.most_common(MOST_PAIRS))


def _share(hits: Iterable[bool]) -> float:
    listed = list(hits)
    return sum(listed) / len(listed) if listed else 0.0
