from dataclasses import replace

import pytest

from nlp.classify import Keyword, KeywordTable
from nlp.handover import Adviser
from nlp.learning.model import Model
from nlp.learning.samples import Sample
from nlp.learning.train import train
from nlp.live import LiveClassifier

TABLE = KeywordTable("7", (Keyword("灯", "路灯", "路灯", 3.0), Keyword("树", "行道树", "树枝", 3.0)))
SAMPLES = [
    *(Sample("灯", f"{place}的路灯不亮") for place in "东南西北中上下左右前"),
    *(Sample("水", f"{place}边的水管爆了，自来水流了一地") for place in "东南西北中上下左右前"),
    *(Sample("", f"{place}班几点下班，请问电话是多少") for place in "东南西北中上下左右前"),
]


@pytest.fixture(scope="module")
def model() -> Model:
    return replace(train(SAMPLES), version="abc")


def handed(model: Model, *labels: str) -> Model:
    return replace(model, handed_over={label: model.labels.index(label) for label in labels})


def codes(live: LiveClassifier, text: str) -> list[str]:
    return [category.code for category in live.suggest(text).categories]


def test_a_table_is_replaced_while_it_runs_and_named_in_the_next_suggestion():
    live = LiveClassifier()
    live.use_table(TABLE)
    assert codes(live, "树枝断了")[0] == "树"
    assert live.suggest("树枝断了").version == live.version == "7"


def test_a_model_speaks_only_for_the_classes_that_were_handed_over(model):
    live = LiveClassifier(table=TABLE)
    live.use_model(handed(model, "水"), {"水": "供水管"})
    first = live.suggest("楼下的水管爆了，自来水流了一地").categories[0]
    assert (first.code, first.name) == ("水", "供水管")
    assert first.because
    assert codes(live, "北门的路灯不亮")[0] == "灯"
    assert live.version == "7+abc"


def test_what_the_model_went_by_is_highlighted_in_the_text(model):
    live = LiveClassifier(table=TABLE)
    live.use_model(handed(model, "水"))
    text = "领导好！楼下的水管爆了，自来水流了一地"
    assert all(word in text for word in live.suggest(text).categories[0].because)


def test_without_a_model_or_with_one_that_nothing_was_handed_to_the_table_decides(model):
    live = LiveClassifier(table=TABLE)
    before = live.suggest("楼下的水管爆了")
    live.use_model(model)
    assert live.suggest("楼下的水管爆了") == before
    live.use_model(handed(model, "水"))
    live.use_model(None)
    assert live.suggest("楼下的水管爆了") == before


def test_none_of_these_can_be_the_answer_of_the_model(model):
    adviser = Adviser(handed(model, "", "水", "灯"))
    assert adviser.advise("请问你们几点下班,电话是多少", []) == []


def test_a_model_that_is_not_sure_does_not_speak_where_no_keyword_stands(model):
    adviser = Adviser(handed(model, "水"))
    assert adviser.advise("完全不相干的一句话", []) == []


def test_a_new_table_leaves_the_model_in_force_and_the_other_way_round(model):
    live = LiveClassifier(table=TABLE)
    live.use_model(handed(model, "水"))
    live.use_table(replace(TABLE, version="8"))
    assert live.version == "8+abc"


@pytest.mark.parametrize("text", ["", "\0\0\0", "\ud800", "灯" * 100_000, "路灯\0树枝\u202e", "[" * 50_000])
def test_no_text_is_too_strange_for_table_and_model(model, text):
    live = LiveClassifier(table=TABLE)
    live.use_model(handed(model, "", "水", "灯"))
    live.suggest(text)
