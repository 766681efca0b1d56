"""FastAGI on Twisted: one connection per call. Knows bytes and time-outs, no call flow.

A peer that is not Asterisk, talks too much or falls silent loses its own connection with one line in
the log; no other call notices.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import structlog
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.tcp import Port
from twisted.python.failure import Failure

from callcenter.domain.errors import TelephonyError
from ivr.agi.session import Gone, Hangup
from ivr.agi.wire import HANGUP, Conversation, Environment, Reply, WireError

log = structlog.get_logger(__name__)

INTRODUCTION_S = 5.0
"""Asterisk sends the environment at once; who has not after this time is not Asterisk."""

MAX_CALLS = 2000
Serve = Callable[["AgiProtocol", Environment], Awaitable[None]]


class AgiProtocol(Protocol):
    """The connection of one call. `ask` is for the session; everything else is Twisted's.

    Twisted types its transports as interfaces that mypy cannot check, hence the casts.
    """

    def __init__(self, serve: Serve, loop: asyncio.AbstractEventLoop) -> None:
        self._serve = serve
        self._loop = loop
        self._conversation = Conversation()
        self._waiting: asyncio.Future[Reply] | None = None
        self._serving: asyncio.Future[None] | None = None
        self._hung_up = False
        self._deadline: asyncio.TimerHandle | None = None

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        self._deadline = self._loop.call_later(INTRODUCTION_S, self._drop, "said nothing")

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        try:
            for item in self._conversation.feed(data):
                self._take(item)
        except WireError as error:
            self._drop(str(error))

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002, N802 - Twisted's
        self._no_deadline()
        self._hung_up = True
        self._fail(Gone())

    async def ask(self, command: bytes, within: float) -> Reply:
        """Send one command and wait for its reply, `within` seconds at most.

        Raises `Hangup` when the call is over and `TimeoutError` when Asterisk does not answer.
        """
        if self._hung_up:
            raise Hangup
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._waiting = answer
        alarm = self._loop.call_later(within, self._fail, TimeoutError())
        self._send(command)
        try:
            return await answer
        finally:
            alarm.cancel()
            self._waiting = None

    def _send(self, command: bytes) -> None:
        """Now, and not when the loop comes round again as `write` does: that halves what a command costs.

        Nothing of an earlier command can be waiting in the transport: it was answered. When the
        connection is gone `writeSomeData` returns no number, and `connectionLost` is about to follow.
        """
        transport = cast("Any", self.transport)
        sent = transport.writeSomeData(command)
        if isinstance(sent, int) and sent < len(command):
            transport.write(command[sent:])

    def close(self) -> None:
        """Let Asterisk go on in the dialplan."""
        cast("Any", self.transport).loseConnection()

    def _take(self, item: Environment | Reply | str) -> None:
        if isinstance(item, Environment):
            self._no_deadline()
            self._serving = asyncio.ensure_future(self._serve(self, item), loop=self._loop)
        elif item == HANGUP:
            self._hung_up = True
            self._fail(Hangup())
        else:
            self._answer(cast("Reply", item))

    def _answer(self, reply: Reply) -> None:
        if self._waiting is None or self._waiting.done():
            if not self._hung_up:  # a reply to the command that HANGUP cut short is expected
                raise WireError("a reply that nobody asked for")
            return
        self._waiting.set_result(reply)

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)

    def _drop(self, why: str) -> None:
        if self._hung_up:
            return
        log.warning("agi_peer_dropped", reason=why)
        self._hung_up = True
        self._no_deadline()
        self._fail(Gone())
        cast("Any", self.transport).abortConnection()

    def _no_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class AgiFactory(Factory):
    """Makes one `AgiProtocol` per connection, up to `MAX_CALLS` at a time."""

    noisy = False

    def __init__(self, serve: Serve, loop: asyncio.AbstractEventLoop) -> None:
        self._serve = serve
        self._loop = loop
        self._calls = 0

    def buildProtocol(self, addr: object) -> AgiProtocol | None:  # noqa: ARG002, N802 - Twisted's name
        if self._calls >= MAX_CALLS:
            log.warning("agi_peer_dropped", reason="too many calls at once")
            return None
        protocol = AgiProtocol(self._counted, self._loop)
        protocol.factory = self
        return protocol

    async def _counted(self, protocol: AgiProtocol, environment: Environment) -> None:
        self._calls += 1
        try:
            await self._serve(protocol, environment)
        finally:
            self._calls -= 1


class AgiListener:
    """The FastAGI port."""

    def __init__(self, host: str, port: int, serve: Serve) -> None:
        self._host = host
        self._port = port
        self._serve = serve
        self._listening: Port | None = None

    def start(self) -> None:
        """`TelephonyError` when the port cannot be had."""
        from twisted.internet import reactor  # noqa: PLC0415 - our loop installs it first

        factory = AgiFactory(self._serve, asyncio.get_running_loop())
        try:
            listening = cast("Any", reactor).listenTCP(self._port, factory, interface=self._host, backlog=512)
        except CannotListenError as error:
            raise TelephonyError(
                f"FastAGI 端口 {self._host}:{self._port} 已被占用，请结束占用它的程序，"
                "或用设置 HOTLINE_FASTAGI__PORT 换一个端口。"
            ) from error
        self._listening = cast("Port", listening)

    @property
    def listening(self) -> bool:
        return self._listening is not None

    async def stop(self) -> None:
        if self._listening is not None:
            stopped = cast("Any", self._listening).stopListening()
            self._listening = None
            await stopped.asFuture(asyncio.get_running_loop())
