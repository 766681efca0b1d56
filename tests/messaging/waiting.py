"""Waiting for something to become true, with a deadline instead of a guess."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any


async def eventually(condition: Callable[[], Any], limit: float = 8.0) -> Any:
    """The first true value of `condition` (plain or async); fails the test after `limit` seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limit
    while loop.time() < deadline:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        await asyncio.sleep(0.01)
    raise AssertionError(f"not true within {limit} s: {inspect.getsource(condition).strip()}")
