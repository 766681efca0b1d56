"""Which classes a model takes over from the keyword table.

Decided on confirmed texts that the model has not seen: class by class by F1 of the first suggestion.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from nlp.learning.model import Model

LEAST_TEXTS = 20  # confirmed texts of a class; with fewer the table keeps it
LEAST_GAIN = 0.02  # in F1, so that chance does not move a class to and fro


def handed_over(right: Sequence[str], by_table: Sequence[str], by_model: Sequence[str]) -> frozenset[str]:
    """Classes of which the model's first suggestion is better; three sequences, one entry per text."""
    texts = Counter(right)
    table, model = f1_per_class(right, by_table), f1_per_class(right, by_model)
    return frozenset(
        label
        for label, count in texts.items()
        if count >= LEAST_TEXTS and model[label] >= table[label] + LEAST_GAIN
    )


def f1_per_class(right: Sequence[str], said: Sequence[str]) -> Mapping[str, float]:
    """0 for a class that was never named right."""
    texts, named = Counter(right), Counter(said)
    hits = Counter(label for label, answer in zip(right, said, strict=True) if label == answer)
    return {label: 2 * hits[label] / (texts[label] + named[label]) for label in texts}


def accuracy(right: Sequence[str], said: Sequence[str]) -> float:
    return sum(a == b for a, b in zip(right, said, strict=True)) / len(right) if right else 0.0


def with_classes(model: Model, labels: Iterable[str]) -> Model:
    columns = {label: model.labels.index(label) for label in sorted(labels)}
    return replace(model, handed_over=columns)
