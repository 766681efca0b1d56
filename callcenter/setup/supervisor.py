"""Starts the programs in order, starts a dead one again, ends them all in reverse order.

It ends what it started and nothing else. Knows no Asterisk and no web server; `up.py` tells it what
to run.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from callcenter.setup.processes import Child, Program

Say = Callable[[str], None]

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
"""A program that ran this long has recovered: its next death is a first one again."""


class Supervisor:
    """Keeps `programs` running until `end` is called."""

    def __init__(self, programs: Sequence[Program], say: Say, first_pause: float = FIRST_PAUSE_S) -> None:
        self._programs = programs
        self._say = say
        self._first_pause = first_pause
        self._children: dict[str, Child] = {}
        self._work: asyncio.Task[None] | None = None
        self._ending = False

    def pids(self) -> dict[str, int]:
        """Process ids of what runs now, by program name."""
        return {name: child.pid for name, child in self._children.items() if child.is_alive}

    def end(self) -> None:
        """Ask for the end; `run` returns when all children are gone. Asked again: at once."""
        if self._ending:
            for child in self._children.values():
                child.kill()
        elif self._work is not None:
            self._ending = True
            self._say("ending what was started (once more Ctrl+C: at once) …")
            self._work.cancel()

    async def run(self, when_ready: Callable[[], None]) -> None:
        """Start all, call `when_ready`, watch until `end`. `SetupError` when one does not come up."""
        self._work = asyncio.create_task(self._start_and_keep(when_ready))
        try:
            await self._work
        except asyncio.CancelledError:
            if not self._ending:
                raise
        finally:
            self._ending = True
            await self._stop_all()

    async def _start_and_keep(self, when_ready: Callable[[], None]) -> None:
        for program in self._programs:
            child = self._children[program.name] = await Child.start(program)
            await child.until_ready()
            self._say(f"{program.name} is up (pid {child.pid})")
        when_ready()
        async with asyncio.TaskGroup() as keepers:
            for program in self._programs:
                keepers.create_task(self._keep(program))

    async def _keep(self, program: Program) -> None:
        pause, clock = self._first_pause, asyncio.get_running_loop().time
        while True:
            started = clock()
            status = await self._children[program.name].ended()
            if clock() - started > STEADY_S:
                pause = self._first_pause
            self._say(f"{program.name} ended by itself (status {status}); starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
            child = self._children[program.name] = await Child.start(program)
            self._say(f"{program.name} runs again (pid {child.pid})")

    async def _stop_all(self) -> None:
        for child in reversed(self._children.values()):
            await child.stop()
            self._say(f"{child.program.name} has ended")


@asynccontextmanager
async def ended_by_signals(supervisor: Supervisor) -> AsyncIterator[None]:
    """Ctrl+C, SIGTERM and a closed terminal end the supervisor's children in good order."""
    loop = asyncio.get_running_loop()
    for number in ENDING_SIGNALS:
        loop.add_signal_handler(number, supervisor.end)
    try:
        yield
    finally:
        for number in ENDING_SIGNALS:
            loop.remove_signal_handler(number)
