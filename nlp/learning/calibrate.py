"""From scores on texts that were not trained on to probabilities that can be relied upon."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression

from nlp.learning.features import Floats
from nlp.learning.model import Calibration

STRAIGHT = np.array([0.0, 1.0], dtype=np.float32)
IN_A_BIN = 100  # texts; fewer say little about how often one is right
MOST_BINS = 12
BELIEF = 5.0  # texts that the softmax itself counts for in a bin
DOUBT = 1.0  # one more text in each bin, on which one was wrong
SURE = 0.9  # what people read as "certain" ...
SURE_RIGHT = 0.98  # ... must be right this often
SLOPES = (-4.0, 1.0)  # as natural logarithms
NEVER = 2.0  # no share is that great
JUST_BELOW = 0.02  # of confidence, between what is sure and what is not


def calibrate(scores: Floats, classes: NDArray[np.int64]) -> Calibration:
    """The slope under which the right classes were least surprising, then a curve through how often
    the best class was right; `SURE` begins where the texts above it were right `SURE_RIGHT` of the time.
    """
    slope = _slope(scores, classes)
    shares = Calibration(slope, STRAIGHT, STRAIGHT).probabilities(scores)
    tops, right = shares.max(axis=1), shares.argmax(axis=1) == classes
    order = np.argsort(tops)
    xs, ys = _curve(tops[order], right[order])
    xs, ys = _sure_from(_sure(tops[order], right[order]), xs, ys)
    return Calibration(slope, xs.astype(np.float32), ys.astype(np.float32))


def _slope(scores: Floats, classes: NDArray[np.int64]) -> float:
    def surprise(logarithm: float) -> float:
        straight = Calibration(float(np.exp(logarithm)), STRAIGHT, STRAIGHT)
        right = straight.probabilities(scores)[np.arange(len(classes)), classes]
        return float(-np.log(np.maximum(right, 1e-9)).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=SLOPES, method="bounded").x))


def _curve(tops: Floats, right: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """How often the best class was right, per bin of its share; both ascending."""
    bins = np.array_split(np.arange(len(tops)), max(1, min(MOST_BINS, len(tops) // IN_A_BIN)))
    xs = np.array([tops[one].mean() for one in bins])
    often = [(right[one].sum() + BELIEF * tops[one].mean()) / (len(one) + BELIEF + DOUBT) for one in bins]
    ys = IsotonicRegression(y_min=0, y_max=1).fit_transform(xs, often)
    return np.concatenate(([0.0], xs, [1.0])), np.concatenate(([0.0], ys, [ys[-1]]))


def _sure(tops: Floats, right: NDArray[np.bool_]) -> float:
    """The share from which on the texts were right often enough; more than 1 = never."""
    errors_above = np.cumsum(~right[::-1])[::-1]
    enough = np.nonzero(errors_above + DOUBT <= (1 - SURE_RIGHT) * np.arange(len(tops), 0, -1))[0]
    return float(tops[enough[0]]) if len(enough) else NEVER


def _sure_from(sure: float, xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
    """The curve crosses `SURE` at `sure`."""
    below, above = xs < sure - JUST_BELOW, xs > sure
    middle_xs, middle_ys = [sure - JUST_BELOW, sure], [SURE - JUST_BELOW, SURE]
    xs = np.concatenate((xs[below], middle_xs, xs[above]))
    ys = np.concatenate((np.minimum(ys[below], SURE - JUST_BELOW), middle_ys, np.maximum(ys[above], SURE)))
    kept = np.concatenate(([True], np.diff(xs.astype(np.float32)) > 0))
    return xs[kept], ys[kept]
