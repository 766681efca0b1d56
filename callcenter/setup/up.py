"""`callcenter up`: set up what is missing, check the ports, start Asterisk and the service, keep them
running, end them.

It holds a lock on the state folder, so the same installation is never started twice.
"""

import asyncio
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.console import Console

from callcenter.config import Settings, load_settings
from callcenter.setup.asterisk_root import asterisk_command
from callcenter.setup.failures import SetupError
from callcenter.setup.main import setup
from callcenter.setup.ports import Port, check_ports
from callcenter.setup.processes import Program
from callcenter.setup.site import write_site
from callcenter.setup.supervisor import Supervisor, ended_by_signals
from callcenter.setup.welcome import welcome

GRACE_S = 10.0
"""Time for calls to end by themselves after Ctrl+C, before Asterisk hangs them up."""

PROBE_S = 2.0


def up(console: Console) -> None:
    """Run until Ctrl+C or SIGTERM. `SetupError` when it cannot be started."""
    setup(console, for_tests=False)
    settings = load_settings()  # with the secrets that set-up made
    with only_one(settings.state_dir / "up.lock"):
        check_ports(ports(settings))
        conf = write_site(settings)
        programs = [asterisk(settings, conf), service(settings)]
        asyncio.run(_supervise(programs, settings, console))


async def _supervise(programs: list[Program], settings: Settings, console: Console) -> None:
    def say(words: str) -> None:
        console.print(f"  [dim]·[/] {words}", highlight=False)

    supervisor = Supervisor(programs, say)
    async with ended_by_signals(supervisor):
        await supervisor.run(lambda: welcome(settings, console))


def ports(settings: Settings) -> list[Port]:
    """Every address that the parts listen on, each with the setting that moves it."""
    asterisk, sip, fastagi, console = settings.asterisk, settings.sip, settings.fastagi, settings.console
    return [
        Port("The console", "tcp", console.host, console.port, "HOTLINE_CONSOLE__PORT"),
        Port("SIP", "udp", sip.host, sip.port, "HOTLINE_SIP__PORT"),
        Port("Asterisk HTTP", "tcp", asterisk.http_host, asterisk.http_port, "HOTLINE_ASTERISK__HTTP_PORT"),
        Port("AMI", "tcp", asterisk.http_host, asterisk.ami_port, "HOTLINE_ASTERISK__AMI_PORT"),
        Port("FastAGI", "tcp", fastagi.host, fastagi.port, "HOTLINE_FASTAGI__PORT"),
    ]


def asterisk(settings: Settings, conf: Path) -> Program:
    """Asterisk in the foreground; it is asked to let calls end before it goes."""
    command = [*asterisk_command(settings.asterisk.root), "-C", str(conf)]

    async def order(words: str) -> bool:
        process = await asyncio.create_subprocess_exec(
            *command, "-rx", words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait() == 0

    async def is_ready() -> bool:
        return await order("core waitfullybooted")

    async def ask_to_end() -> None:
        await order("core stop gracefully")

    return Program(
        name="Asterisk",
        command=[*command, "-f"],
        log=settings.state_dir / "log" / "asterisk.log",
        is_ready=is_ready,
        ask_to_end=ask_to_end,
        polite_time=GRACE_S,
    )


def service(settings: Settings) -> Program:
    """Our own process: FastAGI, AMI, web."""
    address = f"http://{settings.console.host}:{settings.console.port}/readyz"

    async def is_ready() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=PROBE_S) as client:
                return (await client.get(address)).is_success
        except httpx.HTTPError:
            return False

    return Program(
        name="Service",
        command=[sys.executable, "-m", "callcenter", "serve"],
        log=settings.state_dir / "log" / "service.log",
        is_ready=is_ready,
    )


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock file; `SetupError` that names the process which holds it already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SetupError(
                f"the hotline already runs from {path.parent} (pid {lock.read().strip()}); end it with "
                "Ctrl+C there, or give this copy its own HOTLINE_STATE_DIR and ports."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
