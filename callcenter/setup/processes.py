"""One child process of the supervisor: start it apart from our terminal, end it and only it.

A child leads a session of its own, so Ctrl+C at the terminal reaches the supervisor alone, and a
signal to the child's group reaches whatever the child started. Should the supervisor be killed, the
kernel ends the child (`setpriv --pdeathsig`).
"""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from callcenter.setup.failures import SetupError

Polite = Callable[[], Awaitable[None]]
"""Asks a program to end in its own way, e.g. after its calls."""

WITH_US = ("setpriv", "--pdeathsig", "TERM")
LOG_LINES_SHOWN = 12
LOG_BYTES = 50_000_000


async def nothing_polite() -> None:
    """SIGTERM is polite enough."""


@dataclass(frozen=True)
class Program:
    """What to run and how to end it. Times in seconds."""

    name: str
    command: Sequence[str | Path]
    log: Path
    is_ready: Callable[[], Awaitable[bool]]
    ready_within: float = 60.0
    ask_to_end: Polite = nothing_polite
    polite_time: float = 0.0
    term_time: float = 15.0
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None


def keep_short(log: Path) -> None:
    """Make the log's folder; put a long log aside, over the one that was put aside before."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))


class Child:
    """A started program."""

    def __init__(self, program: Program, process: Process) -> None:
        self.program = program
        self._process = process
        self._group_swept = False

    @classmethod
    async def start(cls, program: Program) -> "Child":
        """`SetupError` when the program cannot be executed at all."""
        keep_short(program.log)
        try:
            with program.log.open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *WITH_US,
                    *program.command,
                    stdin=DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=program.cwd,
                    env={**os.environ, **program.env},
                    start_new_session=True,
                )
        except OSError as error:
            raise SetupError(f"{program.name} cannot be started: {error.strerror}.") from error
        return cls(program, process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ended(self) -> int:
        """Wait for the end, also of what is left of its group; exit status, negative for a signal."""
        status = await self._process.wait()
        self.kill()
        self._group_swept = True
        return status

    async def until_ready(self) -> None:
        """`SetupError` with the end of the log when it dies first or is not ready in time."""
        deadline = asyncio.get_running_loop().time() + self.program.ready_within
        while not await self.program.is_ready():
            if not self.is_alive:
                raise SetupError(self._why(f"ended with status {self._process.returncode} while starting"))
            if asyncio.get_running_loop().time() > deadline:
                raise SetupError(self._why(f"was not ready within {self.program.ready_within:.0f} s"))
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """Politely, then SIGTERM, then SIGKILL; returns when the process is gone."""
        if self.is_alive and self.program.polite_time:
            await self.program.ask_to_end()
            await self._gone_within(self.program.polite_time)
        if self.is_alive:
            self._signal(signal.SIGTERM)
            await self._gone_within(self.program.term_time)
        if self.is_alive:
            self.kill()
        await self.ended()

    def kill(self) -> None:
        """The end at once, for the program and all of its group."""
        self._signal(signal.SIGKILL)

    async def _gone_within(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), seconds)

    def _signal(self, number: signal.Signals) -> None:
        if self._group_swept:  # the number may belong to somebody else by now
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _why(self, what: str) -> str:
        lines = self.program.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        last_words = "\n".join(f"    {line}" for line in lines)
        return f"{self.program.name} {what}; the end of {self.program.log}:\n{last_words}"
