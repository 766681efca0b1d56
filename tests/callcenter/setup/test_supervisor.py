"""The supervisor with real small processes: it ends its own children, all of them, and nothing else."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from callcenter.setup import processes
from callcenter.setup.failures import SetupError
from callcenter.setup.processes import Program, keep_short
from callcenter.setup.supervisor import Supervisor

LIMIT_S = 20


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not true():
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def program(folder: Path, name: str, script: str, **more: float) -> Program:
    """A shell script as a program; it is ready when it has made the file `<name>.ready`."""
    ready = folder / f"{name}.ready"

    async def is_ready() -> bool:
        return ready.exists()

    command = ["sh", "-c", script.replace("READY", f"touch {ready}")]
    return Program(name, command, folder / "log" / f"{name}.log", is_ready, ready_within=LIMIT_S, **more)


STAYS = "READY; while :; do sleep 30; done"


@asynccontextmanager
async def running(*programs: Program) -> AsyncIterator[tuple[Supervisor, list[str]]]:
    said: list[str] = []
    ready = asyncio.Event()
    supervisor = Supervisor(programs, said.append, first_pause=0.05)
    task = asyncio.create_task(supervisor.run(ready.set))
    async with asyncio.timeout(LIMIT_S):
        await ready.wait()
    try:
        yield supervisor, said
    finally:
        supervisor.end()
        await asyncio.wait_for(task, LIMIT_S)


async def test_programs_start_in_order_and_end_in_reverse(tmp_path: Path) -> None:
    first, second = program(tmp_path, "first", STAYS), program(tmp_path, "second", STAYS)
    async with running(first, second) as (supervisor, said):
        pids = supervisor.pids()
        assert list(pids) == ["first", "second"]
    assert not any(map(alive, pids.values()))
    assert said[-2:] == ["second has ended", "first has ended"]


async def test_a_bystander_and_a_strangers_child_live_on(tmp_path: Path) -> None:
    bystander = await asyncio.create_subprocess_exec("sleep", "60")
    async with running(program(tmp_path, "one", STAYS)):
        pass
    assert bystander.returncode is None
    bystander.kill()
    await bystander.wait()


async def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    noted = tmp_path / "grandchild"
    note = f"echo $$ > {noted}.new; mv {noted}.new {noted}"
    script = f"sh -c 'trap \"\" TERM; {note}; while :; do sleep 1; done' & READY; wait"
    async with running(program(tmp_path, "parent", script)):
        await until(noted.exists)
        grandchild = int(noted.read_text())
        assert alive(grandchild)
    await until(lambda: not alive(grandchild))


async def test_a_dead_program_is_started_again_and_said(tmp_path: Path) -> None:
    async with running(program(tmp_path, "service", STAYS)) as (supervisor, said):
        first = supervisor.pids()["service"]
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.pids().get("service", first) != first)
        assert "service ended by itself (status -9); starting it again in 0.05 s" in said


async def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    stubborn = program(tmp_path, "stubborn", "trap '' TERM; " + STAYS, term_time=0.2)
    async with running(stubborn) as (supervisor, _said):
        pid = supervisor.pids()["stubborn"]
    assert not alive(pid)


async def test_asked_twice_it_ends_at_once(tmp_path: Path) -> None:
    stubborn = program(tmp_path, "stubborn", "trap '' TERM; " + STAYS, term_time=600)
    async with running(stubborn) as (supervisor, _said):
        supervisor.end()
        await asyncio.sleep(0)
        supervisor.end()


async def test_a_program_that_dies_at_start_is_explained_and_the_others_end(tmp_path: Path) -> None:
    good = program(tmp_path, "good", STAYS)
    bad = program(tmp_path, "bad", "echo 'cannot bind'; exit 3")
    supervisor = Supervisor([good, bad], lambda _words: None)
    with pytest.raises(SetupError, match=r"bad ended with status 3 while starting.*\n.*cannot bind"):
        await supervisor.run(lambda: None)
    assert supervisor.pids() == {}


async def test_the_end_may_be_asked_for_while_starting(tmp_path: Path) -> None:
    slow = program(tmp_path, "slow", "while :; do sleep 30; done")
    supervisor = Supervisor([slow], lambda _words: None)
    task = asyncio.create_task(supervisor.run(lambda: None))
    await until(lambda: bool(supervisor.pids()))
    supervisor.end()
    await asyncio.wait_for(task, LIMIT_S)
    assert supervisor.pids() == {}


async def test_a_program_that_does_not_exist_is_said(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    missing = Program("ghost", ["/nonexistent/program"], tmp_path / "log", never)
    with pytest.raises(SetupError, match="ghost ended with status 127 while starting"):
        await Supervisor([missing], lambda _words: None).run(lambda: None)


async def test_killing_the_supervisor_itself_ends_the_children(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    code = (
        "import asyncio, pathlib\n"
        "from callcenter.setup.processes import Program\n"
        "from callcenter.setup.supervisor import Supervisor\n"
        f"mark = pathlib.Path({str(tmp_path / 'mark')!r})\n"
        "async def ready(): return mark.exists()\n"
        "command = ['sh', '-c', f'touch {mark}; exec sleep 60']\n"
        f"program = Program('one', command, pathlib.Path({str(tmp_path / 'log')!r}), ready)\n"
        "supervisor = Supervisor([program], print)\n"
        f"note = lambda: pathlib.Path({str(noted)!r}).write_text(str(supervisor.pids()['one']))\n"
        "asyncio.run(supervisor.run(note))\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    await until(lambda: noted.exists() and noted.read_text() != "")
    child = int(noted.read_text())
    process.kill()
    await process.wait()
    await until(lambda: not alive(child))


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LOG_BYTES", 3)
    log = tmp_path / "log" / "service.log"
    keep_short(log)
    log.write_text("long")
    keep_short(log)
    assert [path.name for path in log.parent.iterdir()] == ["service.old.log"]
