"""Keyword tables with their history, confirmed reports to measure them on, suggestions and choices."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from callcenter.db import rule_tables, tables
from callcenter.db.repository import Repository
from callcenter.domain.errors import ConflictError
from callcenter.domain.reports import Decision
from callcenter.domain.rules import (
    Acceptance,
    Confirmed,
    Mislabel,
    Phase,
    RuleEdit,
    RuleVersion,
    RuleWord,
    Setting,
    ShadowResult,
    SuggestionRecord,
)

V, W, E = rule_tables.version.c, rule_tables.word.c, rule_tables.edit.c
S, M, R = rule_tables.suggestion.c, rule_tables.mislabel.c, tables.report.c
_WORD = (W.code, W.name, W.kind, W.term, W.weight, W.enabled, W.author, W.changed_at, W.revision, W.id)


def _word(row: Any) -> RuleWord:
    return RuleWord(*row)


def _values(number: int, word: RuleWord) -> dict[str, Any]:
    return {
        **word.record(),
        "version": number,
        "author": word.author,
        "changed_at": word.changed_at,
        "revision": word.revision,
    }


@contextmanager
def _told_as_conflict() -> Iterator[None]:
    """Two people who begin the same version or put in the same word at once: the second is told."""
    try:
        yield
    except IntegrityError as error:
        raise ConflictError("刚才有人先改了同一处，请刷新后再试。") from error


class RuleRepository(Repository):
    async def take_turn(self) -> None:
        """The first version ever is the door: on PostgreSQL its lock, on SQLite the transaction itself."""
        await self._session.execute(select(V.number).order_by(V.number).limit(1).with_for_update())

    async def versions(self, standard: str, limit: int) -> Sequence[RuleVersion]:
        wanted = select(RuleVersion).where(V.standard == standard)
        return await self._all(wanted.order_by(V.number.desc()).limit(limit))

    async def version(self, number: int, *, lock: bool = False) -> RuleVersion | None:
        wanted = select(RuleVersion).where(V.number == number)
        return await self._one(wanted.with_for_update() if lock else wanted)

    async def in_phase(self, standard: str, phase: Phase) -> RuleVersion | None:
        return await self._by(RuleVersion, V.standard == standard, V.phase == phase)

    async def last_number(self) -> int:
        return (await self._session.scalar(select(func.max(V.number)))) or 0

    async def add(self, version: RuleVersion, words: Sequence[RuleWord]) -> None:
        self._session.add(version)
        with _told_as_conflict():
            await self._session.flush()
        await self._insert(version.number, words)

    async def words(self, number: int) -> Sequence[RuleWord]:
        rows = await self._session.execute(select(*_WORD).where(W.version == number).order_by(W.id))
        return [_word(row) for row in rows]

    async def word(self, number: int, word_id: int) -> RuleWord | None:
        row = (
            await self._session.execute(select(*_WORD).where(W.version == number, W.id == word_id))
        ).first()
        return _word(row) if row else None

    async def find_word(self, number: int, code: str, term: str) -> RuleWord | None:
        mine = (W.version == number, W.code == code, W.term == term)
        row = (await self._session.execute(select(*_WORD).where(*mine))).first()
        return _word(row) if row else None

    async def add_word(self, number: int, word: RuleWord) -> int:
        put = insert(rule_tables.word).values(_values(number, word)).returning(W.id)
        with _told_as_conflict():
            return int((await self._session.execute(put)).scalar_one())

    async def change_word(self, number: int, word: RuleWord) -> bool:
        """False = somebody changed it since this revision of it was read."""
        values = {**_values(number, word), "revision": word.revision + 1}
        mine = (W.version == number, W.id == word.id, W.revision == word.revision)
        with _told_as_conflict():
            done = await self._session.execute(update(rule_tables.word).where(*mine).values(values))
        return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE has one

    async def drop_word(self, number: int, word: RuleWord) -> bool:
        mine = (W.version == number, W.id == word.id, W.revision == word.revision)
        done = await self._session.execute(delete(rule_tables.word).where(*mine))
        return bool(done.rowcount)  # type: ignore[attr-defined]  # a DELETE has one

    async def replace_words(self, number: int, words: Sequence[RuleWord]) -> None:
        await self._session.execute(delete(rule_tables.word).where(W.version == number))
        await self._insert(number, words)

    async def _insert(self, number: int, words: Sequence[RuleWord]) -> None:
        if words:
            rows = [_values(number, word) for word in words]
            await self._session.execute(insert(rule_tables.word), rows)

    def log(self, edit: RuleEdit) -> None:
        self._session.add(edit)

    async def edits(self, number: int, limit: int) -> Sequence[RuleEdit]:
        wanted = select(RuleEdit).where(E.version == number)
        return await self._all(wanted.order_by(E.at.desc(), E.id.desc()).limit(limit))

    async def setting(self, key: str) -> str:
        found = await self._session.get(Setting, key)
        return found.value if found else ""

    async def set(self, key: str, value: str) -> None:
        await self._session.merge(Setting(key, value))

    async def confirmed(self, standard: str, since: datetime | None, limit: int) -> Sequence[Confirmed]:
        chose = or_(R.category != "", and_(R.decision == Decision.ANSWER, R.category == ""))
        wanted = (
            select(R.id, R.number, R.content, R.category, R.filed_at)
            .outerjoin(rule_tables.mislabel, M.report_id == R.id)
            .where(R.standard == standard, R.filed_by != "", chose, M.report_id.is_(None))
        )
        if since is not None:
            wanted = wanted.where(R.filed_at >= since)
        rows = await self._session.execute(wanted.order_by(R.filed_at.desc()).limit(limit))
        return [Confirmed(*row) for row in rows]

    async def mislabel(self, mark: Mislabel) -> None:
        await self._session.merge(mark)

    async def unmark(self, report_id: str) -> None:
        await self._session.execute(delete(rule_tables.mislabel).where(M.report_id == report_id))

    def suggested(self, record: SuggestionRecord) -> None:
        self._session.add(record)

    async def suggestion(self, report_id: str) -> SuggestionRecord | None:
        return await self._session.get(SuggestionRecord, report_id)

    async def acceptance(self, standard: str, since_day: str) -> Sequence[Acceptance]:
        counts = (func.count(), func.count().filter(S.rank == 1), func.count().filter(S.rank > 0))
        wanted = select(S.day, S.first, *counts).where(S.standard == standard, S.day >= since_day)
        rows = await self._session.execute(wanted.group_by(S.day, S.first).order_by(S.day))
        return [Acceptance(*row) for row in rows]

    async def shadow_result(self, number: int) -> ShadowResult:
        wanted = select(
            func.count(),
            func.count().filter(S.shadow_first == S.first),
            func.count().filter(S.shadow_rank == 1),
            func.count().filter(S.rank == 1),
        ).where(S.shadow_version == number)
        return ShadowResult(*(await self._session.execute(wanted)).one())
