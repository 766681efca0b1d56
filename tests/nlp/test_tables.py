"""The shipped words: what every class must have, and what a slip of the pen would break."""

import csv
import re
from pathlib import Path

from callcenter.data import categories
from nlp.normalise import normalise, rows
from nlp.phrases import parts_of, word_groups
from nlp.urgency import FEAR, FEARED, GROUP, MASK, NOW, SETTLED, UrgencyFinder

HERE = Path(__file__).parent
WORDS = rows("keywords.csv")
LONGEST_TERM = 120  # characters that the rule laboratory keeps
SYNONYMS = ("同义词", "地方叫法", "常见描述", "关键词")


def test_every_class_has_its_official_name_and_three_other_words():
    for category in categories():
        kinds = [row["kind"] for row in WORDS if row["code"] == category.code and float(row["weight"]) > 0]
        assert "官方名" in kinds, category
        assert sum(kind in SYNONYMS for kind in kinds) >= 3, category


def test_every_class_has_an_exclusion_or_the_general_ones():
    assert [row for row in WORDS if row["code"] == "*" and float(row["weight"]) < 0]


def test_every_group_that_is_named_is_there():
    named = {name for row in WORDS for name in re.findall(r"<([^<>]*)>", row["term"])}
    assert named <= word_groups().keys()
    assert not any("<" in words for words in word_groups().values())


def test_no_part_of_a_phrase_is_empty_and_none_is_too_long():
    for table in (WORDS, rows("danger.csv"), rows("appeal.csv")):
        for row in table:
            assert all(word for part in parts_of(row["term"]) for word in part), row
    assert max(len(row["term"]) for row in WORDS) <= LONGEST_TERM


def test_levels_of_danger_are_known():
    levels = {row["level"] for row in rows("danger.csv")}
    assert levels == {"critical", "urgent", MASK, FEAR, FEARED, SETTLED, NOW, GROUP}


def test_dangers_that_the_words_were_tuned_on_stay_found():
    finder = UrgencyFinder()
    with (HERE / "tuned_dangers.tsv").open(encoding="utf-8") as lines:
        labelled = [(row[0], row[1]) for row in csv.reader(lines, delimiter="\t")][1:]
    found = [(kinds, finder.find(normalise(text).text).danger) for kinds, text in labelled]
    dangerous = [set(kinds.split()) <= set(danger) for kinds, danger in found if kinds != "none"]
    alarms = [kinds != "none" for kinds, danger in found if danger]
    assert all(dangerous)
    assert sum(alarms) / len(alarms) >= 0.95


def test_what_is_only_feared_raises_no_alarm_and_what_is_there_does():
    finder = UrgencyFinder()
    assert finder.find("窨井没盖子,怕小孩掉下去").danger == ()
    assert finder.find("小孩掉下去了,在井里哭").danger == ("trapped",)
    assert "electric" in finder.find("路灯杆漏电,怕电到人").danger
