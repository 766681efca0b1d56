"""Trains the sequence model with crfsuite and keeps nothing of it but the weights.

Two layers: a general one from texts of any kind, whose opinion is one of the things that the second
one sees, which is trained on texts like those that will come.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from math import log10
from pathlib import Path

import numpy as np
import pycrfsuite

from nlp.learning.failures import LearningError
from nlp.places.columns import (
    LONGEST_WORD,
    TAGS,
    WORD_LEVELS,
    Ints,
    TextKeys,
    tags,
    text_keys,
    with_beginnings,
)
from nlp.places.finder import PlaceFinder
from nlp.places.layer import SHIFTS, Layer
from nlp.places.model import PlaceModel
from nlp.places.samples import Marked
from nlp.places.shape import adjacent

Progress = Callable[[str, int, int], None]  # what, done, of


@dataclass(frozen=True, slots=True)
class Pace:
    """Regularisation (L1, L2) and rounds of one layer."""

    c1: float
    c2: float
    rounds: int


GENERAL = Pace(0.2, 0.1, 60)
OWN = Pace(0.05, 0.5, 120)
RAREST = 3  # times that a word was counted
SHORTEST_WORD = 2
MOST_MARKED, MOST_UNMARKED = 2000, 1500  # texts of one general file; more changes little and takes minutes


def common_words() -> dict[str, int]:
    """Words of jieba's dictionary and how frequent they are, from 1 to 6; jieba itself is not loaded."""
    found = find_spec("jieba")
    if found is None or not found.origin:
        raise LearningError("没有安装 jieba，缺少词典；请重新安装本系统。")
    words: dict[str, int] = {}
    with Path(found.origin).with_name("dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, *_ = line.split()
            if SHORTEST_WORD <= len(word) <= LONGEST_WORD and int(count) >= RAREST:
                words[word] = 1 + min(WORD_LEVELS - 2, int(log10(int(count)) * 1.5))
    return with_beginnings(words)


def train(
    own: Sequence[Marked], general: Sequence[Sequence[Marked]], words: Mapping[str, int], told: Progress
) -> PlaceModel:
    """`own` decides what a place is; sets of other texts in `general` only help."""
    lower = general_layer(general, told)
    return PlaceModel(words, lower, own_layer(PlaceModel(words, lower, None), own, told))


def _some(samples: Sequence[Marked]) -> list[Marked]:
    """Evenly taken. Parts of an address that touch each other are one place."""
    marked = [sample for sample in samples if sample.spans]
    unmarked = [sample for sample in samples if not sample.spans]
    return [
        replace(sample, spans=tuple(adjacent(list(sample.spans))))
        for sample in (*_evenly(marked, MOST_MARKED), *_evenly(unmarked, MOST_UNMARKED))
    ]


def _evenly(samples: Sequence[Marked], most: int) -> Sequence[Marked]:
    return samples[:: -(-len(samples) // most)] if samples else []


def general_layer(general: Sequence[Sequence[Marked]], told: Progress) -> Layer | None:
    """None without texts. Sees nothing but characters."""
    samples = [sample for one in general for sample in _some(one)]
    return _layer("general", samples, lambda text: (text_keys(text), []), GENERAL, told) if samples else None


def own_layer(model: PlaceModel, own: Sequence[Marked], told: Progress) -> Layer:
    """Sees what patterns, words and the general layer of `model` say."""
    finder = PlaceFinder()
    return _layer("own", own, lambda text: model.seen(text, finder.bare(text)), OWN, told)


def _layer(
    name: str,
    samples: Sequence[Marked],
    seen: Callable[[str], tuple[TextKeys, list[tuple[int, Ints]]]],
    pace: Pace,
    told: Progress,
) -> Layer:
    trainer = pycrfsuite.Trainer(verbose=False)
    sizes: list[int] = []
    for number, sample in enumerate(samples, 1):
        keys, states = seen(sample.text)
        sizes = [size for size, _ in states]
        trainer.append(
            list(_attributes(keys, states)), [TAGS[tag] for tag in tags(len(sample.text), sample.spans)]
        )
        told(f"reading {name}", number, len(samples))
    trainer.set_params({"c1": pace.c1, "c2": pace.c2, "max_iterations": pace.rounds})
    told(f"training {name}", 0, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model")
        trainer.train(path)
        layer = _weights(path, sizes)
    told(f"training {name}", 1, 1)
    return layer


def _attributes(keys: TextKeys, states: list[tuple[int, Ints]]) -> Iterator[list[str]]:
    columns = [
        (f"{name}{by}", np.roll(getattr(keys, name), -by)) for name, shifts in SHIFTS.items() for by in shifts
    ]
    lists = [(name, values.tolist()) for name, values in columns]
    shifts = [by for bys in SHIFTS.values() for by in bys]
    state = [(f"s{number}", values.tolist()) for number, (_, values) in enumerate(states)]
    length = len(keys.characters)
    for index in range(length):
        text_part = [
            f"{name}={values[index]}"
            for (name, values), by in zip(lists, shifts, strict=True)
            if 0 <= index + by < length and values[index] >= 0
        ]
        yield text_part + [f"{name}={values[index]}" for name, values in state]


def _weights(path: str, sizes: list[int]) -> Layer:
    tagger = pycrfsuite.Tagger()
    tagger.open(path)
    info = tagger.info()
    tagger.close()
    parsed = [
        (*attribute.split("="), tag, weight) for (attribute, tag), weight in info.state_features.items()
    ]
    keys = {
        name: np.array(
            sorted({int(value) for column, value, _, _ in parsed if column.rstrip("-0123456789") == name}),
            dtype=np.int64,
        )
        for name in SHIFTS
    }
    starts, total = _starts(keys, sizes)
    weights = np.zeros((total, len(TAGS)), dtype=np.float32)
    for column, value, tag, weight in parsed:
        name = column.rstrip("-0123456789")
        row = int(np.searchsorted(keys[name], int(value))) if name in keys else int(value)
        weights[starts[column] + row, TAGS.index(tag)] = weight
    transitions = np.zeros((len(TAGS), len(TAGS)), dtype=np.float32)
    for (before, after), weight in info.transitions.items():
        transitions[TAGS.index(before), TAGS.index(after)] = weight
    return Layer(keys, np.array(sizes, dtype=np.int64), weights, transitions)


def _starts(keys: Mapping[str, Ints], sizes: list[int]) -> tuple[dict[str, int], int]:
    """First row of each column, and how many rows there are; row 0 is for the unseen."""
    starts: dict[str, int] = {}
    row = 1
    for name, shifts in SHIFTS.items():
        for by in shifts:
            starts[f"{name}{by}"] = row
            row += len(keys[name])
    for number, size in enumerate(sizes):
        starts[f"s{number}"] = row
        row += size
    return starts, row
