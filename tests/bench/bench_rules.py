"""Rules alone on texts that were written without looking at them: category, 'none of these', danger.

Prints figures only, never a text: whoever tunes the words must not see what they are tested on.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from nlp.suggest import KeywordClassifier
from tests.bench.measure import say, table, verdict

TEXTS = Path(__file__).parents[1] / "nlp"
NONE = "none"
TOP1, TOP3, NONE_BOTH = 0.85, 0.95, 0.85
DANGER_RECALL, DANGER_PRECISION = 1.0, 0.9
CLASSIFIER = KeywordClassifier()  # knows no city


def labelled(name: str) -> list[tuple[str, str]]:
    """Label and text of each line but the head."""
    path = TEXTS / name
    if not path.exists():
        pytest.skip(f"tests/nlp/{name} is not here")
    with path.open(encoding="utf-8") as lines:
        return [(row[0], row[1]) for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]


def share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def test_categories_and_none_of_these():
    rows = labelled("city_management.tsv")
    answers = [(label, [one.code for one in CLASSIFIER.suggest(text).categories]) for label, text in rows]
    matters = [(label, codes) for label, codes in answers if label != NONE]
    nones = [codes for label, codes in answers if label == NONE]
    silent = sum(not codes for _, codes in answers)
    figures = [
        ("top-1", share(sum(codes[:1] == [label] for label, codes in matters), len(matters)), TOP1),
        ("top-3", share(sum(label in codes for label, codes in matters), len(matters)), TOP3),
        ("none: recall", share(sum(not codes for codes in nones), len(nones)), NONE_BOTH),
        ("none: precision", share(sum(not codes for codes in nones), silent), NONE_BOTH),
    ]
    classes = len({label for label, _ in matters})
    say(f"rules only: {len(matters)} texts of {classes} classes, {len(nones)} of none")
    say(*(verdict(name, round(figure, 4), goal) for name, figure, goal in figures))


def test_dangers():
    rows = labelled("dangers.tsv")
    missed: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    false: Counter[str] = Counter()
    alarms = right = caught = dangers = 0
    for label, text in rows:
        truth = set() if label == NONE else set(label.split())
        found = set(CLASSIFIER.suggest(text).danger)
        asked.update(truth)
        missed.update(truth - found)
        false.update(found - truth)
        dangers += bool(truth)
        caught += bool(truth and found)
        alarms += bool(found)
        right += bool(truth and found)
    kinds = sorted(asked)
    table(
        f"dangers: {len(rows)} texts, {dangers} dangerous",
        ("kind", "texts", "missed", "named wrongly"),
        [(kind, str(asked[kind]), str(missed[kind]), str(false[kind])) for kind in kinds],
    )
    recall = share(asked.total() - missed.total(), asked.total())
    precision = share(asked.total() - missed.total(), asked.total() - missed.total() + false.total())
    say(
        verdict("alarm raised where there is danger", round(share(caught, dangers), 4), DANGER_RECALL),
        verdict("alarm right", round(share(right, alarms), 4), DANGER_PRECISION),
        verdict("kinds: recall", round(recall, 4), DANGER_RECALL),
        verdict("kinds: precision", round(precision, 4), DANGER_PRECISION),
    )
