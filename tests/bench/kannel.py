"""Kannel's own speed here: messages in by HTTP, out by SMPP to the npm SMSC, receipts back by HTTP.

    rate = await kannel_rate(10_000)     # messages with receipt per second

Kannel keeps nothing in a database here, so this is what a gateway without books does.
"""

import asyncio
import time
from urllib.parse import urlencode

from tests.messaging.waiting import eventually
from tests.peers.kannel.peer import Kannel, running_kannel
from tests.peers.smsc.peer import running_smsc

CONNECTIONS = 32
LIMIT_S = 120.0


async def kannel_rate(count: int, window: int = 10) -> float:
    """From the first message pushed to the last receipt called back."""
    receipts = Receipts()
    server = await asyncio.start_server(receipts.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with running_smsc() as smsc, running_kannel(smsc.port, window) as kannel:
            await eventually(lambda: _is_bound(smsc), LIMIT_S)
            began = time.perf_counter()
            numbers = iter(range(count))
            await asyncio.gather(*(_push(kannel, numbers, port) for _ in range(CONNECTIONS)))
            await eventually(lambda: len(receipts.seen) >= count, LIMIT_S)
            return count / (time.perf_counter() - began)
    finally:
        server.close()


async def _is_bound(smsc) -> bool:
    return (await smsc.state())["sessions"] > 0


async def _push(kannel: Kannel, numbers, port: int) -> None:
    """Messages over one connection, until there are no more numbers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", kannel.port)
    for number in numbers:
        query = {
            **kannel.login,
            "to": f"138{number:08}",
            "text": "您反映的路面塌陷已受理",
            "coding": "2",
            "charset": "UTF-8",
            "dlr-mask": "1",
            "dlr-url": f"http://127.0.0.1:{port}/{number}",
        }
        target = f"/cgi-bin/sendsms?{urlencode(query)}"
        writer.write(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 202"), head
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
    writer.close()


class Receipts:
    """Where Kannel reports: the path of every call, once."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.seen.add(head.split(b" ", 2)[1])
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


if __name__ == "__main__":
    print(f"{asyncio.run(kannel_rate(5_000)):.0f} messages with receipt per second")  # noqa: T201
