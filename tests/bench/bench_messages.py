"""Messages per second with the books on disk: out with their receipts, in before they are answered.

make bench, or: pytest -q -s -o python_files='bench_*.py' -o timeout=900 tests/bench/bench_messages.py
"""

import asyncio
import json
import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import structlog
from sqlalchemy import func, select
from twisted.internet import reactor

from callcenter.db import message_tables
from callcenter.db.engine import session_factory
from callcenter.db.fragments import SqlFragments
from callcenter.db.outbox import SqlOutbox
from callcenter.domain.messages import DeliveryState, Purpose
from callcenter.usecases.mailbox import Mailbox
from messaging.channels import Surroundings
from messaging.service import AccountSettings, Messaging, messaging
from tests.bench.measure import percentile, say
from tests.builders import CHINA, context_on

OUT = message_tables.outbox.c
MANY = 20_000
LIMIT_S = 120
GOALS = {"postgresql": 5_000, "sqlite": 1_500}


@pytest.fixture(autouse=True)
def quiet():
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


@asynccontextmanager
async def sink(*arguments: str) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    command = (sys.executable, "-m", "tests.bench.cmpp_sink", *arguments)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())["port"], process
    finally:
        process.kill()
        await process.wait()


class Lag:
    """How late the loop is for a short sleep, in milliseconds."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    async def watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            self.seen.append((time.perf_counter() - before - 0.005) * 1000)


@asynccontextmanager
async def lag() -> AsyncIterator[Lag]:
    one = Lag()
    task = asyncio.create_task(one.watch())
    yield one
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def service(engine, port: int) -> Messaging:
    context = context_on(engine)
    sessions = session_factory(engine)
    around = Surroundings(
        Mailbox(context), SqlFragments(sessions), context.media, context.clock, reactor, CHINA
    )
    account = {"host": "127.0.0.1", "port": port, "sp_id": "900001", "secret": "secret", "source": "12345"}
    options = {**account, "version": "2.0", "window": 32}
    return messaging(
        [AccountSettings("mobile", "sms_cmpp", options=options)], SqlOutbox(sessions), around, CHINA
    )


async def fill(engine) -> None:
    now = context_on(engine).now()
    rows = [
        {
            "id": f"m{number:06}",
            "channel": "sms",
            "to": f"138{number:08}",
            "text": "【澜江12345】您反映的“文昌路路面塌陷”已受理。",
            "purpose": Purpose.SERVICE,
            "priority": 2,
            "created_at": now,
            "next_at": now,
            "state": DeliveryState.QUEUED,
            "params": {},
        }
        for number in range(MANY)
    ]
    async with engine.begin() as connection:
        await connection.execute(message_tables.outbox.insert(), rows)


async def delivered(engine) -> int:
    async with engine.connect() as connection:
        wanted = select(func.count()).where(OUT.state == DeliveryState.DELIVERED)
        return await connection.scalar(wanted) or 0


async def test_texts_out_with_database_and_receipt(engine):
    await fill(engine)
    async with sink() as (port, _), lag() as late:
        running = service(engine, port)
        began = time.perf_counter()
        await running.start()
        while await delivered(engine) < MANY and time.perf_counter() - began < LIMIT_S:
            await asyncio.sleep(0.1)
        seconds = time.perf_counter() - began
        await running.stop()
    assert await delivered(engine) == MANY
    report("SMS out", engine, MANY / seconds, GOALS[engine.dialect.name], late)


async def test_texts_in_committed_before_the_answer(engine):
    async with sink(str(MANY)) as (port, process), lag() as late:
        running = service(engine, port)
        await running.start()
        assert process.stdout is not None
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), LIMIT_S))
        await running.stop()
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(message_tables.inbox)) == MANY
    report("SMS in", engine, MANY / told["seconds"], 3_000, late)


def report(what: str, engine, rate: float, goal: float, late: Lag) -> None:
    say(
        f"{what}, {engine.dialect.name}: {rate:,.0f}/s (goal {goal:,.0f}) "
        f"{'reached' if rate >= goal else 'NOT REACHED'}, loop lag p99 {percentile(late.seen, 99):.1f} ms (goal 20)"
    )
