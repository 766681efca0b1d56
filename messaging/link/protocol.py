"""One connection to a carrier on Twisted: frames in and out, requests matched with their answers.

Nobody else sees a Deferred: every public method is a coroutine. Whatever the peer sends ends at most this
connection, and whatever it does not read stops us from reading. SMPP and CMPP say what their commands are;
knows nothing of logins, windows or texts (`session`), nor of what a message means.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, cast

from twisted.internet import endpoints, protocol
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.python.failure import Failure

from messaging.link.wire import Framer, WireError
from messaging.seldom import SeldomLog

# Requests of the peer that are being worked on at once; what happens to one more is the protocol's matter.
MAX_OPEN_DELIVERIES = 64


class Frame(Protocol):
    """What a PDU must offer to be matched."""

    @property
    def command(self) -> int: ...
    @property
    def sequence(self) -> int: ...
    @property
    def is_response(self) -> bool: ...
    def encode(self) -> bytes: ...


F = TypeVar("F", bound=Frame)


class LinkLostError(Exception):
    """The connection ended or was never made; what was asked and not answered is unknown."""


class NoAnswerError(Exception):
    """The peer took the request and said nothing in time."""


@dataclass(slots=True)
class Asked(Generic[F]):
    """A request in the air. `until` is the clock's time at which its answer is given up."""

    command: int
    answer: asyncio.Future[F]
    until: float


