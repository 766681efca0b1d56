"""A peer that no standard allows, in either dialect: takes the login, then does what a test wants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.messaging.dialects import Dialect


@dataclass
class Hostile:
    """A listening peer. `misbehave` gets each connection after the login was accepted."""

    dialect: Dialect
    misbehave: Callable[["Hostile"], Awaitable[None]]
    welcome: Callable[[Any], Any]
    received: list[Any] = field(default_factory=list)
    links: int = 0
    port: int = 0
    writer: asyncio.StreamWriter | None = None

    def says(self, *pdus: Any) -> None:
        assert self.writer is not None
        for one in pdus:
            self.writer.write(one if isinstance(one, bytes) else one.encode())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.links += 1
        self.writer = writer
        framer = self.dialect.framer()
        try:
            while data := await reader.read(4096):
                for pdu in framer.feed(data):
                    self.received.append(pdu)
                    if pdu.command == self.dialect.login:
                        self.says(self.welcome(pdu))
                        await self.misbehave(self)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def heard(self, command: int) -> list[Any]:
        return [pdu for pdu in self.received if pdu.command == command]


async def nothing(_: Hostile) -> None: ...


@asynccontextmanager
async def hostile(
    dialect: Dialect,
    misbehave: Callable[[Hostile], Awaitable[None]] = nothing,
    welcome: Callable[[Any], Any] | None = None,
) -> AsyncIterator[Hostile]:
    """`welcome` answers the login, well by default."""
    peer = Hostile(dialect, misbehave, welcome or (lambda pdu: dialect.answer(pdu, dialect.welcome)))
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        if peer.writer is not None:
            peer.writer.transport.abort()
