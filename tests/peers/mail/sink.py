"""Postfix's smtp-sink(1): takes mails, or fails at the step that is named."""

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.messaging.waiting import eventually
from tests.peers.mail.programs import NOBODY, program


@dataclass
class Sink:
    port: int
    folder: Path

    def mails(self) -> list[bytes]:
        """Each as it was taken, with smtp-sink's own X-headers in front."""
        return [path.read_bytes() for path in sorted(self.folder.iterdir())]


@asynccontextmanager
async def running_sink(*faults: str) -> AsyncIterator[Sink]:
    """`faults` are smtp-sink's options: -f rcpt (hard), -r . (soft), -q data (hang up), -w 5 (slow)."""
    path, env = program("postfix", "usr/sbin/smtp-sink")
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="sink-"))
    folder.chmod(0o777)  # as root it runs as nobody
    as_nobody = ("-u", NOBODY) if os.geteuid() == 0 else ()
    command = [path, *as_nobody, "-d", f"{folder}/%M.", *faults, f"127.0.0.1:{port}", "50"]
    process = await asyncio.create_subprocess_exec(*command, env=env)
    try:
        await eventually(lambda: is_open(port))
        yield Sink(port, folder)
    finally:
        process.terminate()
        await process.wait()
        shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
