"""Training: four linear readings of the same runs of characters, added up to one matrix of weights.

A ridge regression, a support vector machine, another one on runs weighted by how much they tell
(naive Bayes ratios), and naive Bayes itself err in different places; added up they are still one linear
model that costs one product to use. scikit-learn is loaded here and in `fitting` only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.learning.calibrate import calibrate
from nlp.learning.dictionary import dictionary
from nlp.learning.features import Floats, Keys, counted, spelt, strength
from nlp.learning.fitting import MEMBERS, Linear, Member
from nlp.learning.model import Model
from nlp.learning.samples import Sample, folds, two_labels_at_least
from nlp.normalise import normalise

FOLDS = 5
STRENGTHS = (1.0, 0.2)  # of the regularisation; short texts want more of it than long ones
WORD_BONUS = 0.75  # how much more a run counts that is a word of the dictionary
SMALL = 300  # samples; below, a run that stands in one text only is kept
MOST_RUNS = 400_000
MOST_WEIGHTS = 24_000_000  # runs × labels: 96 MB

Told = Callable[[int, int], None]  # steps done, of how many
Counts = tuple[Keys, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    keys: Keys
    scale: Floats


@dataclass(slots=True)
class _Steps:
    told: Told
    total: int
    done: int = 0

    def step(self) -> None:
        self.done += 1
        self.told(self.done, self.total)


@dataclass(frozen=True, slots=True)
class Trained:
    """`answers`: for every sample the likeliest label by what was learned from the other folds."""

    model: Model
    answers: tuple[str, ...]


def train(samples: Sequence[Sample], told: Told = lambda _done, _total: None) -> Model:
    """Raises `LearningError` when all samples have the same label."""
    return train_with_answers(samples, told).model


def train_with_answers(samples: Sequence[Sample], told: Told = lambda _done, _total: None) -> Trained:
    """Raises `LearningError` when all samples have the same label."""
    two_labels_at_least(samples)
    steps = _Steps(told, 1 + FOLDS * (len(STRENGTHS) + len(MEMBERS) - 1) + len(MEMBERS))
    labels = tuple(sorted({sample.label for sample in samples}))
    known = {label: index for index, label in enumerate(labels)}
    classes = np.array([known[sample.label] for sample in samples])
    texts = [counted(normalise(sample.text).text) for sample in samples]
    vocabulary = _vocabulary(texts, len(labels))
    matrix = _matrix(texts, vocabulary)
    steps.step()
    trainer = _Trainer(matrix, classes, np.array(folds(samples, FOLDS)), len(labels), steps)
    return trainer.trained(labels, vocabulary)


def _vocabulary(texts: Sequence[Counts], labels: int) -> _Vocabulary:
    """The runs worth a weight: in two texts at least, and not more than memory allows."""
    keys, found = np.unique(np.concatenate([keys for keys, _ in texts]), return_counts=True)
    least = 2 if len(texts) >= SMALL else 1
    most = min(MOST_RUNS, MOST_WEIGHTS // labels)
    if (found >= least).sum() > most:
        least = max(least, int(np.partition(found, -most)[-most]) + 1)
    keys, found = keys[found >= least], found[found >= least]
    rarity = np.log((1 + len(texts)) / (1 + found)) + 1
    return _Vocabulary(keys, (rarity * (1 + WORD_BONUS * _are_words(keys))).astype(np.float32))


def _are_words(keys: Keys) -> NDArray[np.bool_]:
    words = dictionary()
    return np.array([spelt(int(key)) in words for key in keys])


def _matrix(texts: Sequence[Counts], vocabulary: _Vocabulary) -> sparse.csr_matrix:
    rows: list[NDArray[np.int64]] = []
    data: list[Floats] = []
    for keys, counts in texts:
        places = np.minimum(np.searchsorted(vocabulary.keys, keys), len(vocabulary.keys) - 1)
        here = vocabulary.keys[places] == keys
        rows.append(places[here])
        data.append(strength(counts[here], vocabulary.scale[places[here]]))
    ends = np.cumsum([0, *(len(row) for row in rows)])
    shape = (len(texts), len(vocabulary.keys))
    return sparse.csr_matrix((np.concatenate(data), np.concatenate(rows), ends), shape=shape)


class _Trainer:
    def __init__(
        self,
        matrix: sparse.csr_matrix,
        classes: NDArray[np.int64],
        fold: NDArray[np.int64],
        labels: int,
        steps: _Steps,
    ) -> None:
        self._matrix, self._classes, self._fold, self._labels = matrix, classes, fold, labels
        self._steps = steps

    def trained(self, labels: tuple[str, ...], vocabulary: _Vocabulary) -> Trained:
        strength, first = self._best_strength()
        outside = [first, *(self._outside(member, strength) for member, _ in MEMBERS[1:])]
        spreads = [float(scores.std()) or 1.0 for scores in outside]
        shares = [share / spread for (_, share), spread in zip(MEMBERS, spreads, strict=True)]
        scores = _added(outside, shares)
        parts = [self._fit(member, strength, slice(None)) for member, _ in MEMBERS]
        model = Model(
            labels=labels,
            keys=vocabulary.keys,
            scale=vocabulary.scale,
            weights=_added([part.weights for part in parts], shares),
            bias=_added([part.bias for part in parts], shares),
            calibration=calibrate(scores, self._classes),
            samples=len(self._classes),
        )
        return Trained(model, tuple(labels[index] for index in scores.argmax(axis=1)))

    def _best_strength(self) -> tuple[float, Floats]:
        """By the first member, on texts it was not fitted on."""
        tried = [(strength, self._outside(MEMBERS[0][0], strength)) for strength in STRENGTHS]
        return max(tried, key=lambda one: float((one[1].argmax(axis=1) == self._classes).mean()))

    def _outside(self, member: Member, strength: float) -> Floats:
        """Scores of every text by a reading that was fitted without its fold."""
        scores = np.zeros((len(self._classes), self._labels), dtype=np.float32)
        for fold in range(FOLDS):
            held = self._fold == fold
            if held.any() and not held.all():
                part = self._fit(member, strength, ~held)
                scores[held] = self._matrix[held] @ part.weights + part.bias
            else:
                self._steps.step()
        return scores

    def _fit(self, member: Member, strength: float, chosen: NDArray[np.bool_] | slice) -> Linear:
        fitted = member(self._matrix[chosen], self._classes[chosen], self._labels, strength)
        self._steps.step()
        return fitted


def _added(parts: Sequence[Floats], shares: Sequence[float]) -> Floats:
    total = np.zeros_like(parts[0])
    for part, share in zip(parts, shares, strict=True):
        total += np.float32(share) * part
    return total
