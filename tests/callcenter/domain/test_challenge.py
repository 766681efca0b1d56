"""The sum that stands for a captcha: easy to check, not to be had twice, harder for those who ask a lot."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.domain.challenge import (
    BASE_BITS,
    LIFE,
    MAX_BITS,
    ProofError,
    Spent,
    check,
    difficulty,
    issue,
    zero_bits,
)
from tests.builders import solve

KEY = b"a key of this service"
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
ASKED = issue(KEY, "0123456789abcdef", 8, NOON)
COUNTER = solve(ASKED)


def test_a_right_solution_passes() -> None:
    check(KEY, ASKED, COUNTER, NOON + LIFE - timedelta(seconds=1))
    assert zero_bits(ASKED.nonce, COUNTER) >= ASKED.bits


@pytest.mark.parametrize(
    ("asked", "counter", "at", "code"),
    [
        (replace(ASKED, bits=0), COUNTER, NOON, "forged"),
        (replace(ASKED, expires=ASKED.expires + 600), COUNTER, NOON, "forged"),
        (replace(ASKED, nonce="another"), COUNTER, NOON, "forged"),
        (replace(ASKED, signature=""), COUNTER, NOON, "forged"),
        (replace(ASKED, signature="né"), COUNTER, NOON, "forged"),
        (ASKED, COUNTER, NOON + LIFE, "expired"),
        (ASKED, COUNTER - 1, NOON, "wrong"),
        (ASKED, -1, NOON, "wrong"),
        (ASKED, 2**64, NOON, "wrong"),
    ],
)
def test_every_other_one_is_named(asked, counter, at, code) -> None:
    with pytest.raises(ProofError, match=code):
        check(KEY, asked, counter, at)


def test_another_services_challenge_is_forged() -> None:
    with pytest.raises(ProofError, match="forged"):
        check(b"another key", ASKED, COUNTER, NOON)


def test_one_solution_is_used_once_and_forgotten_when_it_is_worth_nothing() -> None:
    spent = Spent()
    spent.use(ASKED, NOON)
    with pytest.raises(ProofError, match="used"):
        spent.use(ASKED, NOON)
    spent.use(issue(KEY, "later", 8, NOON + LIFE), NOON + LIFE)
    assert len(spent) == 1


def test_it_gets_harder_with_each_doubling_for_the_address_and_for_all() -> None:
    assert [difficulty(asked, 0) - BASE_BITS for asked in (0, 19, 20, 39, 40, 80)] == [0, 0, 1, 1, 2, 3]
    assert [difficulty(0, solved) - BASE_BITS for solved in (599, 600, 1200)] == [0, 1, 2]
    assert difficulty(10**9, 10**9) == MAX_BITS
