"""The SMTP side that takes mails for us: aiosmtpd's protocol on our own loop.

250 means committed, 451 that it could not be and shall come again. What a stranger can cost us is bounded:
connections, the time between commands, the length of a mail, and what a connection may send without a mail
coming of it (the library would keep a line that never ends).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

log = structlog.get_logger(__name__)

SIZE_LIMIT = 25 * 1024 * 1024
LINE_LIMIT = 1024 * 1024  # octets; many programs break the 998 of RFC 5322, some with a whole page of HTML
GREETING = "ready"
OK = "250 2.0.0 OK"
NOT_OURS = "550 5.1.1 no such mailbox here"
LATER = "451 4.3.0 cannot be kept now, please try again later"
BUSY = b"421 4.3.2 too many connections, please try again later\r\n"
DRAIN_S = 5.0
TRY_AGAIN_S = 5.0

Take = Callable[[bytes, str, str], Awaitable[None]]
"""Mail, envelope sender, recipient; returns after the commit."""


@dataclass(frozen=True, slots=True)
class Place:
    """`port` 0 = any free one. `idle_s`: longest time for one command, a whole mail included."""

    host: str
    port: int
    connections: int
    idle_s: float = 300.0
    size_limit: int = SIZE_LIMIT


class Listener:
    def __init__(self, account: str, place: Place, receives: Callable[[str], bool], take: Take) -> None:
        self._account = account
        self._place = place
        self._receives = receives
        self._take = take
        self._server: asyncio.Server | None = None
        self._trying: asyncio.Task[None] | None = None
        self._open: set[_Connection] = set()
        self._keeping: set[asyncio.Task[None]] = set()
        self.trouble = ""

    async def start(self) -> None:
        """Listening when it returns; while the port is taken (by whom we replace), it is tried again."""
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the library writes addresses there
        if not await self._bound():
            self._trying = asyncio.create_task(self._keep_trying())

    async def _bound(self) -> bool:
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._connection, self._place.host, self._place.port)
        except OSError as error:
            log.warning("mail_port_not_to_be_had", account=self._account, error=error.errno)
            self.trouble = "listener: no port"
            return False
        log.info("mail_listener_started", account=self._account, port=self.port)
        self.trouble = ""
        return True

    async def _keep_trying(self) -> None:
        while True:
            await asyncio.sleep(TRY_AGAIN_S)
            if await self._bound():
                return

    @property
    def port(self) -> int:
        sockets: Sequence[Any] = self._server.sockets if self._server is not None else ()
        return int(sockets[0].getsockname()[1]) if sockets else 0

    async def stop(self) -> None:
        """No new connections; mails whose last line has come are kept and answered first."""
        if self._trying is not None:
            self._trying.cancel()
        if self._server is None:
            return
        self._server.close()
        if self._keeping:
            await asyncio.wait(self._keeping, timeout=DRAIN_S)
        await asyncio.sleep(0)  # their answers go out
        for connection in tuple(self._open):
            connection.end()
        await self._server.wait_closed()

    def _connection(self) -> asyncio.BaseProtocol:
        if len(self._open) >= self._place.connections:
            log.warning("mail_connections_exhausted", account=self._account)
            return _Busy()
        return _Connection(self, self._place, self._open)

    # names and arguments of the methods are aiosmtpd's

    async def handle_RCPT(  # noqa: N802
        self, server: "_Connection", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        if not self._receives(address):
            return NOT_OURS
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802
        self, server: "_Connection", session: Session, envelope: Envelope
    ) -> str:
        """The commit is not cut off by a peer that hangs up; it will send the mail again, and we know it."""
        del session
        server.begin_again()
        content = envelope.content
        assert isinstance(content, bytes)
        keeping = asyncio.ensure_future(self._take(content, envelope.mail_from or "", envelope.rcpt_tos[0]))
        self._keeping.add(keeping)
        keeping.add_done_callback(self._kept)
        try:
            await asyncio.shield(keeping)
        except Exception:  # noqa: BLE001  # told by _kept
            return LATER
        return OK

    async def handle_exception(self, error: Exception) -> str:
        """Whatever the library stumbles over in a command; its own answer would quote it."""
        log.warning("mail_command_failed", account=self._account, error=type(error).__name__)
        return "500 5.5.2 not understood"

    def _kept(self, task: "asyncio.Task[None]") -> None:
        self._keeping.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("mail_not_kept", account=self._account, error=type(error).__name__)


class _Busy(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(BUSY)
        transport.close()


class _Connection(SMTP):
    line_length_limit = LINE_LIMIT

    def __init__(self, listener: Listener, place: Place, connections: "set[_Connection]") -> None:
        super().__init__(
            listener,
            data_size_limit=place.size_limit,
            enable_SMTPUTF8=True,
            hostname=place.host,
            ident=GREETING,
            timeout=place.idle_s,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )
        self._connections = connections
        self._most = 2 * place.size_limit
        self._octets = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        self._octets += len(data)
        if self._octets > self._most:
            self.end()
        else:
            super().data_received(data)

    def begin_again(self) -> None:
        """A mail came of what was sent."""
        self._octets = 0

    def end(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
