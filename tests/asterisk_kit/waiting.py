"""Waiting for something to become true, with a deadline instead of a sleep."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
STEP_S = 0.05


async def eventually(look: Callable[[], T], within: float = 10) -> T:
    """The first true value that `look` gives; `AssertionError` after `within` seconds."""
    deadline = time.monotonic() + within
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still not so after {within} s: {_told(look)}"
        await asyncio.sleep(STEP_S)
    return seen


def _told(look: Callable[[], object]) -> str:
    """What the question's own variables hold, so that a failure shows what was there instead."""
    held = inspect.getclosurevars(look).nonlocals
    return ", ".join(f"{name} = {value!r}" for name, value in held.items()) or repr(look)


async def eventually_so(look: Callable[[], Awaitable[T]], within: float = 10) -> T:
    """The same for a question that has to be awaited."""
    deadline = time.monotonic() + within
    while not (seen := await look()):
        assert time.monotonic() < deadline, f"still not so after {within} s"
        await asyncio.sleep(STEP_S)
    return seen
