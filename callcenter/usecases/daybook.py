"""The queue book of the city's day, read on instead of read anew for every page that shows a figure."""

import asyncio
from datetime import datetime

from callcenter.domain.kpi import Books, QueuedCall
from callcenter.store import QueueBooks


class DayBook:
    """Calls of the day so far. What it hands out is shared: look, do not change."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._begin(None)

    def _begin(self, since: datetime | None) -> None:
        self._since = since
        self._books = Books()
        self._newest = 0
        self._read = 0

    async def calls(self, books: QueueBooks, since: datetime) -> list[QueuedCall]:
        """All that entered since the start of the day, in order of arrival."""
        async with self._turn:
            if since != self._since:
                self._begin(since)
            known = await books.count(since)
            await self._read_on(books, since)
            if self._read < known:  # another node's entry was committed after one with a greater number
                self._begin(since)
                await self._read_on(books, since)
            return list(self._books.calls.values())

    async def _read_on(self, books: QueueBooks, since: datetime) -> None:
        for number, entry in await books.after(self._newest, since):
            self._books.read(entry)
            self._newest = number
            self._read += 1
