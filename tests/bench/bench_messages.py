"""Messages per second with the books on disk: out with their receipts, in before they are answered.

make bench, or: pytest -q -s -o python_files='bench_*.py' -o timeout=900 tests/bench/bench_messages.py
"""

import asyncio
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import func, select, text
from twisted.internet import reactor

from callcenter.db import message_tables
from callcenter.db.engine import session_factory
from callcenter.db.fragments import SqlFragments
from callcenter.db.outbox import SqlOutbox
from callcenter.domain.messages import DeliveryState, Outbound, Outcome, Purpose
from callcenter.ports import Channel, WebRequest, WebResponse
from callcenter.usecases.mailbox import Mailbox
from messaging import channels
from messaging.channels import Surroundings
from messaging.service import AccountSettings, Messaging, messaging
from tests.bench.kannel import kannel_rate
from tests.bench.measure import percentile, say
from tests.builders import CHINA, context_on
from tests.peers.mail.sink import running_sink
from tests.peers.wechat.pushing import Pusher

Handler = Callable[[WebRequest], Awaitable[WebResponse]]
OUT = message_tables.outbox.c
MANY, HISTORY = 20_000, 50_000
WINDOW = 64  # as a city that sends so many would have agreed on; 16 is usual
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


def surroundings(engine) -> Surroundings:
    context, sessions = context_on(engine), session_factory(engine)
    box = Mailbox(context)
    return Surroundings(box, SqlFragments(sessions), context.media, context.clock, reactor, CHINA)


def service(engine, port: int) -> Messaging:
    account = {"host": "127.0.0.1", "port": port, "sp_id": "900001", "secret": "secret", "source": "12345"}
    options = {**account, "version": "2.0", "window": WINDOW}
    carrier = AccountSettings("mobile", "sms_cmpp", options=options)
    return messaging([carrier], SqlOutbox(session_factory(engine)), surroundings(engine), CHINA)


def texts(many: int, first: int, now: datetime, **more: object) -> list[dict[str, object]]:
    return [
        {
            "id": f"m{number:06}",
            "channel": "sms",
            "to": f"138{number:08}",
            "text": "【澜江12345】您反映的“文昌路路面塌陷”已受理。",
            "purpose": Purpose.SERVICE,
            "priority": 2,
            "created_at": now,
            "params": {},
            **more,
        }
        for number in range(first, first + many)
    ]


async def fill(engine) -> None:
    """Books that have grown, and what is to be sent now. The planner knows how large they are."""
    now = context_on(engine).now()
    before = now - timedelta(days=30)
    history = texts(HISTORY, 0, before, state=DeliveryState.FAILED, next_at=None)
    parts = [
        {"account": "mobile", "provider_ref": f"old{number}", "outbox_id": row["id"], "state": row["state"]}
        for number, row in enumerate(history)
    ]
    due = texts(MANY, HISTORY, now, state=DeliveryState.QUEUED, next_at=now)
    async with engine.begin() as connection:
        await connection.execute(message_tables.outbox.insert(), history + due)
        await connection.execute(message_tables.delivery.insert(), parts)
    async with engine.begin() as connection:
        await connection.execute(text("ANALYZE"))


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


async def test_kannel_beside_us_without_a_database():
    say(f"Kannel, no database: {await kannel_rate(5_000):,.0f}/s with receipts")


# ------------------------------------------------------------------- the other channels


