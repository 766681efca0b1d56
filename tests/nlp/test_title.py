import pytest

from nlp.title import LONGEST, title


def test_a_title_says_where_and_what():
    assert title("文昌路与澜东大道路口", "路面塌陷") == "文昌路与澜东大道路口路面塌陷"


def test_without_place_and_category_the_first_sentence_serves():
    assert title("", "", "市民反映：小区停水了。请尽快处理。") == "小区停水了"


@pytest.mark.parametrize(
    ("place", "category", "text"), [("路" * 80, "路面塌陷", ""), ("", "", "字" * 200), ("", "", "")]
)
def test_a_title_is_never_too_long(place, category, text):
    assert len(title(place, category, text)) <= LONGEST


def test_the_category_survives_a_long_place():
    assert title("路" * 80, "路面塌陷").endswith("…路面塌陷")
