"""Every number of the platform that the hotline knows, and those that it does not."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.domain.messages import Fault, Outcome
from messaging.wechat.codes import MEANINGS, InDoubtError, NotReachedError, RefusedError, fate
from tests.messaging.wechat.desk import NOON, ZONE


def of(number: int, now: datetime = NOON):
    return fate(RefusedError(number), now, ZONE)


@pytest.mark.parametrize(
    ("number", "outcome", "fault", "code"),
    [
        (-1, Outcome.RETRY, Fault.MESSAGE, "busy"),
        (40001, Outcome.RETRY, Fault.ACCOUNT, "token_refused"),
        (40014, Outcome.RETRY, Fault.ACCOUNT, "token_refused"),
        (42001, Outcome.RETRY, Fault.ACCOUNT, "token_refused"),
        (40003, Outcome.REJECTED, Fault.RECIPIENT, "bad_address"),
        (40164, Outcome.RETRY, Fault.ACCOUNT, "address_not_listed"),
        (43004, Outcome.REJECTED, Fault.RECIPIENT, "not_following"),
        (43019, Outcome.REJECTED, Fault.RECIPIENT, "blocked"),
        (43101, Outcome.REJECTED, Fault.RECIPIENT, "no_consent"),
        (45009, Outcome.RETRY, Fault.ACCOUNT, "daily_quota"),
        (45011, Outcome.RETRY, Fault.ACCOUNT, "too_frequent"),
        (45015, Outcome.REJECTED, Fault.RECIPIENT, "window_closed"),
        (45047, Outcome.REJECTED, Fault.RECIPIENT, "quota_used"),
        (48001, Outcome.RETRY, Fault.ACCOUNT, "not_permitted"),
        (99999, Outcome.REJECTED, Fault.MESSAGE, "wechat_99999"),
    ],
)
def test_a_number_means(number, outcome, fault, code) -> None:
    found = of(number)
    assert (found.outcome, found.fault, found.code) == (outcome, fault, code)


def test_only_refusals_of_the_account_say_how_long_it_rests() -> None:
    resting = {number for number in MEANINGS if of(number).retry_after}
    assert all(MEANINGS[number].fault is Fault.ACCOUNT for number in resting)


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 20, 4, tzinfo=UTC), 12),
        (datetime(2026, 11, 20, 15, 30, tzinfo=UTC), 0.5),
        (datetime(2026, 11, 20, 16, tzinfo=UTC), 24),
    ],
)
def test_the_daily_quota_begins_again_at_midnight_in_the_city(now, hours) -> None:
    assert of(45009, now).retry_after == timedelta(hours=hours)


def test_what_never_left_is_tried_again_and_what_left_is_in_doubt() -> None:
    assert fate(NotReachedError(), NOON, ZONE).outcome is Outcome.RETRY
    assert fate(InDoubtError(), NOON, ZONE).outcome is Outcome.UNKNOWN
    assert fate(NotReachedError(), NOON, ZONE).fault is Fault.LINK
