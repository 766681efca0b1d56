"""The kit gives a real, separate PostgreSQL."""

import asyncpg
import pytest

pytestmark = pytest.mark.postgres


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_the_session_database_answers(postgres_url: str) -> None:
    assert await ask(postgres_url, "select current_database()") == "hotline"


async def test_a_fresh_database_is_empty_and_its_own(postgres_url: str, fresh_postgres_url: str) -> None:
    assert fresh_postgres_url != postgres_url
    tables = "select count(*) from information_schema.tables where table_schema = 'public'"
    assert await ask(fresh_postgres_url, tables) == 0


async def test_chinese_text_keeps_its_order_and_length(fresh_postgres_url: str) -> None:
    assert await ask(fresh_postgres_url, "select length('澜江市')") == 3
