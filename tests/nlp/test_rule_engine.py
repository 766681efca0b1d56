"""The laboratory's engine: a table compiled beside the one in force, swapped while texts are read."""

from callcenter.data import Standard, categories
from callcenter.domain.codes import Category
from callcenter.domain.rules import RuleWord
from nlp.live import LiveClassifier
from nlp.rule_engine import LiveRuleEngine

COLLAPSE = "事件|05|05"
SINK = RuleWord(COLLAPSE, "路面塌陷", "地方叫法", "深窝窝", 2.8)
TEXT = "门口出现一个深窝窝"


def engine() -> tuple[LiveClassifier, LiveRuleEngine]:
    live = LiveClassifier(["深窝窝公园"])
    return live, LiveRuleEngine(live, ["深窝窝公园"])


def classes(of: list[Category]) -> set[str]:
    return {one.code for one in of}


def in_scheme(standard: Standard) -> list[Category]:
    return [
        Category(c.code, standard, c.kind, c.major, c.minor, c.name, c.major_name)
        for c in categories(standard)
    ]


def test_a_compiled_table_ranks_beside_the_one_in_force() -> None:
    live, rules = engine()
    found = rules.compile([SINK]).rank(rules.read(TEXT))
    assert [(one.code, one.because) for one in found] == [(COLLAPSE, ("深窝窝",))]
    assert live.suggest(TEXT).categories == ()


def test_a_word_that_is_off_and_a_word_in_a_name_do_not_count() -> None:
    _, rules = engine()
    off = RuleWord(COLLAPSE, "路面塌陷", "地方叫法", "深窝窝", 2.8, enabled=False)
    assert rules.compile([off]).rank(rules.read(TEXT)) == []
    assert rules.compile([SINK]).rank(rules.read("深窝窝公园门口")) == []


def test_a_table_in_use_suggests_from_the_next_text_on_with_its_version() -> None:
    live, rules = engine()
    rules.use([*rules.shipped(), SINK], "7")
    found = live.suggest(TEXT)
    assert (found.categories[0].code, found.version) == (COLLAPSE, "7")


def test_the_laboratory_reads_a_text_as_the_classifier_in_force_does() -> None:
    live, rules = engine()
    compiled = rules.compile(rules.shipped())
    for text in (
        "文昌路路面塌了个大坑",
        "井盖没了，路灯也不亮",
        "请问医保怎么交",
        "楼下烧烤摊油烟熏人，车子乱停",
    ):
        shown = [(one.code, one.confidence) for one in live.suggest(text).categories]
        assert [(one.code, one.confidence) for one in compiled.rank(rules.read(text))] == shown


def test_every_shipped_word_is_one_that_the_laboratory_would_take() -> None:
    words = engine()[1].shipped()
    for word in words:
        word.check()
    assert len({word.key for word in words}) == len(words)


def test_changed_words_are_found_where_they_stand() -> None:
    _, rules = engine()
    watch = rules.watch(["深窝窝", "井盖…丢|偷", "没有这个"])
    assert set(watch(rules.read("井盖被人偷了，成了深窝窝"))) == {"深窝窝", "井盖…丢|偷"}


def test_another_scheme_begins_with_its_names_and_the_words_of_classes_that_correspond() -> None:
    _, rules = engine()
    for standard in (Standard.CJT214_2007, Standard.GBT47678_2026):
        scheme = in_scheme(standard)
        words = rules.for_classes(standard, scheme)
        assert len({word.key for word in words}) == len(words)
        assert {word.code for word in words} - {"*"} == classes(scheme)
        found = rules.compile(words).rank(rules.read("路灯不亮了，晚上漆黑一片"))
        assert found[0].name == "路灯"


def test_a_flip_is_shown_without_numbers_of_people() -> None:
    _, rules = engine()
    assert "13800005526" not in rules.hide("请回电13800005526")


def test_every_shipped_word_could_be_typed_and_imported_by_a_supervisor() -> None:
    _, rules = engine()
    for word in rules.shipped():
        word.check()
