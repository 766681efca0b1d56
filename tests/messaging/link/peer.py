"""The other end of one connection, on a transport without a network."""

import asyncio
from typing import Any

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransportWithDisconnection

from tests.messaging.dialects import Dialect


class Transport(StringTransportWithDisconnection):
    def abortConnection(self):  # noqa: N802  # Twisted's name
        if self.connected:
            self.loseConnection()


class Peer:
    """What the other side sees and says."""

    def __init__(self, dialect: Dialect, serve=None, sequence: int = 0) -> None:
        self.dialect = dialect
        self.clock = Clock()
        self.served: list[Any] = []
        self.link = dialect.link(serve or self.serve, self.clock, sequence)
        self.transport = Transport()
        self.transport.protocol = self.link
        self.link.makeConnection(self.transport)

    async def serve(self, pdu):
        self.served.append(pdu)
        return self.dialect.answer(pdu, b"done")

    def says(self, *pdus) -> None:
        self.link.dataReceived(b"".join(pdu.encode() for pdu in pdus))

    @property
    def heard(self) -> list[Any]:
        return list(self.dialect.framer().feed(self.transport.value()))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def asked(peer: Peer, command: int | None = None) -> asyncio.Task[Any]:
    dialect = peer.dialect
    made = lambda sequence: dialect.pdu(command or dialect.submit, sequence)  # noqa: E731
    task = asyncio.create_task(peer.link.ask("SUBMIT", made))
    await settle()
    return task
