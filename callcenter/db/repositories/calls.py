"""Calls, queue books and the tasks that come of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select

from callcenter.db import tables
from callcenter.db.repository import Repository
from callcenter.domain.calls import Call
from callcenter.domain.tasks import Task, TaskKind
from callcenter.domain.telephony import QueueLogEntry

C, T, Q, L = tables.call.c, tables.task.c, tables.queue_event.c, tables.ledger_cursor.c


class CallRepository(Repository):
    async def get(self, call_id: str) -> Call | None:
        return await self._session.get(Call, call_id)

    async def ensure(self, call: Call) -> Call:
        """The call of this id: the one in the books, or this one, also under a race."""
        values = {
            "id": call.id,
            "started_at": call.started_at,
            "number": call.number,
            "dialled": call.dialled,
            "direction": call.direction,
            "contact_id": call.contact_id,
        }
        await self._insert_once(tables.call, values, on=["id"])
        found = await self._session.get(Call, call.id)
        assert found is not None  # it was there, or it was just inserted
        return found

    async def some(self, ids: Iterable[str]) -> Mapping[str, Call]:
        rows = await self._all(select(Call).where(C.id.in_(set(ids))))
        return {row.id: row for row in rows}

    async def of_contact(self, contact_id: str, limit: int) -> Sequence[Call]:
        wanted = select(Call).where(C.contact_id == contact_id)
        return await self._all(wanted.order_by(C.started_at.desc()).limit(limit))

    async def count_of_contact(self, contact_id: str, since: datetime) -> int:
        wanted = select(func.count()).where(C.contact_id == contact_id, C.started_at >= since)
        return (await self._session.scalar(wanted)) or 0

    async def of_seat(self, seat: str, since: datetime, limit: int) -> Sequence[Call]:
        wanted = select(Call).where(C.seat == seat, C.started_at >= since)
        return await self._all(wanted.order_by(C.started_at.desc()).limit(limit))

    async def of_case(self, case_id: str) -> Sequence[Call]:
        return await self._all(select(Call).where(C.case_id == case_id).order_by(C.started_at))


class QueueBookRepository(Repository):
    async def cursor(self, source: str) -> str:
        wanted = select(L.cursor).where(L.source == source)
        return (await self._session.scalar(wanted)) or ""

    async def write(self, entries: Sequence[QueueLogEntry], source: str, cursor: str) -> None:
        if entries:
            rows = [
                {
                    "at": entry.at,
                    "call_id": entry.call_id,
                    "queue": entry.queue,
                    "seat": entry.seat,
                    "event": entry.event,
                    "data": list(entry.data),
                }
                for entry in entries
            ]
            await self._session.execute(tables.queue_event.insert(), rows)
        upsert = self.insert(tables.ledger_cursor).values(source=source, cursor=cursor)
        await self._session.execute(
            upsert.on_conflict_do_update(index_elements=["source"], set_={"cursor": cursor})
        )

    async def between(self, since: datetime, until: datetime) -> Sequence[QueueLogEntry]:
        wanted = select(tables.queue_event).where(Q.at >= since, Q.at < until).order_by(Q.id)
        return [_entry(row) for row in (await self._session.execute(wanted)).all()]

    async def count(self, since: datetime) -> int:
        wanted = select(func.count()).select_from(tables.queue_event).where(Q.at >= since)
        return (await self._session.scalar(wanted)) or 0

    async def after(self, number: int, since: datetime) -> Sequence[tuple[int, QueueLogEntry]]:
        wanted = select(tables.queue_event).where(Q.id > number, Q.at >= since).order_by(Q.id)
        return [(row.id, _entry(row)) for row in (await self._session.execute(wanted)).all()]


def _entry(row: Row[Any]) -> QueueLogEntry:
    return QueueLogEntry(row.at, row.call_id, row.queue, row.seat, row.event, tuple(row.data))


class TaskRepository(Repository):
    async def get(self, task_id: str) -> Task | None:
        return await self._session.get(Task, task_id)

    async def open(self, seat: str) -> Sequence[Task]:
        wanted = select(Task).where(T.done_at.is_(None), or_(T.seat == "", T.seat == seat))
        return await self._all(wanted.order_by(T.danger.desc(), T.due_at).limit(50))

    async def open_of_contact(self, contact_id: str) -> Sequence[Task]:
        return await self._all(select(Task).where(T.contact_id == contact_id, T.done_at.is_(None)))

    async def of_call(self, call_id: str) -> Task | None:
        return await self._by(Task, T.call_id == call_id)

    async def of_message(self, message_id: str) -> Task | None:
        return await self._by(Task, T.message_id == message_id)

    async def count_open(self, kind: TaskKind) -> int:
        wanted = select(func.count()).where(T.kind == kind, T.done_at.is_(None))
        return await self._session.scalar(wanted) or 0

    def add(self, task: Task) -> None:
        self._session.add(task)
