"""Trains the sequence model with crfsuite and keeps nothing of it but the weights.

Two layers: a general one from texts of any kind, whose opinion is one of the things that the second
one sees, which is trained on texts like those that will come.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path

import jieba
import numpy as np
import pycrfsuite

from nlp.places.columns import LONGEST_WORD, TAGS, WORD_LEVELS, Ints, TextKeys, tags, text_keys
from nlp.places.finder import PlaceFinder
from nlp.places.layer import SHIFTS, Layer
from nlp.places.model import PlaceModel
from nlp.places.samples import Marked

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
MOST_GENERAL = 4000  # texts; more of them changes little and takes minutes


def common_words() -> dict[str, int]:
    """Words of jieba's dictionary and how frequent they are, from 1 to 6."""
    words: dict[str, int] = {}
    with jieba.get_dict_file() as lines:
        for line in lines:
            word, count = line.decode().split(" ")[:2]
            if SHORTEST_WORD <= len(word) <= LONGEST_WORD and int(count) >= RAREST:
                words[word] = 1 + min(WORD_LEVELS - 2, int(log10(int(count)) * 1.5))
    return words


def train(
    own: Sequence[Marked], general: Sequence[Marked], words: Mapping[str, int], told: Progress
) -> PlaceModel:
    """`own` decides what a place is; `general` only helps. Texts are already normalised."""
    finder = PlaceFinder()
    lower = _general_layer(general[:MOST_GENERAL], told) if general else None
    model = PlaceModel(words, lower, None)
    return PlaceModel(words, lower, _own_layer(model, finder, own, told))


def _general_layer(samples: Sequence[Marked], told: Progress) -> Layer:
    def seen(text: str) -> tuple[TextKeys, list[tuple[int, Ints]]]:
        return text_keys(text), []

    return _layer("general", samples, seen, GENERAL, told)


def _own_layer(model: PlaceModel, finder: PlaceFinder, samples: Sequence[Marked], told: Progress) -> Layer:
    return _layer("own", samples, lambda text: model.seen(text, finder.bare(text)), OWN, told)


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
