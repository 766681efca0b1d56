"""A bound SMPP account: connects, binds, keeps alive, reconnects; at most `window` requests in the air.

Knows no Twisted (`dial` makes the link) and nothing of texts or receipts: PDUs go through as they are.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from messaging.policy import Ladder
from messaging.smpp import wire
from messaging.smpp.protocol import LinkLostError, NoAnswerError, Serve, SmppProtocol
from messaging.smpp.wire import Command, Pdu, Status

log = structlog.get_logger(__name__)

Dial = Callable[[Serve], Awaitable[SmppProtocol]]

# A link that dies sooner than this after its bind counts as one more failure, so that a peer which
# accepts and hangs up is not called every second.
STEADY_S = 30.0
UNBIND_LIMIT_S = 2.0

RECONNECT = Ladder(timedelta(seconds=1), timedelta(minutes=1))
# wrong password, already bound: a person must act, and hammering gets accounts locked
AFTER_REFUSAL = Ladder(timedelta(minutes=1), timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class Credentials:
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """Section 7.2 timers, and the pauses between attempts to connect."""

    enquire_every_s: float = 30.0
    reconnect: Ladder = RECONNECT
    after_refusal: Ladder = AFTER_REFUSAL


class BindRefusedError(Exception):
    """The SMSC knows us and says no: an account fault."""


class NotBoundError(Exception):
    """Nothing was sent. `refused`: the account is at fault, not the line. `retry_after_s` is a good time."""

    def __init__(self, why: str, retry_after_s: float, *, refused: bool) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s
        self.refused = refused


class Session:
    """`start`, then `submit` as often as wanted; `close` leaves politely. `links` counts connections made."""

    def __init__(
        self,
        name: str,
        credentials: Credentials,
        dial: Dial,
        serve: Serve,
        window: int = 10,
        timing: Timing = Timing(),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._log = log.bind(channel=name)
        self._credentials = credentials
        self._dial = dial
        self._serve = serve
        self._window_size = window
        self._window = asyncio.Semaphore(window)
        self._timing = timing
        self._jitter = jitter
        self._link: SmppProtocol | None = None
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

    async def submit(self, message: wire.Message) -> Pdu:
        """The SMSC's answer, whatever its status.

        Raises `NotBoundError` when nothing was sent; `LinkLostError` or `NoAnswerError` when it was sent
        and the outcome is unknown.
        """
        async with self._window:
            link = self._link
            if self._closing or link is None or link.lost.done():
                raise NotBoundError(self.why_down, self._until_next_try(), refused=self._refused)
            answer = await link.request(Command.SUBMIT_SM, message.encode())
            if answer.status == Status.NOT_BOUND:
                link.abort()  # the SMSC forgot our bind: begin anew
            return answer

    async def close(self, drain_s: float) -> None:
        """Take no more, wait for open answers at most `drain_s`, unbind, hang up (2.2.3)."""
        self._closing = True
        if (link := self._link) is not None:
            await self._drain(drain_s)
            with contextlib.suppress(LinkLostError, NoAnswerError, TimeoutError):
                async with asyncio.timeout(UNBIND_LIMIT_S):
                    await link.request(Command.UNBIND)
            await link.close(UNBIND_LIMIT_S)
        if self._life is not None:
            self._life.cancel()
            await asyncio.wait([self._life])

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

    # ------------------------------------------------------------------- life of the link

    async def _stay_connected(self) -> None:
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            began = clock()
            await self._one_link()
            if self._closing:
                return
            failures = 1 if clock() - began > STEADY_S else failures + 1
            ladder = self._timing.after_refusal if self._refused else self._timing.reconnect
            pause = ladder.pause(failures, self._jitter()).total_seconds()
            self._next_try = clock() + pause
            self._log.warning("smpp_down", why=self.why_down, retry_s=round(pause, 1))
            await asyncio.sleep(pause)

    async def _one_link(self) -> None:
        """From dialling to the end of the link. Leaves `why_down` and `refused` behind."""
        self._refused = False
        try:
            link = await self._dial(self._serve)
            self.links += 1
            try:
                await self._bind(link)
                await self._keep_alive(link)
            finally:
                self._link = None
                link.abort()
        except BindRefusedError as error:
            self.why_down, self._refused = str(error), True
        except (LinkLostError, NoAnswerError) as error:
            self.why_down = str(error)

    async def _bind(self, link: SmppProtocol) -> None:
        who = self._credentials
        bind = wire.Bind(who.system_id, who.password, who.system_type)
        answer = await link.request(Command.BIND_TRANSCEIVER, bind.encode())
        if answer.status != Status.OK:
            raise BindRefusedError(f"bind refused with status {answer.status:#x}")
        self._link = link
        self._log.info("smpp_up")

    async def _keep_alive(self, link: SmppProtocol) -> None:
        """Ask the silent peer; an unanswered question ends the link. Returns only by an error."""
        while True:
            done, _ = await asyncio.wait([link.lost], timeout=self._timing.enquire_every_s)
            if done:
                raise LinkLostError(link.lost.result())
            await link.request(Command.ENQUIRE_LINK)

    def _until_next_try(self) -> float:
        return max(0.0, self._next_try - asyncio.get_running_loop().time())
