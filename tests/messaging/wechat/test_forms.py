"""Notices and the menu: what goes to the platform, and settings that cannot be meant."""

import pytest
from pydantic import ValidationError

from messaging.wechat import menu, notices
from messaging.wechat.menu import Key
from messaging.wechat.notices import Notice, NoticeKind
from tests.messaging.wechat.desk import a_message

RESOLVED = Notice(
    id="T-resolved",
    fields={"character_string1": "{case_number}", "thing2": "{title}", "phrase3": "已办结"},
    url="https://example.gov.cn/c",
)


def test_a_form_is_filled_and_its_fields_keep_their_lengths() -> None:
    params = {"case_number": "20261120-0012", "title": "长" * 40, "result": "已修复"}
    body = notices.body(RESOLVED, a_message(template="resolved", params=params))
    assert body["data"] == {
        "character_string1": {"value": "20261120-0012"},
        "thing2": {"value": "长" * 19 + "…"},
        "phrase3": {"value": "已办结"},
    }
    assert (body["template_id"], body["url"]) == ("T-resolved", "https://example.gov.cn/c")


def test_a_subscription_notice_has_a_page_not_an_address() -> None:
    form = RESOLVED.model_copy(update={"kind": NoticeKind.SUBSCRIPTION})
    body = notices.body(form, a_message(params={"case_number": "1", "title": "2"}))
    assert body["page"] == "https://example.gov.cn/c"
    assert "url" not in body


def test_a_message_that_does_not_bring_the_fields_is_no_notice() -> None:
    assert notices.body(RESOLVED, a_message(params={"title": "路灯"})) is None


def test_values_are_put_in_as_they_are() -> None:
    form = Notice(id="T", fields={"thing1": "{a}{b}"})
    body = notices.body(form, a_message(params={"a": "{b}", "b": "\\1"}))
    assert body["data"]["thing1"]["value"] == "{b}\\1"


KEYS = (
    Key(name="我要反映", key="report"),
    Key(name="查询", below=({"name": "查进度", "key": "progress"}, {"name": "官网", "url": "https://a.cn"})),
)


def test_a_menu_is_the_same_with_what_the_platform_adds() -> None:
    wanted = menu.request(KEYS)
    first, second = wanted["button"]
    below = [{**leaf, "sub_button": []} for leaf in second["sub_button"]]
    there = {"menu": {"button": [{**first, "sub_button": []}, {**second, "sub_button": below}]}}
    assert menu.same(wanted, there)
    assert not menu.same(wanted, {"menu": {"button": [first]}})
    assert not menu.same(wanted, {})


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "没有去处"},
        {"name": "两个去处", "key": "a", "url": "https://a.cn"},
        {"name": "上面不说话", "key": "a", "below": [{"name": "下", "key": "b"}]},
        {"name": "名字实在是太长了", "key": "a"},
        {"name": "六个", "below": [{"name": str(n), "key": "k"} for n in range(6)]},
        {"name": "下", "below": [{"name": "长" * 21, "key": "k"}]},
        {"name": "", "key": "a"},
        {"name": "a", "key": "a", "colour": "red"},
    ],
)
def test_menus_that_the_platform_refuses_are_refused_before(wrong) -> None:
    with pytest.raises(ValidationError):
        Key.model_validate(wrong)
