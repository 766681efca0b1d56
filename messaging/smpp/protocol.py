"""One SMPP connection on Twisted: frames in and out, requests matched with their answers.

Nobody else sees a Deferred: every public method is a coroutine. Whatever the peer sends ends at most this
connection. Knows nothing of binds, windows or texts (`session`), nor of what a message means.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from twisted.internet import endpoints, protocol
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeoutError
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.python.failure import Failure

from messaging.smpp import wire
from messaging.smpp.wire import Command, Pdu, Status

log = structlog.get_logger(__name__)

# Requests of the peer that are being worked on at once. One more is refused with "queue full", so a
# storm costs no memory and the SMSC keeps what we could not take.
MAX_OPEN_DELIVERIES = 64

Serve = Callable[[Pdu], Awaitable[Pdu]]


class LinkLostError(Exception):
    """The connection ended or was never made; what was asked and not answered is unknown."""


class NoAnswerError(Exception):
    """The peer took the request and said nothing in time."""


class SmppProtocol(protocol.Protocol):
    """`serve` answers the peer's requests; `clock` is a reactor or a test's clock; times in seconds.

    `lost` is done when the connection is gone and says why.
    """

    transport: Any = None  # Twisted's interfaces mean nothing to a type checker

    def __init__(self, serve: Serve, clock: Any, answer_limit: float) -> None:
        self._serve = serve
        self._clock = clock
        self._answer_limit = answer_limit
        self._framer = wire.Framer()
        self._broken = ""
        self._sequence = 0
        self._asked: dict[int, tuple[int, Deferred[Pdu]]] = {}
        self._serving: set[asyncio.Task[None]] = set()
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    # ------------------------------------------------------------------- for the session

    async def request(self, command: Command, body: bytes = b"") -> Pdu:
        """The peer's answer, whatever its status. Raises `LinkLostError` or `NoAnswerError`."""
        if self.lost.done():
            raise LinkLostError(self.lost.result())
        answer = self._send_request(command, body)
        try:
            return await answer.asFuture(asyncio.get_running_loop())
        except DeferredTimeoutError:
            raise NoAnswerError(command.name) from None

    async def close(self, limit: float) -> None:
        """Hang up once the peer's open requests are answered, or after `limit` seconds."""
        if self._serving:
            await asyncio.wait(self._serving, timeout=limit)
        if not self.lost.done():
            self.transport.loseConnection()
            await asyncio.wait([self.lost], timeout=limit)
            self.abort()

    def abort(self) -> None:
        """Drop the connection without waiting for anything."""
        if not self.lost.done():
            self.transport.abortConnection()

    # ------------------------------------------------------------------- for Twisted

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        try:
            for pdu in self._framer.feed(data):
                self._received(pdu)
        except wire.WireError as error:
            self._broken = str(error)
            self.abort()

    def connectionLost(self, reason: Failure = protocol.connectionDone) -> None:  # noqa: N802  # Twisted's name
        why = self._broken or (reason.type.__name__ if reason.type else "closed")
        self.lost.set_result(why)
        for _, answer in list(self._asked.values()):
            answer.errback(LinkLostError(why))

    # ------------------------------------------------------------------- inside

    def _send_request(self, command: Command, body: bytes) -> Deferred[Pdu]:
        sequence = self._sequence = self._sequence % wire.LAST_SEQUENCE + 1
        answer: Deferred[Pdu] = Deferred()
        answer.addTimeout(self._answer_limit, self._clock)
        answer.addBoth(self._forget, sequence)
        self._asked[sequence] = (command, answer)
        self._write(Pdu(command, sequence, Status.OK, body))
        return answer

    def _forget(self, result: Any, sequence: int) -> Any:
        self._asked.pop(sequence, None)
        return result

    def _write(self, pdu: Pdu) -> None:
        self.transport.write(pdu.encode())

    def _received(self, pdu: Pdu) -> None:
        if pdu.is_response:
            self._answered(pdu)
        elif pdu.command == Command.ENQUIRE_LINK:
            self._write(pdu.answer())
        elif pdu.command == Command.UNBIND:
            self._write(pdu.answer())
            self.transport.loseConnection()
        else:
            self._start_serving(pdu)

    def _answered(self, pdu: Pdu) -> None:
        """An answer nobody waits for (too late, made up, of another kind) is noted and dropped."""
        command, answer = self._asked.get(pdu.sequence, (None, None))
        if answer is None or pdu.command not in {(command or 0) | wire.RESPONSE, Command.GENERIC_NACK}:
            log.info("smpp_stray_answer", command=pdu.command, status=pdu.status)
            return
        answer.callback(pdu)

    def _start_serving(self, pdu: Pdu) -> None:
        if len(self._serving) >= MAX_OPEN_DELIVERIES:
            self._write(pdu.answer(Status.QUEUE_FULL))
            return
        task = asyncio.get_running_loop().create_task(self._answer(pdu))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _answer(self, pdu: Pdu) -> None:
        try:
            answer = await self._serve(pdu)
        except Exception:
            log.exception("smpp_request_failed", command=pdu.command)
            answer = pdu.answer(Status.TEMPORARY_FAILURE)
        if not self.lost.done():
            self._write(answer)


async def dial(reactor: Any, host: str, port: int, limit: float, serve: Serve) -> SmppProtocol:
    """Connect within `limit` seconds, which is also how long answers are waited for.

    Raises `LinkLostError` when nobody is there.
    """
    endpoint = endpoints.HostnameEndpoint(reactor, host, port, timeout=limit)
    factory: Any = protocol.Factory.forProtocol(lambda: SmppProtocol(serve, reactor, limit))
    try:
        link = await endpoint.connect(factory).asFuture(asyncio.get_running_loop())
    except (ConnectError, DNSLookupError) as error:
        raise LinkLostError(type(error).__name__) from None
    assert isinstance(link, SmppProtocol)
    link.transport.setTcpNoDelay(True)  # small PDUs must not wait for each other's TCP acknowledgement
    return link
