"""Dovecot's imap with a mailbox in a folder.

Its master wants to be installed under fixed paths; its imap process, which does all the work, runs anywhere.
So the greeting and LOGIN are answered here, and everything after that by Dovecot.
"""

import asyncio
import contextlib
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.mail.programs import NOBODY, program, unprivileged

USER, PASSWORD = "hotline", "secret"
CONFIG = """
protocols = imap
base_dir = {folder}/run
log_path = {folder}/log
ssl = no
mail_location = maildir:{folder}/mail
mail_plugin_dir =
import_environment = TZ LD_LIBRARY_PATH={libraries}
first_valid_uid = 1
first_valid_gid = 1
{ids}
"""


@dataclass
class Dovecot:
    folder: Path
    port: int = 0
    sessions: int = 0
    numbers: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def mail(self) -> Path:
        return self.folder / "mail"

    def put(self, raw: bytes) -> None:
        """Delivered into the mailbox, unseen."""
        self.numbers += 1
        path = self.mail / "new" / f"{1_795_147_200 + self.numbers}.M{self.numbers}.test"
        path.write_bytes(raw.replace(b"\r\n", b"\n"))
        path.chmod(0o666)

    def seen(self) -> int:
        return sum("S" in path.name.partition(":2,")[2] for path in (self.mail / "cur").iterdir())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        writer.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        if await self._logged_in(reader, writer):
            await self._session(reader, writer)
        writer.close()

    async def _logged_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        while line := (await reader.readline()).decode():
            tag, command, *words = line.split()
            if command == "CAPABILITY":
                writer.write(f"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n".encode())
            elif command == "LOGIN" and [word.strip('"') for word in words] == [USER, PASSWORD]:
                writer.write(f"{tag} OK logged in\r\n".encode())
                return True
            elif command == "LOGOUT":
                writer.write(f"* BYE\r\n{tag} OK done\r\n".encode())
                return False
            else:
                writer.write(f"{tag} NO [AUTHENTICATIONFAILED] wrong password\r\n".encode())
        return False

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        doveconf, env = program("dovecot", "usr/bin/doveconf")
        imap, _ = program("dovecot", "usr/lib/dovecot/imap")
        process = await asyncio.create_subprocess_exec(
            *(doveconf, "-f", "service=imap", "-c", self.folder / "dovecot.conf", "-m", "imap", "-e", imap),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**env, "USER": NOBODY, "HOME": str(self.folder)},
            **unprivileged(),
        )
        greeting = await process.stdout.readline()
        assert re.match(rb"\* PREAUTH", greeting), greeting
        await asyncio.gather(_pipe(reader, process.stdin), _pipe(process.stdout, writer))
        await process.wait()


async def _pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
        sink.close()


@asynccontextmanager
async def running_dovecot() -> AsyncIterator[Dovecot]:
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    _prepare(folder)
    dovecot = Dovecot(folder)
    server = await asyncio.start_server(dovecot.serve, "127.0.0.1", 0)
    dovecot.port = server.sockets[0].getsockname()[1]
    try:
        yield dovecot
    finally:
        server.close()
        await server.wait_closed()
        shutil.rmtree(folder)


def _prepare(folder: Path) -> None:
    _, env = program("dovecot", "usr/lib/dovecot/imap")
    user = unprivileged()
    ids = f"mail_uid = {NOBODY}\nmail_gid = {user['group']}" if user else ""
    config = CONFIG.format(folder=folder, libraries=env["LD_LIBRARY_PATH"], ids=ids)
    (folder / "dovecot.conf").write_text(config)
    for name in ("mail/new", "mail/cur", "mail/tmp"):
        (folder / name).mkdir(parents=True)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o644)
