"""Places in complaint texts: right spans, right places touched, false alarms, and what finding them costs.

The texts lie outside the project (`HOTLINE_NLP_DATA`, else ../shared/nlp) and are only read. The complaint
texts with places are few, so each fifth (`sha1(text) % 5`) is tested with a model of the other four; address
strings and news with places help to train, no matter which fifth is tested.
"""

import hashlib
import json
import os
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from nlp.normalise import normalise
from nlp.phrases import Span
from nlp.places import modelfile
from nlp.places.finder import PlaceFinder
from nlp.places.model import PlaceModel
from nlp.places.samples import Marked, read
from nlp.places.training import common_words, general_layer, own_layer, train
from tests.bench.measure import ratios, say, spread, table

DATA = Path(os.environ.get("HOTLINE_NLP_DATA", Path(__file__).parents[3] / "shared" / "nlp"))
COMPLAINTS = "complaint_locations.jsonl"
HELPING = ("cluener_address.jsonl", "address_parsing.jsonl")
BODIES = "complaint_bodies.tsv"
FIFTHS = 5
UNREAD = 0  # of this fifth nobody read a text when the patterns were written
GOALS = {"exact F1": 0.70, "touched": 0.95, "false alarms": 0.08}
AT_MOST = {"false alarms"}
ROUNDS, TEXTS = 5, 200
MISSING = "complaint texts with places are not here; set HOTLINE_NLP_DATA to their folder"

pytestmark = pytest.mark.timeout(400)


@dataclass
class Tally:
    right: int = 0
    said: int = 0
    marked: int = 0
    touched: int = 0
    with_place: int = 0
    alarms: int = 0
    without_place: int = 0

    def add(self, sample: Marked, found: Sequence[Span]) -> None:
        self.right += len(set(found) & set(sample.spans))
        self.said += len(found)
        self.marked += len(sample.spans)
        if sample.spans:
            self.with_place += 1
            self.touched += any(a < d and c < b for a, b in sample.spans for c, d in found)
        else:
            self.without_place += 1
            self.alarms += bool(found)

    def figures(self) -> dict[str, float]:
        return {
            "exact F1": 2 * self.right / max(1, self.said + self.marked),
            "touched": self.touched / max(1, self.with_place),
            "false alarms": self.alarms / max(1, self.without_place),
        }


def samples(name: str) -> list[Marked]:
    path = DATA / name
    if not path.exists():
        pytest.skip(MISSING)
    with path.open(encoding="utf-8") as lines:
        good, broken = read(lines)
    assert broken == []
    return good


def fifths(name: str) -> list[int]:
    """Of the texts as they were written, in the order of the file."""
    texts = [json.loads(line)["text"] for line in (DATA / name).read_text("utf-8").splitlines()]
    digests = (hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest() for text in texts)
    return [int(digest, 16) % FIFTHS for digest in digests]


def report(name: str, tally: Tally) -> None:
    rows = []
    for figure, value in tally.figures().items():
        goal = GOALS[figure]
        reached = value <= goal if figure in AT_MOST else value >= goal
        bound = "at most" if figure in AT_MOST else "at least"
        rows.append((figure, f"{value:.3f}", f"{bound} {goal}", "reached" if reached else "NOT REACHED"))
    texts = tally.with_place + tally.without_place
    table(f"places, {name}, {texts} texts", ("figure", "ours", "goal", "verdict"), rows)


def test_places_by_cross_validation() -> None:
    texts = samples(COMPLAINTS)
    words = common_words()
    began = time.perf_counter()
    general = general_layer([samples(name) for name in HELPING], _silent)
    say(f"general layer trained in {time.perf_counter() - began:.0f} s")
    patterns = PlaceFinder()
    results: dict[str, Tally] = defaultdict(Tally)
    numbered = list(zip(texts, fifths(COMPLAINTS), strict=True))
    for fifth in range(FIFTHS):
        learned = [sample for sample, number in numbered if number != fifth]
        model = PlaceModel(words, general, None)
        finder = PlaceFinder((), PlaceModel(words, general, own_layer(model, learned, _silent)))
        for sample in (sample for sample, number in numbered if number == fifth):
            for name, one in (("patterns alone", patterns), ("model", finder)):
                found = one.find(sample.text)
                results[name].add(sample, found)
                if fifth == UNREAD:
                    results[f"{name}, unread fifth"].add(sample, found)
    for name, tally in results.items():
        report(name, tally)


def test_cost_beside_jieba(tmp_path: Path) -> None:
    jieba = pytest.importorskip("jieba")
    path = DATA / BODIES
    if not path.exists():
        pytest.skip(MISSING)
    with path.open(encoding="utf-8") as lines:
        raw = [line.rstrip("\n").partition("\t")[2] for line in islice(lines, TEXTS)]
    bodies = [normalise(text).text for text in raw]
    texts = samples(COMPLAINTS)
    others = [samples(name) for name in HELPING]
    modelfile.save(train(texts, others, common_words(), _silent), tmp_path / "places.model")
    began = time.perf_counter()
    model = modelfile.load(tmp_path / "places.model")
    loaded = time.perf_counter() - began
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    sides = {
        "jieba.lcut": tokenizer.lcut,
        "patterns": PlaceFinder().find,
        "model": PlaceFinder((), model).find,
    }
    costs: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, one in sides.items():
            began = time.process_time()
            for text in bodies:
                one(text)
            costs[name].append((time.process_time() - began) / len(bodies) * 1000)
    rows = [
        (name, spread(taken).text(" ms", 3), ratios(taken, costs["jieba.lcut"]).text("", 2))
        for name, taken in costs.items()
    ]
    characters = sum(map(len, bodies)) / len(bodies)
    table(f"one text of {characters:.0f} characters", ("what", "CPU", "beside jieba"), rows)
    say(f"model of {(tmp_path / 'places.model').stat().st_size / 1e6:.1f} MB loaded in {loaded:.2f} s")


def _silent(what: str, done: int, of: int) -> None:
    pass
