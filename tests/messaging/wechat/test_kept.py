"""The token: one fetch however many ask, renewed in time, never fetched without bound."""

import asyncio

import pytest

from messaging.wechat.kept import Kept
from tests.messaging.fake_outbox import ManualClock
from tests.messaging.wechat.desk import NOON


class Fetching:
    def __init__(self, *, text: str = "", life_s: float = 7_200) -> None:
        self.count, self.text, self.life_s, self.error = 0, text, life_s, None

    async def __call__(self) -> tuple[str, float]:
        self.count += 1
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return self.text or f"token-{self.count}", self.life_s


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


async def test_a_hundred_who_ask_at_once_cause_one_fetch(clock) -> None:
    fetch = Fetching()
    kept = Kept("token", fetch, clock)
    found = await asyncio.gather(*(kept.current() for _ in range(100)))
    assert fetch.count == 1
    assert {held.text for held in found} == {"token-1"}


async def test_it_is_renewed_at_nine_tenths_of_its_life(clock) -> None:
    fetch = Fetching()
    kept = Kept("token", fetch, clock)
    await kept.current()
    clock.tick(seconds=6_479)
    assert (await kept.current()).text == "token-1"
    clock.tick(seconds=1)
    assert (await kept.current()).text == "token-2"


async def test_a_refused_one_is_dropped_only_if_it_is_still_the_one(clock) -> None:
    fetch = Fetching()
    kept = Kept("token", fetch, clock)
    first = await kept.current()
    others = await asyncio.gather(*(kept.instead_of(first) for _ in range(20)))
    assert fetch.count == 2
    assert {held.text for held in others} == {"token-2"}


async def test_the_same_text_given_out_again_is_not_taken_for_the_refused_one(clock) -> None:
    fetch = Fetching(text="stable")
    kept = Kept("token", fetch, clock)
    first = await kept.current()
    await asyncio.gather(*(kept.instead_of(first) for _ in range(20)))
    assert fetch.count == 2


async def test_whoever_is_refused_for_ever_fetches_twice_a_minute_at_most(clock) -> None:
    fetch = Fetching()
    kept = Kept("token", fetch, clock)
    for _ in range(1_000):
        await kept.instead_of(await kept.current())
        clock.tick(seconds=1)
    assert fetch.count <= 1 + 1_000 / 30 + 1


async def test_one_that_cannot_be_renewed_serves_until_its_end(clock) -> None:
    fetch = Fetching()
    kept = Kept("token", fetch, clock)
    await kept.current()
    fetch.error = RuntimeError("no network")
    clock.tick(seconds=7_199)
    assert (await kept.current()).text == "token-1"
    clock.tick(seconds=2)
    with pytest.raises(RuntimeError):
        await kept.current()


async def test_a_failed_fetch_is_told_to_everybody_who_waited(clock) -> None:
    fetch = Fetching()
    fetch.error = RuntimeError("no network")
    kept = Kept("token", fetch, clock)
    found = await asyncio.gather(*(kept.current() for _ in range(50)), return_exceptions=True)
    assert fetch.count == 1
    assert {str(error) for error in found} == {"no network"}
    fetch.error = None
    clock.tick(seconds=2)
    assert (await kept.current()).text == "token-2"
