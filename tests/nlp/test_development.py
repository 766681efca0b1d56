"""What the keyword table reached on the texts it was developed on: a later edit must not lose it unseen.

These texts were read while the words were written, so the figures here say nothing about other texts;
`tests/bench/bench_rules.py` does. The floors stand a little below what was reached.
"""

import csv
from pathlib import Path

import pytest

from nlp.suggest import KeywordClassifier

NONE = "none"
TOP1, TOP3, NONE_BOTH = 0.95, 0.98, 0.95
CLASSIFIER = KeywordClassifier()  # knows no city


def answers(name: str) -> list[tuple[str, list[str]]]:
    """The label of each text and the codes that are suggested for it, best first."""
    with (Path(__file__).parent / name).open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return [(label, [one.code for one in CLASSIFIER.suggest(text).categories]) for label, text in rows]


@pytest.mark.parametrize("name", ["development_events.tsv", "development_parts.tsv"])
def test_texts_that_the_words_were_developed_on_keep_their_class(name):
    found = answers(name)
    matters = [(label, codes) for label, codes in found if label != NONE]
    assert sum(codes[:1] == [label] for label, codes in matters) / len(matters) >= TOP1
    assert sum(label in codes for label, codes in matters) / len(matters) >= TOP3


@pytest.mark.parametrize("name", ["development_events.tsv", "development_parts.tsv"])
def test_what_is_no_matter_of_the_city_stays_none_of_these(name):
    found = answers(name)
    nones = [codes for label, codes in found if label == NONE]
    silent = [label for label, codes in found if not codes]
    assert sum(not codes for codes in nones) / len(nones) >= NONE_BOTH
    assert silent.count(NONE) / len(silent) >= NONE_BOTH


def test_a_word_with_a_closing_formula_in_it_is_looked_for_whole():
    assert CLASSIFIER.suggest("变压器嗡嗡声特别大").categories[0].name.startswith("变压器")
    assert CLASSIFIER.suggest("市民表示路灯不亮").categories[0].name == "路灯"


def test_words_in_chinese_quotes_are_found():
    assert CLASSIFIER.suggest("写着“污”字的井盖没了").categories[0].name == "污水井盖"
