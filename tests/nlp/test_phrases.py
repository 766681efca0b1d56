import pytest

from nlp.phrases import PhraseFinder


def found(phrases, text, groups=(), blocked=()):
    return [phrases[hit.phrase] for hit in PhraseFinder(phrases, groups).find(text, blocked)]


@pytest.mark.parametrize("text", ["路灯三天不亮了", "不亮的路灯", "路灯,从上周开始就不亮了"])
def test_parts_are_found_near_each_other_in_any_order(text):
    assert found(["路灯…不亮"], text) == ["路灯…不亮"]


@pytest.mark.parametrize("text", ["路灯好了。家里不亮", "路灯" + "远" * 13 + "不亮", "路灯", "不亮"])
def test_parts_in_another_sentence_or_far_away_do_not_count(text):
    assert found(["路灯…不亮"], text) == []


def test_a_word_inside_a_longer_one_counts_for_the_same_group_only():
    phrases = ["井盖", "污水井盖", "井盖"]
    hits = PhraseFinder(phrases, ["a", "b", "b"]).find("污水井盖坏了")
    assert [hit.phrase for hit in hits] == [1, 2]


def test_a_word_inside_the_name_of_a_place_does_not_count():
    assert found(["垃圾"], "垃圾路有垃圾", blocked=[(0, 3)]) == ["垃圾"]
    assert found(["垃圾"], "垃圾路", blocked=[(0, 3)]) == []


def test_three_parts_chain():
    assert found(["饭店…摆…外面"], "饭店把桌子摆到门外面") == ["饭店…摆…外面"]


def test_one_place_cannot_be_two_parts():
    assert found(["坑…坑"], "一个坑") == []
    assert found(["坑…坑"], "一个坑两个坑") == ["坑…坑"]


def test_alternatives_count_once():
    phrases = ["路灯|街灯…不亮|坏"]
    assert found(phrases, "街灯坏了") == phrases
    assert found(phrases, "路灯和街灯都坏了,不亮") == phrases


def test_a_group_stands_for_its_words():
    assert found(["路灯…<不亮>"], "路灯瞎了") == ["路灯…<不亮>"]
    assert found(["路灯…<没有这组>"], "路灯瞎了") == []


def test_the_parts_nearest_to_each_other_are_taken():
    hit = PhraseFinder(["路面|道…塌"]).find("非机动车道上,路面塌了")[0]
    assert hit.spans == ((7, 9), (9, 10))


def test_what_does_not_cover_hides_nothing():
    phrases, groups = ["井盖…丢", "污水井盖"], ["a", "b"]
    text = "污水井盖丢了"
    assert [hit.phrase for hit in PhraseFinder(phrases, groups).find(text)] == [1]
    assert [hit.phrase for hit in PhraseFinder(phrases, groups, [True, False]).find(text)] == [0, 1]


def test_no_phrases_find_nothing():
    assert PhraseFinder([]).find("路灯不亮") == []
