"""AMI on Twisted: bytes in, packets out to a receiver. Knows neither actions nor events."""

import asyncio
from typing import Any, Protocol, cast

from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.protocol import Factory, connectionDone
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.python.failure import Failure

from ivr.ami.wire import Packet, Packets, WireError


class Receiver(Protocol):
    """Who hears what comes in."""

    def received(self, packet: Packet) -> None: ...

    def lost(self, reason: str) -> None:
        """The connection is over; called once. `reason` is '' when it was closed in good order."""


class AmiProtocol(TwistedProtocol):
    """One connection. Twisted types its transports as interfaces mypy cannot check, hence the casts."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._packets = Packets()
        self._trouble = ""

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        try:
            packets = self._packets.feed(data)
        except WireError as error:
            self.drop(str(error))
            return
        for packet in packets:
            self._receiver.received(packet)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002, N802 - Twisted's
        self._receiver.lost(self._trouble)

    def send(self, data: bytes) -> None:
        cast("Any", self.transport).write(data)

    def drop(self, why: str) -> None:
        """End the connection now; the receiver is told `why`."""
        self._trouble = self._trouble or why
        cast("Any", self.transport).abortConnection()


class _OneConnection(Factory):
    noisy = False

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def buildProtocol(self, addr: object) -> AmiProtocol:  # noqa: ARG002, N802 - Twisted's name
        return AmiProtocol(self._receiver)


async def connect(host: str, port: int, receiver: Receiver, within: float) -> AmiProtocol:
    """Connect, `within` seconds; `OSError` when nobody is there."""
    from twisted.internet import reactor  # noqa: PLC0415 - our loop installs it first
    from twisted.internet.error import ConnectError  # noqa: PLC0415 - the same: imports the reactor

    endpoint = cast("Any", TCP4ClientEndpoint)(reactor, host, port, timeout=within)
    connecting = endpoint.connect(_OneConnection(receiver))
    try:
        return cast("AmiProtocol", await connecting.asFuture(asyncio.get_running_loop()))
    except ConnectError as error:
        raise ConnectionError(str(error)) from error
