"""A bare AMI client: hears when Asterisk rings a seat, and how long a bare answer takes.

Beside the service, on a connection of its own, so that what it hears is what the service is told.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from callcenter.config import Settings
from ivr.ami.wire import Packet, Packets, format_action


class Ear:
    """`rung`: call id -> when Asterisk said that a seat rings (its own time stamp, epoch seconds).

    `heard`: call id -> when that event came in here.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._pong = asyncio.Event()
        self.rung: dict[str, float] = {}
        self.heard: dict[str, float] = {}

    async def listen(self, reader: asyncio.StreamReader) -> None:
        packets = Packets()
        while data := await reader.read(65536):
            for packet in packets.feed(data):
                self._take(packet)

    def _take(self, packet: Packet) -> None:
        if packet.get("Event") == "AgentCalled":
            self.heard[packet["Uniqueid"]] = time.time()
            self.rung[packet["Uniqueid"]] = float(packet["Timestamp"])
        elif packet.get("Ping") == "Pong":
            self._pong.set()

    async def join_queue(self, seats: Iterable[str]) -> None:
        """Make them members that may be rung."""
        for seat in seats:
            member = (("Queue", "hotline-general"), ("Interface", f"PJSIP/{seat}"))
            self._writer.write(format_action("QueueAdd", f"add-{seat}", member))
        await self.ping()

    async def ping(self) -> float:
        """Seconds to the answer of an action that does nothing."""
        self._pong.clear()
        begun = time.perf_counter()
        self._writer.write(format_action("Ping", "ping", ()))
        await self._pong.wait()
        return time.perf_counter() - begun


@asynccontextmanager
async def ear_at(settings: Settings) -> AsyncIterator[Ear]:
    asterisk = settings.asterisk
    reader, writer = await asyncio.open_connection(asterisk.http_host, asterisk.ami_port)
    ear = Ear(writer)
    secret = settings.secrets.ami.get_secret_value()
    writer.write(format_action("Login", "login", (("Username", asterisk.ami_user), ("Secret", secret))))
    task = asyncio.create_task(ear.listen(reader))
    try:
        await ear.ping()
        yield ear
    finally:
        task.cancel()
        writer.close()
