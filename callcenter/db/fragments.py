"""Parts of long messages that wait for the others. Implements `callcenter.ports.Fragments`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from callcenter.db import message_tables
from callcenter.db.repository import Repository
from callcenter.domain.messages import Fragment, FragmentSeries

T = message_tables.fragment.c
_SERIES = ("account", "sender", "to", "reference", "total")


def _series(row: Row[Any]) -> FragmentSeries:
    account, sender, to, reference, total = tuple(row)
    return FragmentSeries(account, sender, to, reference, total)


def _of(series: FragmentSeries) -> list[ColumnElement[bool]]:
    return [T[name] == getattr(series, name) for name in _SERIES]


class SqlFragments:
    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def add(self, fragment: Fragment) -> Sequence[Fragment]:
        keys = {name: getattr(fragment.series, name) for name in _SERIES}
        rest = {
            "coding": fragment.coding,
            "payload": fragment.payload,
            "received_at": fragment.received_at,
        }
        async with self._sessions() as session:
            insert = (
                Repository(session)
                .insert(message_tables.fragment)
                .values(**keys, number=fragment.number, **rest)
            )
            unique = [T[key] for key in (*_SERIES, "number")]
            await session.execute(insert.on_conflict_do_update(index_elements=unique, set_=rest))
            await session.commit()
            # only now: of two parts stored at the same time, the later one to commit must see both
            return await _parts(session, fragment.series)

    async def overdue(self, account: str, before: datetime) -> Sequence[Sequence[Fragment]]:
        columns = [T[name] for name in _SERIES]
        old = select(*columns).where(T.account == account).group_by(*columns)
        async with self._sessions() as session, session.begin():
            rows = (await session.execute(old.having(func.max(T.received_at) < before))).all()
            return [await _parts(session, _series(row)) for row in rows]

    async def forget(self, series: FragmentSeries) -> None:
        async with self._sessions() as session, session.begin():
            await session.execute(delete(message_tables.fragment).where(*_of(series)))


async def _parts(session: AsyncSession, series: FragmentSeries) -> list[Fragment]:
    wanted = select(T.number, T.coding, T.payload, T.received_at).where(*_of(series)).order_by(T.number)
    return [Fragment(series, *row) for row in (await session.execute(wanted)).all()]
