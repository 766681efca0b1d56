"""A logged-in account: connects, logs in, keeps alive, reconnects; at most `window` requests in the air.

Knows no Twisted (`dial` makes the link) and no commands: SMPP and CMPP say how to log in, what keeps the
link alive and how to leave.
"""

import asyncio
import contextlib
import random
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

import structlog

from messaging.link.protocol import Link, LinkLostError, NoAnswerError
from messaging.link.wire import WireError
from messaging.policy import Ladder

log = structlog.get_logger(__name__)

# A link that dies sooner than this after its login counts as one more failure, so that a peer which
# accepts and hangs up is not called every second.
STEADY_S = 30.0
FAREWELL_LIMIT_S = 2.0

RECONNECT = Ladder(timedelta(seconds=1), timedelta(minutes=1))
# wrong password, already logged in: a person must act, and hammering gets accounts locked
AFTER_REFUSAL = Ladder(timedelta(minutes=1), timedelta(minutes=15))

L = TypeVar("L", bound=Link[Any])


@dataclass(frozen=True, slots=True)
class Pauses:
    """Between attempts to connect."""

    reconnect: Ladder = RECONNECT
    after_refusal: Ladder = AFTER_REFUSAL


PAUSES = Pauses()


class RefusedError(Exception):
    """The peer knows us and says no: an account fault."""


class NotBoundError(Exception):
    """Nothing was sent. `refused`: the account is at fault, not the line. `retry_after_s` is a good time."""

    def __init__(self, why: str, retry_after_s: float, *, refused: bool) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s
        self.refused = refused


class Session(ABC, Generic[L]):
    """`start`, then send as often as wanted; `close` leaves politely. `links` counts connections made."""

    def __init__(
        self,
        name: str,
        dial: Callable[[], Awaitable[L]],
        window: int,
        pauses: Pauses = PAUSES,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._log = log.bind(account=name)
        self._dial = dial
        self._window_size = window
        self._window = asyncio.Semaphore(window)
        self._pauses = pauses
        self._jitter = jitter
        self._link: L | None = None
        self._life: asyncio.Task[None] | None = None
        self._closing = False
        self._refused = False
        self._next_try = 0.0
        self.links = 0
        self.why_down = "not started"

    @property
    def bound(self) -> bool:
        return self._link is not None and not self._link.lost.done()

    def start(self) -> None:
        self._life = asyncio.create_task(self._stay_connected())

    async def close(self, drain_s: float) -> None:
        """Take no more, wait for open answers at most `drain_s`, say goodbye, hang up."""
        self._closing = True
        if (link := self._link) is not None:
            await self._drain(drain_s)
            with contextlib.suppress(LinkLostError, NoAnswerError, TimeoutError):
                async with asyncio.timeout(FAREWELL_LIMIT_S):
                    await self._say_goodbye(link)
            await link.close(FAREWELL_LIMIT_S)
        if self._life is not None:
            self._life.cancel()
            await asyncio.wait([self._life])

    # ------------------------------------------------------------------- for one protocol

    @abstractmethod
    async def _log_in(self, link: L) -> None:
        """Raises `RefusedError` when the peer says no."""

    @abstractmethod
    async def _stay(self, link: L) -> None:
        """Keep a silent link alive. Returns only by `LinkLostError` or `NoAnswerError`."""

    @abstractmethod
    async def _say_goodbye(self, link: L) -> None: ...

    @contextlib.asynccontextmanager
    async def _slot(self) -> AsyncIterator[L]:
        """The link, for one request of the window. Raises `NotBoundError` where nothing can be sent."""
        async with self._window:
            yield self._link_in_use()

    def _link_in_use(self) -> L:
        link = self._link
        if self._closing or link is None or link.lost.done():
            raise NotBoundError(self.why_down, self._until_next_try(), refused=self._refused)
        return link

    # ------------------------------------------------------------------- life of the link

    async def _drain(self, limit_s: float) -> None:
        """All slots of the window in our hands means that nothing is open. Who waited for one is told no."""
        held = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while held < self._window_size:
                    await self._window.acquire()
                    held += 1
        for _ in range(held):
            self._window.release()

    async def _stay_connected(self) -> None:
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            began = clock()
            await self._one_link()
            if self._closing:
                return
            failures = 1 if clock() - began > STEADY_S else failures + 1
            ladder = self._pauses.after_refusal if self._refused else self._pauses.reconnect
            pause = ladder.pause(failures, self._jitter()).total_seconds()
            self._next_try = clock() + pause
            self._log.warning("link_down", why=self.why_down, retry_s=round(pause, 1))
            await asyncio.sleep(pause)

    async def _one_link(self) -> None:
        """From dialling to the end of the link. Leaves `why_down` and `refused` behind, which hold until the
        next attempt has come to something.
        """
        try:
            link = await self._dial()
            self.links += 1
            try:
                await self._log_in(link)
                self._link = link
                self._log.info("link_up")
                await self._stay(link)
            finally:
                self._link = None
                link.abort()
        except RefusedError as error:
            self.why_down, self._refused = str(error), True
        except (LinkLostError, NoAnswerError, WireError) as error:
            self.why_down, self._refused = str(error), False

    def _until_next_try(self) -> float:
        return max(0.0, self._next_try - asyncio.get_running_loop().time())
