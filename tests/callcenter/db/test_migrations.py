"""Migrations and tables say the same, and an older database keeps what it holds. On both databases."""

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.db import migrate, tables
from callcenter.db.engine import session_factory
from callcenter.db.uow import SqlUnitOfWork
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


CONTACT = """
INSERT INTO contact (id, number, created_at, name, language, business, flags, blocked_reason)
VALUES ('c', '13800005526', '2026-01-01 00:00:00', '', '', false, '[]', '')
"""
SENT = """
INSERT INTO outbox (id, channel, recipient, text, purpose, template, created_at, contact_id, case_id, state,
  attempts, resent, parts, last_code)
VALUES ('m', 'sms', '13800005526', 'x', 'survey', 'survey', '2026-01-01 00:00:00', 'c', '', 'failed', 1,
  false, 1, '')
"""
GOT = """
INSERT INTO inbox (id, channel, event_key, sender, text, received_at, addressed, contact_id, case_id,
  attempts)
VALUES ('i', 'sms', 'e1', '13800005526', '1', '2026-01-01 00:00:00', '', 'c', '', 0)
"""
DELIVERED = "INSERT INTO delivery VALUES ('sms', 'a1', 'm', 0, 'failed', 'x', '2026-01-01 00:00:00')"


async def test_people_and_messages_of_before_are_found_by_their_number_and_stay_history(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(migrate._config(sync), "0002"))
        for statement in (CONTACT, SENT, GOT, DELIVERED):
            await connection.execute(text(statement))
    await migrate.upgrade(engine)
    async with SqlUnitOfWork(session_factory(engine)) as uow:
        contact = await uow.contacts.by_number("13800005526")
        assert contact is not None
        assert contact.id == "c"
        assert await uow.messages.undelivered(10) == []  # nobody is sent after old failures
        (got,) = await uow.messages.received_from("13800005526", 5)
        (sent,) = await uow.messages.sent_to("13800005526", 5)
        assert (got.account, got.answers, sent.via, sent.priority, sent.params) == ("sms", [], "sms", 3, {})
        found = await uow.messages.answered_by("sms", ["a1"])
        assert found is not None
        assert found.id == "m"
