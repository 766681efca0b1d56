"""Group commit: what many callers want written at the same time is written at once.

A caller waits until its own item is on disk, so nothing is acknowledged early; the more callers wait, the
larger the batch. Knows nothing of what is written.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

LIMIT = 64
HOPELESS = 2  # this many items in a row fail by themselves: it is not the items


class Batches(Generic[T, R]):
    """`write` takes up to `limit` items and returns one result for each, in order; it commits or raises.

    When a batch fails its items are written one by one, so that a bad one costs only its own caller.
    """

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[Sequence[R]]], limit: int = LIMIT) -> None:
        self._write = write
        self._limit = limit
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def put(self, item: T) -> R:
        """Returns when it is written; raises what writing it raised."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await done

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))]
                await self._write_batch(batch)
        finally:
            self._worker = None

    async def _write_batch(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._write([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001  # whatever it is, it belongs to the callers
            if len(batch) == 1:
                _fail(batch, error)
            else:
                await self._one_by_one(batch)
        else:
            for (_, done), result in zip(batch, results, strict=True):
                if not done.done():
                    done.set_result(result)

    async def _one_by_one(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        failed = 0
        for position, (item, done) in enumerate(batch):
            try:
                [result] = await self._write([item])
            except Exception as error:  # noqa: BLE001  # as above
                failed += 1
                _fail([(item, done)], error)
                if failed >= HOPELESS:
                    return _fail(batch[position + 1 :], error)
            else:
                failed = 0
                if not done.done():
                    done.set_result(result)
        return None


def _fail(batch: Sequence[tuple[T, "asyncio.Future[R]"]], error: Exception) -> None:
    for _, done in batch:
        if not done.done():
            done.set_exception(error)
