from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.messages import Fault, Outcome, Purpose, SendResult
from messaging import policy
from messaging.policy import MAX_TRIES, Ladder
from tests.messaging.fake_outbox import outbound

CITY = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)  # 12:00 in the city
UNKNOWN = SendResult(Outcome.UNKNOWN)
RETRY = SendResult(Outcome.RETRY)


def local(clock: str, day: int = 20) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=CITY)


@pytest.mark.parametrize(
    ("purpose", "now", "allowed"),
    [
        (Purpose.SURVEY, "08:59", local("09:00")),
        (Purpose.SURVEY, "09:00", local("09:00")),
        (Purpose.SURVEY, "19:59", local("19:59")),
        (Purpose.SURVEY, "20:00", local("09:00", 21)),
        (Purpose.SURVEY, "23:59", local("09:00", 21)),
        (Purpose.SERVICE, "07:59", local("08:00")),
        (Purpose.SERVICE, "20:59", local("20:59")),
        (Purpose.SERVICE, "21:00", local("08:00", 21)),
        (Purpose.SERVICE, "00:10", local("08:00")),
        (Purpose.REPLY, "03:00", local("03:00")),
        (Purpose.EMERGENCY, "03:00", local("03:00")),
    ],
)
def test_hours_of_each_purpose_in_the_citys_time(purpose, now, allowed):
    assert policy.allowed_from(purpose, local(now).astimezone(UTC), CITY) == allowed


@given(st.sampled_from(Purpose), st.integers(0, 400 * 24 * 60).map(lambda m: NOON + timedelta(minutes=m)))
def test_the_allowed_time_is_never_past_and_always_allowed(purpose, now):
    allowed = policy.allowed_from(purpose, now, CITY)
    assert now <= allowed <= now + timedelta(hours=13)
    assert policy.allowed_from(purpose, allowed, CITY) == allowed


@pytest.mark.parametrize(
    ("purpose", "wait"),
    [
        (Purpose.REPLY, timedelta(minutes=10)),
        (Purpose.SERVICE, timedelta(minutes=10)),
        (Purpose.SURVEY, None),
        (Purpose.EMERGENCY, timedelta(0)),
    ],
)
def test_what_follows_from_doubt(purpose, wait):
    again = policy.again_at(outbound(purpose=purpose), UNKNOWN, NOON, 0)
    assert again == (None if wait is None else NOON + wait)


@pytest.mark.parametrize("purpose", [Purpose.REPLY, Purpose.SERVICE, Purpose.SURVEY])
def test_a_second_doubt_is_the_end(purpose):
    message = replace(outbound(purpose=purpose), attempt=2, resent=True)
    assert policy.again_at(message, UNKNOWN, NOON, 0) is None


def test_an_emergency_is_sent_until_it_is_taken_or_the_tries_are_used_up():
    message = replace(outbound(purpose=Purpose.EMERGENCY), attempt=4, resent=True)
    assert policy.again_at(message, UNKNOWN, NOON, 0) == NOON
    assert policy.again_at(replace(message, attempt=MAX_TRIES), UNKNOWN, NOON, 0) is None


def test_refusals_wait_longer_each_time_and_end():
    waits = [policy.again_at(replace(outbound(), attempt=n), RETRY, NOON, 1) for n in range(1, MAX_TRIES + 1)]
    seconds = [(at - NOON).total_seconds() if at else None for at in waits]
    assert seconds == [30, 60, 120, 240, None]


def test_the_peers_own_hint_is_a_minimum():
    hint = timedelta(hours=2)
    again = policy.again_at(outbound(), SendResult(Outcome.RETRY, retry_after=hint), NOON, 1)
    assert again == NOON + hint
    assert policy.account_pause(1, hint, 1) == hint


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.REJECTED])
def test_what_is_settled_is_not_tried_again(outcome):
    assert policy.again_at(outbound(), SendResult(outcome), NOON, 0) is None


@pytest.mark.parametrize(
    ("outcome", "fault", "rests"),
    [
        (Outcome.RETRY, Fault.ACCOUNT, True),
        (Outcome.RETRY, Fault.LINK, True),
        (Outcome.UNKNOWN, Fault.LINK, True),
        (Outcome.RETRY, Fault.MESSAGE, False),
        (Outcome.REJECTED, Fault.RECIPIENT, False),
        (Outcome.ACCEPTED, Fault.ACCOUNT, False),
    ],
)
def test_which_refusals_rest_the_account(outcome, fault, rests):
    assert policy.concerns_account(SendResult(outcome, fault=fault)) is rests


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_ladder_stays_between_its_ends(failures, jitter):
    ladder = Ladder(timedelta(seconds=1), timedelta(minutes=1))
    assert timedelta(seconds=0.5) <= ladder.pause(failures, jitter) <= timedelta(minutes=1)
