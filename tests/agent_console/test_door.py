"""Who is one address, how often it may come, and how often it may guess."""

from contextlib import ExitStack, suppress

import pytest
from starlette.requests import Request

from agent_console.door import Door, Pace, TooFastError, WrongTries


def test_the_pace_is_kept_for_each_and_forgets_the_oldest() -> None:
    pace = Pace(per_second=1, burst=2)
    for _ in range(2):
        pace.take("one", 0)
    with pytest.raises(TooFastError):
        pace.take("one", 0.5)
    pace.take("two", 0.5)
    pace.take("one", 1.6)


def test_a_try_that_ended_well_or_by_a_fault_of_ours_is_not_counted() -> None:
    tries = WrongTries()
    for _ in range(20):
        with tries.trying(["address x"], 0):
            pass
        with suppress(ConnectionError), tries.trying(["address x"], 0):
            raise ConnectionError
    with ExitStack() as open_tries:
        for _ in range(5):
            open_tries.enter_context(tries.trying(["address x"], 0))
        with pytest.raises(TooFastError), tries.trying(["address x"], 0):
            pass


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_a_household_counts_as_one_address(one: str, other: str, same: bool) -> None:
    door = Door(b"key", (), "")

    def seen(host: str) -> str:
        return door.address(Request({"type": "http", "client": (host, 1), "headers": []}))

    assert (seen(one) == seen(other)) is same
