"""The trained model of categories as it predicts: weights of runs of characters, and a calibration.

Numpy only; what made the weights is not known here. Immutable, safe to share between threads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nlp.learning.features import Floats, Keys, counted, spelt, strength
from nlp.normalise import normalise

SHOWN_RUNS = 4  # how many runs say why
LEAST_SHARE = 1e-6  # nothing is impossible
LEAST_RUN = 2  # one character alone explains nothing


@dataclass(frozen=True, slots=True)
class Calibration:
    """From scores to what can be relied upon: softmax of `slope` × score, then the curve `xs` -> `ys`
    for the best class; what it takes from the best one goes to the others in proportion.
    """

    slope: float
    xs: Floats
    ys: Floats

    def probabilities(self, scores: Floats) -> Floats:
        """One row per text, or one text."""
        scores = scores.astype(np.float64)
        powers = np.exp(self.slope * (scores - scores.max(axis=-1, keepdims=True))) + LEAST_SHARE
        shares = powers / powers.sum(axis=-1, keepdims=True)
        top = shares.max(axis=-1, keepdims=True)
        believed = np.maximum(np.interp(top, self.xs, self.ys), 1 / scores.shape[-1])
        rest = (1 - believed) / (1 - top)
        others: Floats = np.minimum(shares * rest, believed)
        return np.where(shares == top, believed, others).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Guess:
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Model:
    """`weights` has one row per run and one column per label; `keys` ascend."""

    labels: tuple[str, ...]
    keys: Keys
    scale: Floats
    weights: Floats
    bias: Floats
    calibration: Calibration
    samples: int  # how many labelled texts it was made from
    handed_over: Mapping[str, int] = field(default_factory=dict)  # labels it is asked about -> their columns
    version: str = ""  # of the file it came from

    def predict(self, text: str, limit: int = 3) -> list[Guess]:
        """The likeliest labels of a text as it was written, best first; fewer where there are fewer."""
        shares = self.shares(normalise(text).text)
        order = np.argsort(-shares, kind="stable")[:limit]
        return [Guess(self.labels[index], float(shares[index])) for index in order]

    def shares(self, text: str) -> Floats:
        """Probability of each label for a normalised text."""
        return self.calibration.probabilities(self.scores(text))

    def scores(self, text: str) -> Floats:
        rows, strengths = self._read(text)
        result: Floats = strengths @ self.weights[rows] + self.bias
        return result

    def because(self, text: str, label: str) -> tuple[str, ...]:
        """The runs of a normalised text that spoke loudest for a label, none inside another."""
        rows, strengths = self._read(text)
        spoke = strengths * self.weights[rows, self.labels.index(label)]
        shown: list[str] = []
        for index in np.argsort(-spoke)[: 8 * SHOWN_RUNS]:
            run = spelt(int(self.keys[rows[index]]))
            if spoke[index] > 0 and len(run) >= LEAST_RUN and not _overlaps(run, shown):
                shown.append(run)
        return tuple(shown[:SHOWN_RUNS])

    def _read(self, text: str) -> tuple[NDArray[np.intp], Floats]:
        keys, counts = counted(text)
        rows = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[rows] == keys
        rows = rows[known]
        return rows, strength(counts[known], self.scale[rows])


def _overlaps(run: str, shown: Sequence[str]) -> bool:
    return any(run in other or other in run for other in shown)
