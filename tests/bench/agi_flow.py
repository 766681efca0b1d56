"""One call flow of twenty-one commands on three FastAGI servers.

`ours` is the product's protocol, session and switchboard; `panoramisk` is the peer; `bare` is the least
that Twisted can do on our loop: it sends the commands without a session, reads no reply and knows no
time-out, so it shows what is left to win.

Run as `python -m tests.bench.agi_flow ours|panoramisk|bare PORT`; serves until it is ended.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineOnlyReceiver

from callcenter import loop
from callcenter.ports import CallDesk
from ivr.agi.protocol import AgiListener
from ivr.agi.session import Session
from ivr.routes import Switchboard
from tests.asterisk_kit.fakes import ScriptedDesk

LOCAL = "127.0.0.1"
ROUNDS = 10
COMMANDS = 2 * ROUNDS + 1
"""With the last word, AGI_DONE."""

READY = "listening"


async def our_flow(session: Session, _desk: CallDesk) -> None:
    for number in range(ROUNDS):
        await session.set_variable("HOTLINE_QUEUE", f"queue {number}")
        await session.get_variable("HOTLINE_QUEUE")


async def peer_flow(request: Any) -> None:
    for number in range(ROUNDS):
        await request.send_command(f'SET VARIABLE "HOTLINE_QUEUE" "queue {number}"')
        await request.send_command('GET VARIABLE "HOTLINE_QUEUE"')
    await request.send_command('SET VARIABLE "AGI_DONE" "1"')  # our switchboard's last word


async def ours(port: int) -> None:
    switchboard = Switchboard(ScriptedDesk(), {"bench": our_flow})
    AgiListener(LOCAL, port, switchboard.serve).start()
    say_ready()
    await asyncio.Event().wait()


async def panoramisk(port: int) -> None:
    from panoramisk import fast_agi  # noqa: PLC0415 - only in this server's process

    application = fast_agi.Application(loop=asyncio.get_running_loop())
    application.add_route("bench", peer_flow)
    server = await asyncio.start_server(application.handler, LOCAL, port, backlog=512)
    say_ready()
    await server.serve_forever()


class Bare(LineOnlyReceiver):
    delimiter = b"\n"
    sent = -1

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        if self.sent < 0 and line:
            return  # environment
        self.sent += 1
        if self.sent < COMMANDS:
            self.transport.writeSomeData(b'SET VARIABLE "HOTLINE_QUEUE" "queue 1"\n')
        else:
            self.transport.loseConnection()


async def bare(port: int) -> None:
    from twisted.internet import reactor  # noqa: PLC0415 - our loop installs it first

    reactor.listenTCP(port, Factory.forProtocol(Bare), interface=LOCAL, backlog=512)
    say_ready()
    await asyncio.Event().wait()


def say_ready() -> None:
    print(READY, flush=True)  # noqa: T201 - whoever started us reads it


def run_with_asyncio(main: Awaitable[None]) -> None:
    async def whole() -> None:
        await main

    asyncio.run(whole())


SERVERS: Mapping[str, tuple[Callable[[int], Any], Callable[[Any], None]]] = {
    "ours": (ours, loop.run),
    "panoramisk": (panoramisk, run_with_asyncio),
    "bare": (bare, loop.run),
}

if __name__ == "__main__":
    serve, run = SERVERS[sys.argv[1]]
    run(serve(int(sys.argv[2])))
