from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.ports import WebRequest
from messaging.sms import hooks
from messaging.sms.hooks import HookError

BEIJING = ZoneInfo("Asia/Shanghai")
DOCUMENT = {"a": [{"b/c": {"~": 1}}], "": "empty", "t": True}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/a/0/b~1c/~0", 1),
        ("/", "empty"),
        ("/t", True),
        ("/a/1", None),
        ("/a/-1", None),
        ("/a/x", None),
        ("/t/x", None),
        ("/none", None),
    ],
)
def test_pointers_lead_where_the_standard_says(pointer, value):
    assert hooks.point(DOCUMENT, pointer) == value


@given(st.recursive(st.none() | st.booleans() | st.text(), st.lists), st.text())
def test_a_pointer_into_anything_breaks_nothing(document, pointer):
    hooks.point(document, pointer)


@pytest.mark.parametrize(
    ("value", "text"), [("x", "x"), (7, "7"), (True, "true"), (None, ""), ([], ""), ({}, "")]
)
def test_plain_values_are_texts_and_others_are_none(value, text):
    assert hooks.plain(value) == text


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("2026-11-20 12:00:05", hooks.LOCAL_TIME),
        ("1795147205", "unix"),
        ("1795147205000", "unix_ms"),
        ("20261120120005", "%Y%m%d%H%M%S"),
    ],
)
def test_times_are_read_as_the_settings_say(value, pattern):
    assert hooks.moment(value, pattern, BEIJING) == datetime(2026, 11, 20, 4, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("pattern", [hooks.LOCAL_TIME, "unix", "unix_ms"])
@pytest.mark.parametrize("value", ["", "soon", "1e400", "nan", "9" * 40])
def test_nonsense_instead_of_a_time_is_left_out(value, pattern):
    assert hooks.moment(value, pattern, BEIJING) is None


def test_a_form_of_a_thousand_fields_and_more_is_none():
    with pytest.raises(HookError):
        hooks.form(WebRequest({}, {}, b"&".join(b"a%d=1" % n for n in range(2000))))


def test_the_same_item_has_the_same_key_and_shows_nothing():
    item = {"mobile": "13800000001", "text": "没有", "n": 1}
    key = hooks.key(item, "mobile", "text")
    assert key == hooks.key({**item, "n": 2}, "mobile", "text")
    assert key != hooks.key({**item, "text": "有"}, "mobile", "text")
    assert "138" not in key or len(key) == 32
