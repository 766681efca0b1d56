"""Use cases run on both databases: SQLite always, PostgreSQL where the marker is selected."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.db import migrate
from callcenter.db.engine import open_engine
from callcenter.usecases.context import Context
from tests.builders import a_user, codes, context_on


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}"
    else:
        url = request.getfixturevalue("fresh_postgres_url")
    engine = open_engine(url)
    await migrate.upgrade(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def context(engine: AsyncEngine) -> Context:
    """A hotline with two seats, an acceptor, a dispatcher, two departments and a follow-up caller."""
    context = context_on(engine)
    async with context.uow() as uow:
        await uow.codes.add_all(codes())
        for user in (
            a_user(),
            a_user(no="1028"),
            a_user("acceptor", "2001"),
            a_user("dispatcher", "2101"),
            a_user("department", "3001", "shizheng"),
            a_user("department", "3003", "paishui"),
            a_user("follow_up", "2301"),
            a_user("supervisor", "1201"),
        ):
            uow.staff.add(user)
        await uow.commit()
    return context
