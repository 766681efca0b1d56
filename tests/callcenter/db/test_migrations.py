"""Migrations and tables say the same, and an older database keeps what it holds. On both databases."""

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.db import migrate, tables
from tests.builders import STANDARD

REPORT = """
INSERT INTO report (id, number, client_key, filed_at, filed_by, decision, channel, appeal, urgency, content,
  title, call_id, contact_id, dialled, category, category_name, place, caller_name, phone, confidential,
  wants_followup, public, notify, answer, reason, case_id, shown, suggestion_version)
VALUES ('r', '20260101-0001', 'k', '2026-01-01 00:00:00', 'u', 'case', 'phone', 'help', 'normal', '路面塌了',
  '', '', '', '', '事件|05|05', '路面塌陷', '', '', '', false, true, false, true, '', '', '', '["x"]', '1')
"""


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, tables.metadata))


async def test_the_migrations_make_the_tables_that_the_code_wants(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_a_report_of_before_keeps_its_class_and_gets_the_standard_it_was_of(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(migrate._config(sync), "0001"))
        await connection.execute(text(REPORT))
    await migrate.upgrade(engine)
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT category, standard FROM report"))).one()
    assert tuple(row) == ("事件|05|05", STANDARD)
