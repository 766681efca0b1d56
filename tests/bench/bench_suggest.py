"""What a suggestion costs: texts per second beside bare jieba, the slowest calls, loading, hostile text.

Texts are read at run time from the folder of labelled texts (`HOTLINE_NLP_DATA`), never kept here.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from callcenter.demo.city import demo_city
from nlp.suggest import KeywordClassifier
from tests.bench.measure import percentile, ratios, say, spread, table, verdict

DATA = Path(os.environ.get("HOTLINE_NLP_DATA", Path(__file__).parents[3] / "shared" / "nlp"))
TEXTS, ROUNDS = 400, 7
P99_MS, LENGTH, CALLS = 5.0, 200, 2000
LOAD_S, RESIDENT_MB = 1.5, 300
HOSTILE, DOUBLED = 1 << 18, 2.6  # characters; at most so many times the seconds for twice the text
LOADING = """
import json, resource, time
started = time.perf_counter()
from callcenter.demo.city import demo_city
from nlp.suggest import KeywordClassifier
names = demo_city().map.names()
before = time.perf_counter()
from nlp.suggest import KeywordClassifier
classifier = KeywordClassifier(names)
classifier.suggest("文昌路路灯不亮")
print(json.dumps([time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    path = DATA / "complaint_bodies.tsv"
    if not path.exists():
        pytest.skip(f"no labelled texts at {DATA} (HOTLINE_NLP_DATA)")
    lines = path.read_text("utf-8").splitlines()
    return [line.partition("\t")[2] for line in lines if "\t" in line][1 : TEXTS + 1]


@pytest.fixture(scope="module")
def classifier() -> KeywordClassifier:
    return KeywordClassifier(demo_city().map.names())


def cpu(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Seconds of CPU for all texts."""
    gc.collect()
    started = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - started


def test_texts_per_second_beside_bare_jieba(texts, classifier):
    jieba = pytest.importorskip("jieba")
    tokenizer = jieba.Tokenizer()
    tokenizer.lcut("路灯")
    pairs = [(cpu(classifier.suggest, texts), cpu(tokenizer.lcut, texts)) for _ in range(ROUNDS)]
    ours = [len(texts) / mine for mine, _ in pairs]
    peers = [len(texts) / other for _, other in pairs]
    mean = sum(map(len, texts)) / len(texts)
    say(f"texts per second, {mean:.0f} characters on average, names of the demo city")
    say(f"suggest {spread(ours).text()}, jieba.lcut {spread(peers).text()}")
    say(verdict("texts per second over jieba.lcut", round(ratios(ours, peers).median, 3), 1.0))


def test_the_slowest_calls(texts, classifier):
    long = "".join(texts)
    pieces = [long[start : start + LENGTH] for start in range(0, LENGTH * CALLS, LENGTH)]
    spent = [1000 * cpu(classifier.suggest, [piece]) for piece in pieces if len(piece) == LENGTH]
    p99 = percentile(spent, 99)
    say(f"{len(spent)} calls of {LENGTH} characters, p99 {p99:.2f} ms of CPU")
    say(verdict("goal over p99", round(P99_MS / p99, 2), 1.0))


def test_loading_in_a_fresh_process():
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", LOADING], check=True, capture_output=True).stdout)
        for _ in range(3)
    ]
    seconds, resident = min(run[0] for run in runs), max(run[1] for run in runs)
    say(f"import, demo city, load and first answer {seconds:.2f} s (best of 3), resident {resident:.0f} MB")
    say(verdict("goal over load", round(LOAD_S / seconds, 2), 1.0))
    say(verdict("goal over resident", round(RESIDENT_MB / resident, 2), 1.0))


def test_hostile_text_stays_linear(classifier):
    every = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    units = ("路", "((", "（", "井盖", "坏", "文昌路和", "十", "您好", "谢谢", "。", " ", "1", "😀", every)
    rows = []
    for unit in units:
        whole = unit * (HOSTILE // len(unit) + 1)
        short, long = (cpu(classifier.suggest, [whole[:size]]) for size in (HOSTILE // 2, HOSTILE))
        name = "every code point" if unit is every else repr(unit)
        linear = "linear" if long <= DOUBLED * short + 0.1 else "NOT LINEAR"
        rows.append((name, f"{short:.2f}", f"{long:.2f}", f"{long / short:.2f}", linear))
    table(
        f"seconds for {HOSTILE // 2} and {HOSTILE} characters", ("unit", "half", "whole", "ratio", ""), rows
    )