class Link(protocol.Protocol, ABC, Generic[F]):
    """`serve` works on the peer's requests, None = no answer; `clock` is a reactor or a test's clock.

    Times in seconds. `lost` is done when the connection is gone and says why. `heard_at` is the loop's time
    of the last PDU.
    """

    transport: Any = None  # Twisted's interfaces mean nothing to a type checker
    last_sequence: int

    def __init__(
        self,
        framer: Framer[F],
        serve: Callable[[F], Awaitable[F | None]],
        clock: Any,
        answer_limit: float,
        sequence: int = 0,
    ) -> None:
        self._framer = framer
        self._serve = serve
        self._clock = clock
        self._answer_limit = answer_limit
        self._sequence = sequence
        self._broken = ""
        self.log = SeldomLog()
        self._asked: dict[int, Asked[F]] = {}  # by sequence number, in the order of their time limits
        self._alarm: Any = None  # goes off when the first of them is up
        self._serving: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self.heard_at = self._loop.time()
        self.lost: asyncio.Future[str] = self._loop.create_future()

    # ------------------------------------------------------------------- for the session

    async def ask(self, what: str, make: Callable[[int], F], tries: int = 1) -> F:
        """The peer's answer, whatever it says. `make` builds the PDU for a sequence number, which all tries
        bear; each waits the answer limit. Raises `LinkLostError`, or `NoAnswerError` that names `what`.
        """
        if self.lost.done():
            raise LinkLostError(self.lost.result())
        sequence = self._sequence = self._sequence % self.last_sequence + 1
        pdu = make(sequence)
        for _ in range(tries):
            try:
                return await self._answer_to(pdu)
            except TimeoutError:
                continue
        raise NoAnswerError(what)

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

    # ------------------------------------------------------------------- for one protocol

    @abstractmethod
    def requested(self, pdu: F) -> None:
        """A request of the peer: answer it at once, or `start_serving`."""

    @abstractmethod
    def fits(self, asked: int, answer: F) -> bool:
        """Whether `answer` is one to the command `asked`; the sequence number fits already."""

    @abstractmethod
    def too_many(self, pdu: F) -> F | None:
        """What to say to a request that is one too many; None = nothing."""

    @abstractmethod
    def failed(self, pdu: F) -> F | None:
        """What to say to a request that could not be worked on; None = nothing."""

    def write(self, pdu: F) -> None:
        self.transport.write(pdu.encode())

    def start_serving(self, pdu: F) -> None:
        if len(self._serving) >= MAX_OPEN_DELIVERIES:
            self._write_if_any(self.too_many(pdu))
            return
        task = self._loop.create_task(self._answer(pdu))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    # ------------------------------------------------------------------- for Twisted

    def connectionMade(self) -> None:  # noqa: N802  # Twisted's name
        """A peer that sends and never reads would fill our memory with answers: what it leaves unread
        stops our reading, by the same means that pause any other producer.
        """
        self.transport.registerProducer(self, True)

    def pauseProducing(self) -> None:  # noqa: N802  # Twisted's name
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802  # Twisted's name
        self.transport.resumeProducing()

    def stopProducing(self) -> None:  # noqa: N802  # Twisted's name
        """`connectionLost` follows."""

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        try:
            for pdu in self._framer.feed(data):
                self._received(pdu)
        except WireError as error:
            self._broken = str(error)
            self.abort()

    def connectionLost(self, reason: Failure = protocol.connectionDone) -> None:  # noqa: N802  # Twisted's name
        why = self._broken or (reason.type.__name__ if reason.type else "closed")
        self.lost.set_result(why)
        for asked in self._asked.values():
            if not asked.answer.done():
                asked.answer.set_exception(LinkLostError(why))

    # ------------------------------------------------------------------- inside

    async def _answer_to(self, pdu: F) -> F:
        """Raises `TimeoutError` after the answer limit."""
        answer: asyncio.Future[F] = self._loop.create_future()
        until = self._clock.seconds() + self._answer_limit
        self._asked[pdu.sequence] = Asked(pdu.command, answer, until)
        if self._alarm is None:
            self._alarm = self._clock.callLater(self._answer_limit, self._give_up)
        self.write(pdu)
        try:
            return await answer
        finally:
            del self._asked[pdu.sequence]
            self._silence()

    def _give_up(self) -> None:
        """One alarm for all that is open: one for each costs more than the rest of a request."""
        self._alarm = None
        now = self._clock.seconds()
        for asked in self._asked.values():
            if asked.until > now:
                self._alarm = self._clock.callLater(asked.until - now, self._give_up)
                return
            if not asked.answer.done():
                asked.answer.set_exception(TimeoutError())

    def _silence(self) -> None:
        if not self._asked and self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _received(self, pdu: F) -> None:
        self.heard_at = self._loop.time()
        if pdu.is_response:
            self._answered(pdu)
        else:
            self.requested(pdu)

    def _answered(self, pdu: F) -> None:
        """An answer nobody waits for (too late, made up, of another kind) is noted and dropped."""
        asked = self._asked.get(pdu.sequence)
        if asked is None or asked.answer.done() or not self.fits(asked.command, pdu):
            self.log.warning("stray_answer", command=hex(pdu.command))
            return
        asked.answer.set_result(pdu)

    async def _answer(self, pdu: F) -> None:
        try:
            answer = await self._serve(pdu)
        except Exception:
            self.log.exception("request_failed", command=hex(pdu.command))
            answer = self.failed(pdu)
        if not self.lost.done():
            self._write_if_any(answer)

    def _write_if_any(self, pdu: F | None) -> None:
        if pdu is not None:
            self.write(pdu)


L = TypeVar("L", bound=Link[Any])


async def dial(reactor: Any, host: str, port: int, limit: float, make: Callable[[], L]) -> L:
    """Connect within `limit` seconds. Raises `LinkLostError` when nobody is there."""
    endpoint = endpoints.HostnameEndpoint(reactor, host, port, timeout=limit)
    factory: Any = protocol.Factory.forProtocol(make)
    try:
        link: Any = await endpoint.connect(factory).asFuture(asyncio.get_running_loop())
    except (ConnectError, DNSLookupError) as error:
        raise LinkLostError(type(error).__name__) from None
    link.transport.setTcpNoDelay(True)  # small PDUs must not wait for each other's TCP acknowledgement
    return cast("L", link)
