"""Labelled texts: reading them from a table, sharing them out into folds. Standard library only."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from nlp.learning.failures import LearningError

HEAD = ("label", "text")
LONGEST_LINE = 8 * 1024 * 1024
LONGEST_LABEL = 200
MOST_LABELS = 10_000
_NO_LABEL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # would tear a line of the answer apart


@dataclass(frozen=True, slots=True)
class Sample:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    line: int
    why: str  # never quotes the line, which may hold personal data


def read_samples(lines: Iterable[str]) -> Iterator[Sample | Broken]:
    """Rows `label<TAB>text`, with or without a first row of these two names; empty lines are nothing."""
    for number, line in enumerate(lines, 1):
        fields = line.removeprefix("\ufeff").rstrip("\r\n").split("\t")
        if fields == [""] or (number == 1 and tuple(field.strip() for field in fields) == HEAD):
            continue
        yield _sample(number, fields)


def _sample(number: int, fields: Sequence[str]) -> Sample | Broken:
    if len(fields) != len(HEAD):
        return Broken(number, f"{len(fields)} 列，应为 2 列：label<TAB>text")
    label, text = (field.strip() for field in fields)
    if not is_label(label):
        return Broken(number, f"label 超过 {LONGEST_LABEL} 字或含控制字符" if label else "没有 label")
    if not text:
        return Broken(number, "没有 text")
    if len(text) > LONGEST_LINE:
        return Broken(number, f"超过 {LONGEST_LINE} 字")
    if "\ufffd" in text or "\ufffd" in label:
        return Broken(number, "不是 UTF-8")
    return Sample(label, text)


def read_file(stream: TextIO) -> tuple[list[Sample], list[Broken]]:
    """The good rows and the broken ones."""
    samples: list[Sample] = []
    broken: list[Broken] = []
    for row in read_samples(stream):
        if isinstance(row, Sample):
            samples.append(row)
        else:
            broken.append(row)
    return samples, broken


def is_label(text: str) -> bool:
    """Fits into a model file and into a line of an answer."""
    return 0 < len(text) <= LONGEST_LABEL and not _NO_LABEL.search(text)


def two_labels_at_least(samples: Sequence[Sample]) -> None:
    """Raises `LearningError`: from one label there is nothing to learn, and too many fit into no file."""
    labels = {sample.label for sample in samples}
    if len(labels) < 2:  # noqa: PLR2004 (the name says it)
        raise LearningError(f"只有一个类别“{next(iter(labels), '')}”，没有可以学的；至少要两个类别。")
    if len(labels) > MOST_LABELS:
        raise LearningError(f"有 {len(labels)} 个类别，最多 {MOST_LABELS} 个；请检查 label 列。")


def number_of(text: str) -> int:
    """A number that the text always gets, whatever stands beside it."""
    return int(hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest(), 16)


def folds(samples: Sequence[Sample], count: int) -> list[int]:
    """A fold for each sample: the labels evenly spread, the same text always in the same fold."""
    numbers = {sample.text: number_of(sample.text) for sample in samples}
    given: dict[str, int] = {}
    taken: Counter[str] = Counter()
    for sample in sorted(samples, key=lambda one: numbers[one.text]):
        if sample.text not in given:
            first = number_of(sample.label)  # rare labels do not all begin in the same fold
            given[sample.text] = (first + taken[sample.label]) % count
            taken[sample.label] += 1
    return [given[sample.text] for sample in samples]
