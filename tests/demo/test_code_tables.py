from datetime import date

import pytest

from callcenter.data import (
    DayKind,
    Standard,
    categories,
    conditions,
    conditions_of,
    holidays,
    mapping_2007_2013,
    workflow_transitions,
    working_hours,
)

SIZES = {
    Standard.CJT214_2007: 139,
    Standard.GBT30428_2013: 194,
    Standard.GBT47678_2026: 403,
    Standard.LOCAL_EXAMPLE: 58,
}
UNITS = {"urgent_hour", "urgent_day", "work_hour", "work_day"}


@pytest.mark.parametrize("standard", Standard)
def test_every_class_of_a_standard_has_its_own_code(standard):
    found = categories(standard)
    assert len(found) == SIZES[standard]
    assert len({category.code for category in found}) == len(found)


def test_majors_that_changed_places_are_told_apart_by_the_standard():
    assert {
        c.major_name for c in categories(Standard.CJT214_2007) if (c.kind, c.major) == ("事件", "04")
    } == {"突发事件"}
    assert {c.major_name for c in categories() if (c.kind, c.major) == ("事件", "04")} == {"街面秩序"}


def test_every_class_has_conditions_with_a_limit():
    assert set(conditions()) == {category.code for category in categories()}
    for code, found in conditions().items():
        assert found, code
        assert [condition.no for condition in found] == list(range(1, len(found) + 1))
        assert all(condition.value > 0 and condition.unit in UNITS for condition in found)


def test_a_hole_that_stops_traffic_has_a_shorter_limit_than_one_that_does_not():
    first, second = conditions_of("事件|05|05")
    assert (first.text, first.value, first.unit) == ("塌陷影响通行", 2, "urgent_hour")
    assert (second.text, second.value, second.unit) == ("未影响通行", 5, "work_day")


def test_at_least_forty_classes_have_conditions_in_words():
    written = [code for code, found in conditions().items() if not found[0].text.startswith("立案条件")]
    assert len(written) >= 40


def test_a_foreign_class_gets_the_default_limit():
    assert conditions_of("事件|99|99")[0].unit == "work_day"


def test_the_migration_table_names_existing_classes():
    known = {category.code for category in categories()}
    assert {row.code_2013 for row in mapping_2007_2013() if row.code_2013} <= known


def test_the_calendar_of_2026_has_its_33_days_off_and_6_working_weekends():
    kinds = list(holidays().values())
    assert kinds.count(DayKind.REST) == 33
    assert kinds.count(DayKind.WORK) == 6
    assert all(day.weekday() >= 5 for day, kind in holidays().items() if kind is DayKind.WORK)
    assert holidays()[date(2026, 10, 7)] is DayKind.REST


def test_a_working_day_has_eight_hours():
    minutes = sum((b.hour - a.hour) * 60 + b.minute - a.minute for a, b in working_hours())
    assert minutes == 8 * 60


def test_the_workflow_table_begins_with_registering():
    assert workflow_transitions()[0]["to_state"] == "reported"
