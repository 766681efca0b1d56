"""Floors for dangers on the texts that words and evidence were developed on: a guard, not a measure."""

import csv
from pathlib import Path

import pytest

from nlp.normalise import normalise
from nlp.urgency import UrgencyFinder

HERE = Path(__file__).parent
NONE = "none"


@pytest.fixture(scope="module")
def judged() -> list[tuple[set[str], set[str]]]:
    """True and found kinds of each text."""
    finder = UrgencyFinder()
    with (HERE / "development_dangers.tsv").open(encoding="utf-8") as lines:
        table = csv.reader((line for line in lines if line[0] != "#"), delimiter="\t", quoting=csv.QUOTE_NONE)
        texts = [(set(row[0].split()) - {NONE}, row[1]) for row in table][1:]
    return [(truth, set(finder.find(normalise(text).text).danger)) for truth, text in texts]


def test_every_danger_raises_an_alarm(judged):
    assert all(found for truth, found in judged if truth)


def test_few_alarms_are_false(judged):
    alarms = [bool(truth) for truth, found in judged if found]
    assert sum(alarms) / len(alarms) >= 0.97


def test_nearly_all_kinds_are_named_and_most_named_are_right(judged):
    named, true, right = (
        sum(map(len, kinds))
        for kinds in (
            [found for _, found in judged],
            [truth for truth, _ in judged],
            [truth & found for truth, found in judged],
        )
    )
    assert right / true >= 0.95
    assert right / named >= 0.8


def test_danger_is_heard_where_no_phrase_has_its_words():
    text = normalise("跑着跑着人就软下去了，喊不答应").text
    assert UrgencyFinder(weigh=False).find(text).danger == ()
    alarm = UrgencyFinder().find(text)
    assert "injury" in alarm.danger
    assert all(0 <= start < end <= len(text) for start, end in alarm.spans)
    assert alarm.spans


def test_what_is_over_or_only_asked_about_raises_no_alarm():
    finder = UrgencyFinder()
    assert finder.find("前年那次煤气中毒的赔偿官司判了没执行").danger == ()
    assert finder.find("触电急救培训在哪里报名").danger == ()
    assert "gas" in finder.find("上回修好了,现在煤气又漏了").danger
