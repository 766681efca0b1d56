"""The four linear readings: each turns a matrix of texts and their classes into weights and a bias.

A class without a text in the part it is fitted on gets what speaks least for it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from nlp.learning.features import Floats

SVM_PER_STRENGTH = 0.5  # C of the support vector machine × strength of the ridge
RATIO_C = 1.0
SMOOTHING = 0.03
ROUNDS = 3_000
SEED = 7


@dataclass(frozen=True, slots=True)
class Linear:
    """`weights`: one row per run, one column per class."""

    weights: Floats
    bias: Floats


Classes = NDArray[np.int64]
Member = Callable[[sparse.csr_matrix, Classes, int, float], Linear]


def ridge(matrix: sparse.csr_matrix, classes: Classes, labels: int, strength: float) -> Linear:
    wanted = np.where(classes[:, None] == np.arange(labels), 1.0, -1.0).astype(np.float32)
    fitted = Ridge(alpha=strength, solver="sparse_cg", tol=1e-3).fit(matrix, wanted)
    return Linear(fitted.coef_.T.astype(np.float32), fitted.intercept_.astype(np.float32))


def support_vectors(matrix: sparse.csr_matrix, classes: Classes, labels: int, strength: float) -> Linear:
    return _each(matrix, classes, labels, lambda _here: None, SVM_PER_STRENGTH / strength)


def ratios(matrix: sparse.csr_matrix, classes: Classes, labels: int, strength: float) -> Linear:
    """Wang and Manning 2012, one class against the others: runs weighted by their log-count ratio."""
    del strength
    there = (matrix > 0).astype(np.float32)
    sums = _sums(there, classes, labels)
    everything = sums.sum(axis=0)

    def ratio(here: int) -> Floats:
        ours, theirs = 1 + sums[here], 1 + everything - sums[here]
        told: Floats = np.log((ours / ours.sum()) / (theirs / theirs.sum()))
        return told

    return _each(matrix, classes, labels, ratio, RATIO_C)


def naive_bayes(matrix: sparse.csr_matrix, classes: Classes, labels: int, strength: float) -> Linear:
    """All classes held for equally frequent; what all of them have in common is taken out."""
    del strength
    fitted = MultinomialNB(alpha=SMOOTHING, fit_prior=False).fit(matrix, classes)
    weights = np.full((matrix.shape[1], labels), fitted.feature_log_prob_.min(), dtype=np.float32)
    weights[:, fitted.classes_] = fitted.feature_log_prob_.T
    return Linear(weights - weights.mean(axis=1, keepdims=True), np.zeros(labels, dtype=np.float32))


# with their shares in the sum
MEMBERS: tuple[tuple[Member, float], ...] = (
    (ridge, 1.0),
    (support_vectors, 1.0),
    (ratios, 2.0),
    (naive_bayes, 0.5),
)


def _each(
    matrix: sparse.csr_matrix,
    classes: Classes,
    labels: int,
    emphasis: Callable[[int], Floats | None],
    c: float,
) -> Linear:
    """One support vector machine per class against all others."""
    weights = np.zeros((matrix.shape[1], labels), dtype=np.float32)
    bias = np.full(labels, -1.0, dtype=np.float32)
    there = np.unique(classes)
    if len(there) == 1:  # a fold of a tiny sample: nothing to tell it from
        return Linear(weights, np.where(np.arange(labels) == there, np.float32(1), bias))
    for here in there:
        factor = emphasis(int(here))
        told = matrix if factor is None else matrix @ sparse.diags(factor.astype(np.float32))
        fitted = LinearSVC(C=c, max_iter=ROUNDS, random_state=SEED).fit(told, classes == here)
        weights[:, here] = fitted.coef_[0] if factor is None else fitted.coef_[0] * factor
        bias[here] = fitted.intercept_[0]
    return Linear(weights, bias)


def _sums(matrix: sparse.csr_matrix, classes: Classes, labels: int) -> NDArray[np.float64]:
    """Column sums per class."""
    members = sparse.csr_matrix(
        (np.ones(len(classes)), (classes, np.arange(len(classes)))), shape=(labels, len(classes))
    )
    return np.asarray((members @ matrix).todense())
