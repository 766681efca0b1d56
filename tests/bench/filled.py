"""A database of the size that a city's hotline has after a year, with a busy day behind it.

Rows are written straight into the tables: what is measured later is reading them.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert

from callcenter.db import tables
from callcenter.db.engine import open_engine, session_factory
from callcenter.db.uow import SqlUnitOfWork
from callcenter.domain import workflow
from callcenter.domain.reports import Decision
from callcenter.domain.staff import AgentState, Seat, User
from callcenter.domain.suggestions import Appeal, Urgency
from callcenter.domain.workflow import State, Timer

CONTACTS = 30_000
CALLS = 40_000
CASES = 20_000
OPEN_SHARE = 0.1
CALLS_TODAY = 5_000
"""Each leaves four queue events: 20,000 of them since midnight."""

BATCH = 2_000
YEAR_S = 365 * 24 * 3600
DISTRICTS = ("云溪区", "望湖区", "石桥区", "澜东区", "南埠区", "白鹭区", "青岭区", "临港新区")
SEED = 12345

Row = dict[str, Any]


def number(contact: int) -> str:
    """A mobile number; citizens who call in a benchmark have the first ones."""
    return f"166{contact:08d}"


async def fill(url: str, midnight: datetime) -> None:
    """`midnight` is the start of the city's day."""
    dice = random.Random(SEED)
    now = datetime.now(UTC)
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            for table, rows in (
                (tables.contact, _contacts(now)),
                (tables.case, _cases(dice, now)),
                (tables.report, _reports(dice, now)),
                (tables.call, _calls(dice, now)),
                (tables.queue_event, _queue_events(dice, midnight, now)),
            ):
                for batch in _batches(table, rows):
                    await connection.execute(insert(table), batch)
    finally:
        await engine.dispose()


async def telephones_are_there(url: str, seats: Iterable[str]) -> None:
    """Plain telephones never register, so nobody ever tells that they can be reached."""
    engine = open_engine(url)
    try:
        async with SqlUnitOfWork(session_factory(engine)) as uow:
            for no in seats:
                user = await uow.staff.by_staff_no(no)
                assert user is not None, no
                uow.seats.add(Seat(no, user.id, reachable=True))
            await uow.commit()
    finally:
        await engine.dispose()


async def ready_seats(url: str, seats: Sequence[str]) -> None:
    """People at these seats who are signed in and ready."""
    engine, now = open_engine(url), datetime.now(UTC)
    try:
        async with SqlUnitOfWork(session_factory(engine)) as uow:
            for no in seats:
                uow.staff.add(User(no, no, no, no, "no password", ["agent"], queues={"general": 0}))
            await uow.commit()
            for no in seats:
                uow.seats.add(Seat(no, no, AgentState.READY, now, reachable=True))
            await uow.commit()
    finally:
        await engine.dispose()


def _batches(table: Table, rows: Iterator[Row]) -> Iterator[list[Row]]:
    names = {column.key for column in table.columns}
    batch: list[Row] = []
    for row in rows:
        assert row.keys() <= names, row.keys() - names
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _contacts(now: datetime) -> Iterator[Row]:
    for n in range(CONTACTS):
        yield {
            "id": f"contact-{n}",
            "number": number(n),
            "created_at": now - timedelta(days=365),
            "name": f"市民{n}",
            "flags": [],
        }


def _back(dice: random.Random, now: datetime) -> datetime:
    return now - timedelta(seconds=dice.uniform(3600, YEAR_S))


def _cases(dice: random.Random, now: datetime) -> Iterator[Row]:
    open_states = sorted(workflow.OPEN)
    for n in range(CASES):
        at, is_open = _back(dice, now), dice.random() < OPEN_SHARE
        yield {
            "id": f"case-{n}",
            "number": f"{at:%Y%m%d}-B{n:05d}",
            "title": f"路面塌陷第{n}处",
            "content": "文昌路路面塌了个大坑，没有围挡，晚上看不见，请尽快派人处理。",
            "channel": "phone",
            "appeal": "help",
            "urgency": "urgent",
            "category": "事件|05|05",
            "category_name": "路面塌陷",
            "reported_at": at,
            "updated_at": at + timedelta(hours=5),
            "contact_id": f"contact-{dice.randrange(CONTACTS)}",
            "district": dice.choice(DISTRICTS),
            "co_department_ids": [],
            "state": dice.choice(open_states) if is_open else State.CLOSED,
            "timer": Timer.STOP,
            "handle_due_at": at + timedelta(days=5),
            "version": 3,
        }


def _reports(dice: random.Random, now: datetime) -> Iterator[Row]:
    for n in range(CASES):
        yield {
            "id": f"report-{n}",
            "number": f"B{n:06d}",
            "client_key": f"bench-{n}",
            "filed_at": _back(dice, now),
            "decision": Decision.CASE,
            "channel": "phone",
            "appeal": Appeal.HELP,
            "urgency": Urgency.URGENT,
            "content": "文昌路路面塌了个大坑，没有围挡。",
            "title": f"路面塌陷第{n}处",
            "call_id": f"old-{n}",
            "contact_id": f"contact-{dice.randrange(CONTACTS)}",
            "case_id": f"case-{n}",
        }


def _calls(dice: random.Random, now: datetime) -> Iterator[Row]:
    for n in range(CALLS):
        at, contact = _back(dice, now), dice.randrange(CONTACTS)
        yield {
            "id": f"old-{n}",
            "started_at": at,
            "number": number(contact),
            "dialled": "12345",
            "direction": "in",
            "contact_id": f"contact-{contact}",
            "queue": "general",
            "seat": f"{dice.randrange(1001, 1041)}",
            "answered_at": at + timedelta(seconds=8),
            "ended_at": at + timedelta(seconds=188),
            "outcome": "served",
        }


def _queue_events(dice: random.Random, midnight: datetime, now: datetime) -> Iterator[Row]:
    """Waited, talked, wrapped up: the log of calls that came evenly since midnight."""
    events = []
    for n in range(CALLS_TODAY):
        call = f"today-{n}"
        seat = f"{dice.randrange(1001, 1041)}"
        queue = dice.choice(("general", "general", "general", "business", "dialect"))
        waited = dice.randrange(30)
        at = midnight + (now - midnight) * (n / CALLS_TODAY)
        answered, ended = at + timedelta(seconds=waited), at + timedelta(seconds=waited + 180)
        events += [
            (at, call, queue, "", "ENTERQUEUE", ["", number(n), "1"]),
            (answered, call, queue, seat, "CONNECT", [str(waited), f"leg-{n}", "3"]),
            (ended, call, queue, seat, "COMPLETECALLER", [str(waited), "180", "1"]),
            (ended, "NONE", queue, seat, "PAUSE", ["wrapup"]),
        ]
    for at, call, queue, seat, event, data in sorted(events, key=lambda event: event[0]):
        yield {
            "at": min(at, now),
            "call_id": call,
            "queue": queue,
            "seat": seat,
            "event": event,
            "data": data,
        }
