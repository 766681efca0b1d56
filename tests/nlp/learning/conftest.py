"""A small sample of our own writing and the model made from it, once for all tests."""

from pathlib import Path

import pytest

from nlp.learning.model import Model
from nlp.learning.samples import Sample, read_file
from nlp.learning.train import train

OWN = Path(__file__).with_name("own_sample.tsv")


@pytest.fixture(scope="session")
def samples() -> list[Sample]:
    with OWN.open(encoding="utf-8") as lines:
        return read_file(lines)[0]


@pytest.fixture(scope="session")
def model(samples: list[Sample]) -> Model:
    return train(samples)
