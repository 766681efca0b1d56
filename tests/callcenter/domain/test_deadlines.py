from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.deadlines import Limit, Unit, WorkCalendar, quiet, quiet_until
from tests.builders import CHINA

HOLIDAY = date(2026, 10, 1)
WORKED_SUNDAY = date(2026, 9, 20)
CALENDAR = WorkCalendar(CHINA, frozenset({HOLIDAY}), frozenset({WORKED_SUNDAY}))


def local(*when: int) -> datetime:
    return datetime(*when, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("begun", "limit", "due"),
    [
        (local(2026, 11, 20, 10), Limit(4, Unit.WORK_HOUR), local(2026, 11, 20, 16)),  # over lunch
        (local(2026, 11, 20, 17), Limit(2, Unit.WORK_HOUR), local(2026, 11, 23, 9)),  # over a weekend
        (local(2026, 11, 20, 17), Limit(2, Unit.URGENT_HOUR), local(2026, 11, 20, 19)),
        (local(2026, 9, 30, 14), Limit(1, Unit.WORK_DAY), local(2026, 10, 2, 12)),  # over a holiday
        (local(2026, 9, 19, 9), Limit(1, Unit.WORK_DAY), local(2026, 9, 20, 18)),  # a worked Sunday
        (local(2026, 11, 21, 3), Limit(1, Unit.WORK_HOUR), local(2026, 11, 23, 9)),
        (local(2026, 11, 20, 10), Limit(1, Unit.URGENT_DAY), local(2026, 11, 21, 10)),
    ],
)
def test_a_limit_ends_when_the_calendar_says(begun: datetime, limit: Limit, due: datetime) -> None:
    assert CALENDAR.due(begun, limit) == due


@given(
    st.floats(0, 360 * 86400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
    st.integers(1, 40 * 3600),
    st.booleans(),
)
def test_the_time_until_a_deadline_is_the_limit_itself(begun: datetime, seconds: int, on_clock: bool) -> None:
    due = CALENDAR.after(begun, seconds, on_clock=on_clock)
    assert CALENDAR.between(begun, due, on_clock=on_clock) == pytest.approx(seconds)
    assert CALENDAR.between(due, begun, on_clock=on_clock) == pytest.approx(-seconds)


def test_quiet_hours_pass_midnight() -> None:
    assert quiet(local(2026, 11, 20, 23), CHINA, time(21), time(8))
    assert quiet(local(2026, 11, 20, 7, 59), CHINA, time(21), time(8))
    assert not quiet(local(2026, 11, 20, 8), CHINA, time(21), time(8))
    assert quiet_until(local(2026, 11, 20, 23), CHINA, time(21), time(8)) == local(2026, 11, 21, 8)
    assert quiet_until(local(2026, 11, 20, 3), CHINA, time(21), time(8)) == local(2026, 11, 20, 8)


def test_a_limit_says_its_unit_in_the_words_of_the_trade() -> None:
    assert Limit(2, Unit.URGENT_HOUR).label == "2 紧急工作时"
    assert Limit(0.25, Unit.URGENT_HOUR).label == "15 分钟"
