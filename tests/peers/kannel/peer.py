"""Kannel 1.4.5 (bearerbox and smsbox) between HTTP and an SMSC, everything on 127.0.0.1.

Kannel is an ESME: it connects to an SMSC as our SMPP channel does and has no SMPP server, so it stands beside
our channel, not opposite to it. Set-up unpacks it into `.tools/kannel` without installing anything.

    async with running_kannel(smsc.port) as kannel:
        await client.get(kannel.sendsms, params={**kannel.login, "to": ..., "text": ..., "dlr-url": ...})
"""

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.messaging.waiting import eventually
from tests.peers.smsc.peer import PASSWORD, SYSTEM_ID

ROOT = Path(__file__).parents[3] / ".tools" / "kannel"
USER, SECRET = "hotline", "kannel"
CORE = """\
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {secret}
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log
log-level = 2
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = peer
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = {system_id}
smsc-password = {password}
system-type = ""
max-pending-submits = {window}
msg-id-type = 0x03

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {http}
sendsms-interface = 127.0.0.1
global-sender = 10690012345
log-file = {folder}/smsbox.log
log-level = 2

group = sendsms-user
username = {user}
password = {secret}
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{texts}"
"""


@dataclass(frozen=True)
class Kannel:
    """`sendsms` is its address, `status` tells whether the SMSC is connected."""

    sendsms: str
    login: dict[str, str]
    port: int
    folder: Path


def is_there() -> bool:
    return (ROOT / "usr/sbin/bearerbox").exists()


@asynccontextmanager
async def running_kannel(
    smsc_port: int, window: int = 10, texts: str = "http://127.0.0.1:9/"
) -> AsyncIterator[Kannel]:
    """`window`: open submits; Kannel's own advice is ten at most. `texts`: called with citizens' texts."""
    if not is_there():
        pytest.fail("Kannel is not unpacked: run `make test` or `callcenter setup --tests`")
    folder = Path(tempfile.mkdtemp(prefix="kannel-"))
    admin, boxes, http = _free_ports(3)
    config = folder / "kannel.conf"
    values = {"admin": admin, "boxes": boxes, "http": http, "smsc": smsc_port, "window": window}
    names = {"system_id": SYSTEM_ID, "password": PASSWORD, "user": USER, "secret": SECRET, "texts": texts}
    config.write_text(CORE.format(folder=folder, **values, **names))
    try:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_box("bearerbox", config))
            await eventually(lambda: _listens(boxes))
            await stack.enter_async_context(_box("smsbox", config))
            await eventually(lambda: _listens(http))
            yield Kannel(
                f"http://127.0.0.1:{http}/cgi-bin/sendsms",
                {"username": USER, "password": SECRET},
                http,
                folder,
            )
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def _box(name: str, config: Path) -> AsyncIterator[None]:
    libraries = ":".join(str(found) for found in sorted(ROOT.glob("**/lib/*-linux-gnu")))
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "usr/sbin" / name),
        *("-v", "4", str(config)),
        env={**os.environ, "LD_LIBRARY_PATH": libraries},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
