"""Requests that wait for an answer."""

import asyncio

import pytest

from messaging.wechat import hooks as waiting
from messaging.wechat.hooks import Hooks
from tests.messaging.waiting import eventually


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


async def open_one(hooks: Hooks, openid: str = "o1", ref: str = "1", seconds: float = 3.0) -> asyncio.Task:
    before = hooks._count
    task = asyncio.create_task(hooks.wait(openid, ref, seconds))
    await eventually(lambda: hooks._count == before + 1 or task.done())
    return task


async def test_the_text_goes_into_the_request_and_its_end_is_told(hooks) -> None:
    request = await open_one(hooks)
    offer = asyncio.create_task(hooks.offer("o1", "您好"))
    hook = await request
    assert hook.text == "您好"
    assert not offer.done()
    hook.written(there=True)
    assert await offer == ("1", True)


async def test_without_a_request_of_this_citizen_nothing_is_taken(hooks) -> None:
    request = await open_one(hooks, "o2")
    assert await hooks.offer("o1", "您好") == ("", False)
    hooks.close()
    assert await request is None


async def test_a_request_takes_one_text_only(hooks) -> None:
    request = await open_one(hooks)
    first = asyncio.create_task(hooks.offer("o1", "一"))
    assert (await request).text == "一"
    assert await hooks.offer("o1", "二") == ("", False)
    request.result().written(there=True)
    assert (await first)[1] is True


async def test_the_request_that_waited_the_longest_is_first(hooks) -> None:
    older, newer = await open_one(hooks, ref="1"), await open_one(hooks, ref="2")
    offer = asyncio.create_task(hooks.offer("o1", "一"))
    (await older).written(there=True)
    assert await offer == ("1", True)
    hooks.close()
    assert await newer is None


async def test_after_its_time_a_request_takes_nothing(hooks) -> None:
    request = await open_one(hooks, seconds=0.01)
    assert await request is None
    assert await hooks.offer("o1", "晚了") == ("", False)


async def test_an_answer_in_the_last_instant_is_not_lost(hooks) -> None:
    """Whenever `offer` was taken, the request carries the text; whenever not, it does not."""
    for _ in range(200):
        request = await open_one(hooks, seconds=0.001)
        await asyncio.sleep(0.001)
        offer = asyncio.create_task(hooks.offer("o1", "刚好"))
        hook = await request
        if hook is not None:
            hook.written(there=True)
        assert (await offer)[1] is (hook is not None)


async def test_a_request_cut_before_anything_was_written_took_nothing(hooks) -> None:
    request = await open_one(hooks)
    offer = asyncio.create_task(hooks.offer("o1", "您好"))
    request.cancel()
    assert await offer == ("1", False)
    with pytest.raises(asyncio.CancelledError):
        await request
    assert hooks._count == 0


async def test_when_nobody_says_whether_it_was_written_nobody_knows(hooks, monkeypatch) -> None:
    monkeypatch.setattr(waiting, "WRITTEN_WITHIN_S", 0.05)
    request = await open_one(hooks)
    offer = asyncio.create_task(hooks.offer("o1", "您好"))
    assert (await request).text == "您好"
    assert await offer == ("1", None)


async def test_under_load_no_more_requests_wait(hooks, monkeypatch) -> None:
    monkeypatch.setattr(waiting, "MOST_OPEN", 3)
    held = [await open_one(hooks, f"o{n}") for n in range(3)]
    assert await hooks.wait("o9", "9", 3.0) is None
    hooks.close()
    assert await asyncio.gather(*held) == [None] * 3
    assert await hooks.wait("o1", "1", 3.0) is None
