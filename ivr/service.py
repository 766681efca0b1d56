"""Telephony as one service: FastAGI, AMI, the heartbeat and the reader of Asterisk's files.

Composed by `callcenter.app`; takes plain values and ports, knows no settings and no database. What it
offers to the core is `control`, the port `Telephony`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from callcenter.domain.errors import TelephonyError
from callcenter.ports import CallDesk, Clock, Ledger
from ivr.agi.protocol import AgiListener
from ivr.ami import protocol
from ivr.ami.client import AmiClient
from ivr.ami.feed import EventFeed
from ivr.ami.wire import Packet
from ivr.ari.client import AriClient
from ivr.control import AsteriskControl
from ivr.ledger import LedgerReader, QueueLogTail, Spool
from ivr.prompts import prompt_lengths
from ivr.routes import Switchboard

log = structlog.get_logger(__name__)

BEAT_S = 1.0


@dataclass(frozen=True, slots=True)
class Account:
    """Where an interface of Asterisk is and how we log in there."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AsteriskFiles:
    """What Asterisk writes and we read, and the prompts. `source` names this Asterisk in the books."""

    queue_log: Path
    finished: Path
    recordings: Path
    prompts: Path
    source: str


class IvrService:
    """`control` may be used at any time; it says itself when Asterisk is away.

    `fastagi` is where we listen, `own_number` is shown to citizens whom we call, `handset` plays the
    citizen in a browser, `jitter` gives a number in 0..1 that spreads reconnects.
    """

    def __init__(
        self,
        *,
        fastagi: tuple[str, int],
        ami: Account,
        ari: Account,
        files: AsteriskFiles,
        own_number: str,
        handset: str = "",
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._fastagi = fastagi
        self._files = files
        self._clock = clock
        self._listener: AgiListener | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ami = AmiClient(
            partial(protocol.connect, ami.host, ami.port), ami.user, ami.secret, jitter=jitter
        )
        self._ari = AriClient(f"http://{ari.host}:{ari.port}", ari.user, ari.secret)
        self.control = AsteriskControl(self._ami, self._ari, own_number, handset)

    @property
    def listening(self) -> bool:
        """FastAGI takes calls."""
        return self._listener is not None and self._listener.listening

    async def start(self, desk: CallDesk, ledger: Ledger) -> None:
        """`TelephonyError` when the FastAGI port cannot be had; Asterisk itself may come later."""
        switchboard = Switchboard(desk, length=prompt_lengths(self._files.prompts))
        self._listener = AgiListener(*self._fastagi, switchboard.serve)
        self._listener.start()
        feed = EventFeed(desk, self._clock)
        files = self._files
        reader = LedgerReader(
            ledger, QueueLogTail(files.queue_log), Spool(files.finished, files.recordings), files.source
        )
        self._tasks = [
            asyncio.create_task(self._ami.run(_BeatFirst(feed, self._one_beat)), name="ami"),
            asyncio.create_task(feed.run(), name="ami events"),
            asyncio.create_task(self._beat(), name="heartbeat"),
            asyncio.create_task(reader.run(), name="ledger"),
        ]

    async def stop(self) -> None:
        """Calls go on without us; the dialplan notices by the heartbeat."""
        if self._listener is not None:
            await self._listener.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._ari.close()

    async def _beat(self) -> None:
        """Tell Asterisk each second that the loop that serves FastAGI is alive.

        The dialplan asks us only while the beat is younger than 5 s. A beat that is not taken in time
        means that AMI hangs, and the client drops such a connection.
        """
        while True:
            await asyncio.sleep(BEAT_S)
            if not self._ami.ready:
                continue
            try:
                await self._one_beat()
            except TelephonyError:
                log.warning("heartbeat_not_taken")
                self._ami.reconnect()

    async def _one_beat(self) -> None:
        epoch = int(self._clock.now().timestamp())
        await self._ami.action("Setvar", ("Variable", "AGI_BEAT"), ("Value", epoch))


class _BeatFirst:
    """The feed, with a heartbeat in each resynchronisation: once ready, calls come to us at once."""

    def __init__(self, feed: EventFeed, beat: Callable[[], Awaitable[None]]) -> None:
        self._feed = feed
        self._beat = beat

    def take(self, packet: Packet) -> bool:
        return self._feed.take(packet)

    async def resync(self, ami: AmiClient) -> None:
        await self._feed.resync(ami)
        await self._beat()
