"""What all repositories share: one session, and inserts that a race may lose without harm."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
# INSERT of the dialect, which both know `on_conflict_do_*`
INSERTS: Mapping[str, Callable[..., Any]] = {"postgresql": postgres_insert, "sqlite": sqlite_insert}


class Repository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def _one(self, statement: Select[T]) -> T | None:
        return (await self._session.scalars(statement.limit(1))).first()

    async def _all(self, statement: Select[T]) -> Sequence[T]:
        return (await self._session.scalars(statement)).all()

    async def _by(self, entity: type[T], *conditions: ColumnElement[bool]) -> T | None:
        return await self._one(select(entity).where(*conditions))

    def insert(self, table: Table) -> Any:
        return INSERTS[self._session.get_bind().dialect.name](table)

    async def _insert_once(self, table: Table, values: Mapping[str, Any], *, on: Sequence[str]) -> bool:
        """Insert unless a row with the same `on` columns is there; True = this one went in."""
        statement = self.insert(table).values(dict(values)).on_conflict_do_nothing(index_elements=on)
        inserted = await self._session.execute(statement.returning(*table.primary_key.columns))
        return inserted.first() is not None
