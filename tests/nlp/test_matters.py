from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nlp.classify import Found
from nlp.live import LiveClassifier
from nlp.matters import MOST_MATTERS, matters, merged, sentences

LIVE = LiveClassifier()


def told(text):
    return [(matter.text, matter.categories[0].name) for matter in LIVE.suggest(text).matters]


def test_two_matters_are_told_apart_and_keep_their_words():
    text = "小区门口路灯不亮，晚上很黑。另外楼下烧烤店油烟呛人，每天到半夜。"
    assert told(text) == [
        ("小区门口路灯不亮，晚上很黑", "路灯"),
        ("另外楼下烧烤店油烟呛人，每天到半夜", "油烟污染"),
    ]
    names = [category.name for category in LIVE.suggest(text).categories]
    assert {"路灯", "油烟污染"} <= set(names)


def test_matters_of_an_enumeration_are_each_among_the_first_three():
    text = "一、路灯不亮；二、垃圾无人清运；三、污水井盖丢失"
    assert [name for _, name in told(text)] == ["路灯", "暴露生活垃圾", "污水井盖"]
    assert len(LIVE.suggest(text).categories) == 3


def test_one_matter_told_in_many_sentences_stays_one():
    assert told("文昌路的路灯不亮。已经一个星期了。晚上太黑，路灯一直没人修。请尽快处理。") == []


def test_a_text_without_a_matter_has_no_parts():
    assert told("你们周末上班吗？请问电话多少？") == []


def test_a_sentence_that_speaks_for_nothing_belongs_to_the_one_before():
    def ask(span):
        return {"a": [Found("A", "", 0.9, ())], "b": [Found("B", "", 0.9, ())]}.get(text[span[0]], [])

    text = "aaaa。xxxx。bbbb。xxxx"
    assert [
        (text[first:last], found[0].code) for (first, last), found in matters(text, range(len(text)), ask)
    ] == [
        ("aaaa。xxxx", "A"),
        ("bbbb。xxxx", "B"),
    ]


def test_the_first_class_of_every_part_is_shown_though_the_whole_text_says_less_of_it():
    whole = [Found("A", "", 0.6, ()), Found("B", "", 0.2, ()), Found("C", "", 0.1, ())]
    parts = [((0, 4), (Found("A", "", 0.9, ()),)), ((5, 9), (Found("D", "", 0.8, ()),))]
    assert [(one.code, one.confidence) for one in merged(whole, parts)] == [
        ("A", 0.6),
        ("D", 0.4),
        ("B", 0.2),
    ]


@given(st.text(alphabet="路灯不亮。，;!?另外二是、 \n1.", max_size=80))
def test_sentences_are_in_order_and_inside_the_text(text):
    spans = sentences(text)
    assert all(0 <= first < last <= len(text) for first, last in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_a_text_of_a_thousand_sentences_has_a_handful_of_matters():
    assert len(told("路灯不亮。垃圾没人清。" * 1000)) <= MOST_MATTERS
