"""AMI client: stays connected, logs in, matches answers to actions, hands events on in their order.

After every connect it is logged in first and then `resync` runs, so that its owner starts from what
Asterisk knows now. Nothing in here grows without bound: a peer that floods is disconnected.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from callcenter.domain.errors import TelephonyError
from ivr.ami.protocol import Receiver
from ivr.ami.wire import Fields, Packet, format_action, login_key

log = structlog.get_logger(__name__)

CONNECT_S = 5.0
ANSWER_S = 5.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
MAX_OPEN_ACTIONS = 500
MAX_LIST = 20_000

REFUSED = "电话系统没有执行这个操作，请稍后重试；一再出现请联系系统管理员。"
AWAY = "电话系统暂时连接不上，请稍后重试；一再出现请联系系统管理员。"


class Connection(Protocol):
    def send(self, data: bytes) -> None: ...

    def drop(self, why: str) -> None: ...


Connect = Callable[[Receiver, float], Awaitable[Connection]]
"""Opens a connection within so many seconds; raises `OSError`."""


class Listener(Protocol):
    """Who hears the events."""

    def take(self, packet: Packet) -> bool:
        """Every event, at once. False = cannot keep up: the connection is dropped, and the next
        resynchronisation replaces what was missed.
        """

    async def resync(self, ami: "AmiClient") -> None:
        """Right after each login, before the client counts as ready."""


@dataclass(slots=True)
class _Open:
    """An action that waits for its answer, and for its list of events when it has one."""

    answer: asyncio.Future[Packet]
    events: list[Packet] = field(default_factory=list)
    listing: bool = False
    started: Packet | None = None


class AmiClient:
    """`jitter` gives a number in 0..1 that spreads the reconnects of many nodes."""

    def __init__(
        self,
        connect: Connect,
        user: str,
        secret: str,
        *,
        jitter: Callable[[], float],
    ) -> None:
        self._connect = connect
        self._user = user
        self._secret = secret
        self._jitter = jitter
        self._ids = itertools.count(1)
        self._open: dict[str, _Open] = {}
        self._connection: Connection | None = None
        self._lost = asyncio.Event()
        self._listener: Listener | None = None
        self.ready = False

    async def run(self, listener: "Listener") -> None:
        """Stay connected until cancelled."""
        self._listener = listener
        failures = 0
        while True:
            try:
                await self._converse(listener)
                failures = 0
            except (TelephonyError, OSError, TimeoutError) as error:
                failures += 1
                if failures == 1:
                    log.warning("ami_away", reason=type(error).__name__)
            finally:
                self._end()
            pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(failures, 10))
            await asyncio.sleep(pause * (0.5 + self._jitter() / 2))

    async def action(self, name: str, *fields: tuple[str, str | int], action_id: str = "") -> Packet:
        """Do it and return the answer; `TelephonyError` when refused, too slow, or not connected."""
        return await self._end_of(name, self._begin(name, fields, action_id, listing=False))

    async def listing(self, name: str, *fields: tuple[str, str | int]) -> list[Packet]:
        """The events of a list action, without its first and last word."""
        begun = self._begin(name, fields, "", listing=True)
        await self._end_of(name, begun)
        return begun[1].events

    def reconnect(self) -> None:
        """Give this connection up and begin again."""
        self._drop("silent")

    # ------------------------------------------------------------------ Receiver

    def received(self, packet: Packet) -> None:
        opened = self._open.get(packet.get("ActionID", ""))
        if opened is not None:
            self._answered(opened, packet)
        elif "Event" in packet and self._listener is not None and not self._listener.take(packet):
            self._drop("more events than can be worked off")

    def lost(self, reason: str) -> None:
        if reason:
            log.warning("ami_dropped", reason=reason)
        self.ready = False
        self._connection = None
        for opened in self._open.values():
            if not opened.answer.done():
                opened.answer.set_exception(TelephonyError(AWAY))
        self._lost.set()

    # ------------------------------------------------------------------ inside

    async def _converse(self, listener: "Listener") -> None:
        """One connection from its beginning to its end."""
        self._lost.clear()
        self._connection = await self._connect(self, CONNECT_S)
        await self._log_in()
        await listener.resync(self)
        self.ready = True
        log.info("ami_ready")
        await self._lost.wait()

    async def _log_in(self) -> None:
        challenge = await self.action("Challenge", ("AuthType", "MD5"))
        key = login_key(challenge.get("Challenge", ""), self._secret)
        await self.action(
            "Login", ("AuthType", "MD5"), ("Username", self._user), ("Key", key), ("Events", "on")
        )

    def _begin(self, name: str, fields: Fields, action_id: str, *, listing: bool) -> tuple[str, _Open]:
        if self._connection is None or len(self._open) >= MAX_OPEN_ACTIONS:
            raise TelephonyError(AWAY)
        action_id = action_id or f"hotline-{next(self._ids)}"
        data = format_action(name, action_id, fields)
        opened = _Open(asyncio.get_running_loop().create_future(), listing=listing)
        self._open[action_id] = opened
        self._connection.send(data)
        return action_id, opened

    async def _end_of(self, name: str, begun: tuple[str, _Open]) -> Packet:
        action_id, opened = begun
        try:
            answer = await asyncio.wait_for(opened.answer, ANSWER_S)
        except TimeoutError as error:
            log.warning("ami_silent", action=name)
            raise TelephonyError(AWAY) from error
        finally:
            del self._open[action_id]
        if answer.get("Response") != "Success":
            log.warning("ami_refused", action=name, said=answer.get("Message", ""))
            raise TelephonyError(REFUSED)
        return answer

    def _answered(self, opened: _Open, packet: Packet) -> None:
        if opened.answer.done():
            return
        if "Event" not in packet:
            opened.started = packet
            if not opened.listing or packet.get("Response") != "Success":
                opened.answer.set_result(packet)
        elif packet.get("EventList", "").lower() in {"complete", "cancelled"}:
            opened.answer.set_result(opened.started or packet)
        elif len(opened.events) < MAX_LIST:
            opened.events.append(packet)
        else:
            self._drop("a list without end")

    def _drop(self, why: str) -> None:
        if self._connection is not None:
            self._connection.drop(why)

    def _end(self) -> None:
        """Leave nothing open, whatever the reason."""
        connection, self._connection = self._connection, None
        self.ready = False
        if connection is not None:
            connection.drop("")
