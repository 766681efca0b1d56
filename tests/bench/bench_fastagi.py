"""FastAGI commands per second and waiting time per command: our server beside panoramisk's.

The same flow, the same load generator, servers and load as processes of their own, rounds in turn.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.asterisk_kit.ports import free_base
from tests.asterisk_kit.waiting import eventually
from tests.bench.agi_flow import COMMANDS, READY
from tests.bench.measure import cpu_s, ratios, say, spread, table, verdict
from tests.e2e.hotline import ROOT, Process

GOAL = 1.4
ROUNDS = 9
CALLS = 600
AT_ONCE = 50
WARM_UP = 1
OURS, PEER, BARE = NAMES = ("ours", "panoramisk", "bare")

Round = Mapping[str, float]


@asynccontextmanager
async def server(name: str, port: int, folder: Path) -> AsyncIterator[Process]:
    """Not probed by a connection: panoramisk spins for ever on one that closes without a word."""
    words = [sys.executable, "-m", "tests.bench.agi_flow", name, str(port)]
    process = Process(words, folder / f"{name}.log", {})
    await process.start()
    try:
        await eventually(lambda: READY in process.log(), within=20)
        yield process
    finally:
        await process.end()


async def one_round(server: Process, port: int, calls: int, at_once: int) -> Round:
    """What the load measured, and the CPU seconds that the server spent on it."""
    before = cpu_s(server.pid)
    load = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.agi_load", str(port), str(calls), str(at_once)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await load.communicate()
    measured: dict[str, float] = json.loads(output)
    assert measured["commands"] == calls * (COMMANDS), measured
    return {**measured, "cpu": cpu_s(server.pid) - before, "rate": measured["commands"] / measured["seconds"]}


@pytest.mark.timeout(300)
async def test_fastagi_beside_panoramisk(tmp_path: Path) -> None:
    base = free_base("bench")
    rounds: dict[str, list[Round]] = {name: [] for name in NAMES}
    async with AsyncExitStack() as stack:
        servers = [
            (name, await stack.enter_async_context(server(name, base + n, tmp_path)), base + n)
            for n, name in enumerate(NAMES)
        ]
        for n in range(WARM_UP + ROUNDS):
            for name, process, port in servers:
                measured = await one_round(process, port, CALLS, AT_ONCE)
                if n >= WARM_UP:
                    rounds[name].append(measured)
    report(rounds)


def report(rounds: Mapping[str, list[Round]]) -> None:
    figures: Mapping[str, tuple[Callable[[Round], float], int]] = {
        "commands/s": (lambda one: one["rate"], 0),
        "CPU us per command": (lambda one: one["cpu"] / one["commands"] * 1e6, 1),
        "wait p50 ms": (lambda one: one["p50_ms"], 2),
        "wait p99 ms": (lambda one: one["p99_ms"], 2),
    }
    table(
        f"FastAGI: {CALLS} calls of {COMMANDS} commands, {AT_ONCE} at once, {ROUNDS} rounds in turn; "
        "median (least..greatest)",
        ("", *NAMES, "ours / panoramisk"),
        [_row(name, rounds, *figure) for name, figure in figures.items()],
    )
    rate = ratios([one["rate"] for one in rounds[OURS]], [one["rate"] for one in rounds[PEER]])
    say(verdict("commands/s, ours / panoramisk", rate.median, GOAL))


def _row(
    name: str, rounds: Mapping[str, list[Round]], figure: Callable[[Round], float], digits: int
) -> tuple[str, ...]:
    values = {name: [figure(one) for one in rounds[name]] for name in NAMES}
    texts = [spread(column).text(digits=digits) for column in values.values()]
    return (name, *texts, ratios(values[OURS], values[PEER]).text(digits=2))
