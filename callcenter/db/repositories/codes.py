"""Code tables, city data, drafts and the access log."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from callcenter.db import code_tables, tables
from callcenter.db.repository import Repository
from callcenter.domain.codes import (
    Bulletin,
    Category,
    Condition,
    Department,
    DispatchRule,
    Knowledge,
    MapLayer,
)
from callcenter.domain.records import Access, DraftNote

K, N, D, A = code_tables.category.c, code_tables.condition.c, tables.draft.c, tables.access.c


class CodeRepository(Repository):
    async def categories(self, standard: str) -> Sequence[Category]:
        wanted = select(Category).where(K.standard == standard)
        return await self._all(wanted.order_by(K.kind, K.major, K.minor))

    async def category(self, standard: str, code: str) -> Category | None:
        return await self._by(Category, K.standard == standard, K.code == code)

    async def standards(self) -> Mapping[str, int]:
        wanted = select(K.standard, func.count()).group_by(K.standard).order_by(K.standard)
        rows = (await self._session.execute(wanted)).all()
        return {row[0]: row[1] for row in rows}

    async def conditions(self, standard: str, code: str) -> Sequence[Condition]:
        wanted = select(Condition).where(N.standard == standard, N.category == code)
        return await self._all(wanted.order_by(N.no))

    async def first_conditions(self, standard: str) -> Mapping[str, Condition]:
        rows = await self._all(select(Condition).where(N.standard == standard, N.no == 1))
        return {row.category: row for row in rows}

    async def departments(self) -> Sequence[Department]:
        return await self._all(select(Department).order_by(code_tables.department.c.id))

    async def department(self, department_id: str) -> Department | None:
        return await self._session.get(Department, department_id)

    async def dispatch_rules(self, standard: str) -> Sequence[DispatchRule]:
        rules = code_tables.dispatch_rule.c
        wanted = select(DispatchRule).where(rules.standard == standard)
        return await self._all(wanted.order_by(rules.id))

    async def knowledge(self) -> Sequence[Knowledge]:
        return await self._all(select(Knowledge).order_by(code_tables.knowledge.c.id))

    async def bulletins(self) -> Sequence[Bulletin]:
        return await self._all(select(Bulletin).order_by(code_tables.bulletin.c.id))

    async def layer(self, name: str) -> MapLayer | None:
        return await self._session.get(MapLayer, name)

    async def add_all(self, rows: Sequence[object]) -> None:
        self._session.add_all(rows)
        await self._session.flush()


class NoteRepository(Repository):
    async def draft(self, user_id: str, key: str) -> DraftNote | None:
        return await self._session.get(DraftNote, (user_id, key))

    async def drafts(self, user_id: str) -> Sequence[DraftNote]:
        wanted = select(DraftNote).where(D.user_id == user_id).order_by(D.saved_at.desc())
        return await self._all(wanted.limit(20))

    async def save_draft(self, note: DraftNote) -> None:
        await self._session.merge(note)

    async def drop_draft(self, user_id: str, key: str) -> None:
        await self._session.execute(delete(DraftNote).where(D.user_id == user_id, D.key == key))

    def log(self, access: Access) -> None:
        self._session.add(access)

    async def viewed_since(self, case_id: str, user_id: str, since: datetime) -> bool:
        mine = (A.case_id == case_id, A.user_id == user_id, A.kind == "view", A.at >= since)
        return await self._by(Access, *mine) is not None

    async def views_of_case(self, case_id: str, limit: int) -> Sequence[Access]:
        wanted = select(Access).where(A.case_id == case_id).order_by(A.at.desc())
        return await self._all(wanted.limit(limit))
