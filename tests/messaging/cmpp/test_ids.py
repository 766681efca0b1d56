from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from messaging.cmpp.ids import reference

CHINA = ZoneInfo("Asia/Shanghai")
NEW_YEARS_EVE = datetime(2026, 12, 31, 23, 59, 59, tzinfo=CHINA)
NEW_YEAR = datetime(2027, 1, 1, 0, 0, 1, tzinfo=CHINA)


def of(month: int) -> int:
    return month << 60 | 1


def test_answer_and_report_name_the_same_year_when_new_year_lies_between():
    assert reference(of(12), NEW_YEARS_EVE) == reference(of(12), NEW_YEAR) == f"2026-{of(12):x}"


def test_a_gateway_whose_clock_is_ahead_is_in_the_new_year_already():
    assert reference(of(1), NEW_YEARS_EVE) == reference(of(1), NEW_YEAR)


def test_the_same_number_a_year_later_is_another_message():
    later = NEW_YEARS_EVE.replace(year=2027)
    assert reference(of(12), NEW_YEARS_EVE) != reference(of(12), later)


def test_numbers_from_august_on_stay_unsigned():
    assert reference(2**64 - 1, NEW_YEARS_EVE) == "2026-ffffffffffffffff"


@pytest.mark.parametrize("number", [0, 1, 2**60 - 1, 15 << 60])
def test_a_gateway_that_puts_no_month_into_its_numbers_has_references_too(number):
    assert reference(number, NEW_YEARS_EVE).endswith(f"-{number:016x}")
