from pathlib import Path

import pytest

from callcenter.domain.errors import TextTemplateError
from messaging.sms.text import segment_count
from messaging.templating import PARAMETERS, Texts, parameters

TYPICAL = {
    "case_number": "20261120-0147",
    "title": "文昌路与澜东大道路口路面塌陷",
    "promised": "11月20日12:45前",
    "result": "路面塌陷已回填并恢复通行",
    "reason": "属于小区内部管理事务",
    "state": "正在处理",
}
LONGEST = {name: "长" * (length + 50) for name, length in PARAMETERS.items()}


@pytest.fixture(scope="module")
def texts():
    return Texts("澜江12345")


def written(folder: Path, text: str) -> Path:
    path = folder / "sms.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_text_begins_with_the_signature_and_names_case_and_promise(texts):
    accepted = texts.render("accepted", TYPICAL)
    assert accepted.startswith("【澜江12345】您反映的“文昌路与澜东大道路口路面塌陷”已受理")
    assert "20261120-0147" in accepted
    assert "11月20日12:45前办结" in accepted


def test_the_survey_explains_the_five_answers(texts):
    survey = texts.render("survey", TYPICAL)
    for words in ("1非常满意", "2满意", "3基本满意", "4不满意", "5非常不满意", "回复1-5"):
        assert words in survey


def test_every_text_needs_two_messages_at_most_whatever_was_typed(texts):
    counts = {name: segment_count(texts.render(name, LONGEST)) for name in texts.all()}
    assert max(counts.values()) <= 2, counts


def test_the_texts_the_core_sends_exist(texts):
    assert set(texts.all()) >= {
        *("accepted", "joined", "resolved", "not_accepted", "survey", "survey_solved"),
        *("survey_thanks", "survey_reopened", "urged"),
    }


def test_a_missing_parameter_is_named(texts):
    with pytest.raises(TextTemplateError, match="promised"):
        texts.render("accepted", {"case_number": "1", "title": "x"})


def test_an_unknown_template_is_named(texts):
    with pytest.raises(TextTemplateError, match="nonsense"):
        texts.render("nonsense", {})


def test_a_value_cannot_forge_a_signature_nor_break_the_line(texts):
    words = texts.render("resolved", {**TYPICAL, "title": "【银行】\n请点击\x07链接"})
    assert words.count("【") == 1
    assert "[银行] 请点击 链接" in words


def test_a_long_value_ends_in_an_ellipsis(texts):
    assert "长" * 23 + "…”" in texts.render("resolved", {**TYPICAL, "title": "长" * 40})


def test_a_value_that_ends_in_a_full_stop_does_not_double_it(texts):
    assert "。。" not in texts.render("resolved", {**TYPICAL, "result": "已回填。"})


def test_a_template_that_wants_a_name_is_refused_when_it_is_read(tmp_path):
    with pytest.raises(TextTemplateError, match="name"):
        Texts("澜江12345", written(tmp_path, 'hello = "{name}您好"'))


def test_a_template_with_brackets_of_its_own_is_refused(tmp_path):
    with pytest.raises(TextTemplateError, match="正文"):
        Texts("澜江12345", written(tmp_path, 'hello = "【x】您好"'))


@pytest.mark.parametrize("signature", ["", "【】", "一", "长" * 17])
def test_a_signature_no_carrier_would_file_is_refused(signature):
    with pytest.raises(TextTemplateError, match="签名"):
        Texts(signature)


def test_a_signature_may_come_with_its_brackets():
    assert Texts("【澜江12345】").render("survey_thanks", {}).startswith("【澜江12345】感谢")


def test_no_text_asks_for_a_person():
    assert not set(PARAMETERS) & {"name", "phone", "number", "address"}
    assert parameters("{a} {b_c} {}") == {"a", "b_c"}
