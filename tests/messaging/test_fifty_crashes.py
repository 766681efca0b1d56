"""`kill -9` of our own process at random moments under load, fifty times: nothing that came in is lost or
doubled, and nothing goes out twice but what its purpose allows to.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from callcenter.db import message_tables, migrate
from callcenter.db.engine import open_engine
from callcenter.domain.messages import DeliveryState, Purpose
from tests.messaging.crash_nursery import PACE_OF_TEST
from tests.messaging.waiting import eventually
from tests.peers.cmpp.gateway import Gateway, running_gateway

ROOT = Path(__file__).parents[2]
ROUNDS = 50
LONGEST_ROUND_S = 0.5
WINDOW = 16
PER_ROUND = 60
TEXTS_PER_ROUND = 10
OUT, IN = message_tables.outbox, message_tables.inbox


class Nursery:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def start(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")
        return (await self._tells())["pid"]

    async def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        assert (await self._tells())["ended"] == pid

    async def _tells(self) -> dict[str, int]:
        assert self._process.stdout is not None
        return json.loads(await asyncio.wait_for(self._process.stdout.readline(), 30))


class Books:
    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.count = 0

    async def put(self, many: int) -> None:
        """Texts of every purpose, each with words of its own."""
        now = datetime.now(UTC)
        rows = []
        for _ in range(many):
            self.count += 1
            purpose = random.choice((Purpose.REPLY, Purpose.REPLY, Purpose.SURVEY, Purpose.EMERGENCY))
            text = f"{purpose.value} {self.count}" + ("，很长的一条" * 15 if self.count % 7 == 0 else "")
            rows.append(
                {
                    "id": f"m{self.count:06}",
                    "channel": "sms",
                    "to": f"138{self.count:08}",
                    "text": text,
                    "purpose": purpose,
                    "created_at": now,
                    "next_at": now,
                    "state": DeliveryState.QUEUED,
                    "params": {},
                }
            )
        async with self.engine.begin() as connection:
            await connection.execute(OUT.insert(), rows)

    async def states(self) -> Counter[DeliveryState]:
        async with self.engine.connect() as connection:
            counted = select(OUT.c.state, func.count()).group_by(OUT.c.state)
            return Counter({row[0]: row[1] for row in await connection.execute(counted)})

    async def leased_since(self, began: datetime) -> int:
        """What the process that began then was sending when it died."""
        wanted = select(func.count()).where(OUT.c.lease_until > began + PACE_OF_TEST.lease)
        async with self.engine.connect() as connection:
            return await connection.scalar(wanted) or 0

    async def received(self) -> list[str]:
        async with self.engine.connect() as connection:
            return list(await connection.scalars(select(IN.c.text)))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def books(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Books]:
    postgres = request.param == "postgres"
    url = (
        request.getfixturevalue("fresh_postgres_url") if postgres else f"sqlite+aiosqlite:///{tmp_path}/h.db"
    )
    one = Books(url)
    await migrate.upgrade(one.engine)
    one.url = url
    yield one
    await one.engine.dispose()


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with running_gateway(resend_s=0.2) as one:
        yield one


@pytest.fixture
async def nursery(books: Books, gateway: Gateway, tmp_path: Path) -> AsyncIterator[Nursery]:
    command = (
        sys.executable,
        "-m",
        "tests.messaging.crash_nursery",
        books.url,
        str(gateway.port),
        str(tmp_path),
    )
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe)
    yield Nursery(process)
    process.kill()
    await process.wait()


@pytest.mark.timeout(180)
async def test_fifty_crashes_lose_nothing_and_double_only_emergencies(books, gateway, nursery):
    in_doubt, texts = [], []
    for number in range(ROUNDS):
        await books.put(PER_ROUND)
        for _ in range(TEXTS_PER_ROUND):
            texts.append(f"来信 {len(texts)}")
            gateway.text_from("13800000001", "12345", texts[-1])
        logins, began = gateway.counts.logins, datetime.now(UTC)
        pid = await nursery.start()
        await eventually(lambda before=logins: gateway.counts.logins > before, 20)
        await asyncio.sleep(random.uniform(0, LONGEST_ROUND_S))
        await nursery.kill(pid)
        in_doubt.append(await books.leased_since(began))
        assert sum((await books.states()).values()) == PER_ROUND * (number + 1)
    await the_rest(books, gateway, nursery)

    # what a process was sending when it died is at most what it may have in the air
    assert max(in_doubt) <= 2 * WINDOW
    assert sorted(await books.received()) == sorted(texts)
    taken = Counter((one.to, one.number) for one in gateway.submits)
    purposes = {one.to: one.text for one in gateway.submits if one.number == 1}
    twice = {to for (to, _), times in taken.items() if times > 1}
    assert all(purposes[to].startswith(Purpose.EMERGENCY) for to in twice)
    states = await books.states()
    known = {DeliveryState.DELIVERED, DeliveryState.UNKNOWN}
    assert set(states) <= known, states
    assert states[DeliveryState.UNKNOWN] <= sum(in_doubt)


async def the_rest(books: Books, gateway: Gateway, nursery: Nursery) -> None:
    """One more process, which is left alone until it has done all there is to do."""
    pid = await nursery.start()
    waiting = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.ACCEPTED)

    async def done() -> bool:
        states = await books.states()
        return not any(states[state] for state in waiting) and all(one.answered for one in gateway.inbound)

    await eventually(done, 60)
    await nursery.kill(pid)