class Crowd:
    """So many at a time call `one(number)`; how long each took, in milliseconds."""

    def __init__(self, one: Callable[[int], Awaitable[object]], at_a_time: int) -> None:
        self._one, self._at_a_time = one, at_a_time
        self.took: list[float] = []

    async def rate(self, many: int) -> float:
        numbers = iter(range(many))
        began = time.perf_counter()
        await asyncio.gather(*(self._work(numbers) for _ in range(self._at_a_time)))
        return many / (time.perf_counter() - began)

    async def _work(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            began = time.perf_counter()
            await self._one(number)
            self.took.append((time.perf_counter() - began) * 1000)


def hook_of(channel: Channel, method: str = "POST") -> Handler:
    return next(route.handler for route in channel.routes() if route.method == method)


async def test_wechat_pushes_opened_and_committed_before_the_answer(engine):
    aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    options = {
        "app_id": "wx1234567890abcdef",
        "secret": "s",
        "token": "AAAAA",
        "aes_key": aes_key,
        "passive_wait_s": 0,
    }
    handler = hook_of(channels.build("wechat", "wx", options, surroundings(engine)))
    pusher = Pusher(context_on(engine).now, aes_key=aes_key)
    pushes = [pusher.request(pusher.text("路灯坏了", openid=f"o{number}")) for number in range(4_000)]

    async def push(number: int) -> None:
        assert (await handler(pushes[number])).status == 200

    crowd = Crowd(push, 40)
    async with lag() as late:
        rate = await crowd.rate(len(pushes))
    report("WeChat in", engine, rate, 800, late, f"p99 {percentile(crowd.took, 99):.0f} ms (limit 300)")


async def test_telegram_updates_committed_before_the_answer(engine):
    token = "1:bench"
    channel = channels.build(
        "telegram", "tg", {"token": token, "public_url": "https://bot.example.cn"}, surroundings(engine)
    )
    handler = hook_of(channel)
    headers = {"x-telegram-bot-api-secret-token": channel._secret}
    updates = [
        WebRequest(
            {},
            headers,
            json.dumps(
                {
                    "update_id": number,
                    "message": {
                        "message_id": number,
                        "date": 1_795_000_000,
                        "chat": {"id": number, "type": "private"},
                        "from": {"id": number, "is_bot": False, "first_name": "L"},
                        "text": "路灯坏了",
                    },
                }
            ).encode(),
        )
        for number in range(1, 4_001)
    ]

    async def push(number: int) -> None:
        assert (await handler(updates[number])).status == 200

    crowd = Crowd(push, 40)
    async with lag() as late:
        rate = await crowd.rate(len(updates))
    report("Telegram in", engine, rate, 800, late)


async def test_mails_out_to_smtp_sink(engine):
    if engine.dialect.name == "sqlite":
        pytest.skip("nothing of it touches the database")
    async with running_sink() as sink:
        options = {
            "address": "hotline@lanjiang.gov.cn",
            "smtp_host": "127.0.0.1",
            "smtp_port": sink.port,
            "smtp_security": "none",
        }
        channel = channels.build("email", "mail", options, surroundings(engine))
        await channel.open()

        async def send(number: int) -> None:
            message = Outbound(
                f"m{number}", "email", f"a{number}@example.cn", "您的诉求已办结。", Purpose.SERVICE
            )
            (part,) = channel.plan(message)
            assert (await channel.send(message, part)).outcome is Outcome.ACCEPTED

        crowd = Crowd(send, 4)
        async with lag() as late:
            rate = await crowd.rate(1_000)
        await channel.close()
    report("E-mail out", engine, rate, 200, late)


async def test_mails_in_committed_before_the_answer(engine):
    options = {"address": "hotline@lanjiang.gov.cn", "smtp_host": "127.0.0.1", "listen_port": 0}
    channel = channels.build("email", "mail", options, surroundings(engine))
    await channel.open()
    many, links = 1_000, 8
    command = (
        *(sys.executable, "-m", "tests.bench.mail_load"),
        *(str(channel.listen_port), str(many), str(links)),
    )
    async with lag() as late:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE
        )
        output, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
    await channel.close()
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(message_tables.inbox)) == many
    report("E-mail in", engine, many / json.loads(output)["seconds"], 150, late)


def report(what: str, engine, rate: float, goal: float, late: Lag, more: str = "") -> None:
    say(
        f"{what}, {engine.dialect.name}: {rate:,.0f}/s (goal {goal:,.0f}) "
        f"{'reached' if rate >= goal else 'NOT REACHED'}, "
        f"loop lag p99 {percentile(late.seen, 99):.1f} ms (goal 20) {more}"
    )
