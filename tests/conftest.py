"""One event loop for the whole session, with Twisted's reactor on it, as in production.

The loop is made when this file is read: test modules that say `from twisted.internet import reactor`
are collected later and must find ours.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter import loop as hotline_loop
from callcenter.db import migrate
from callcenter.db.engine import open_engine
from callcenter.usecases.context import Context
from tests.builders import a_user, codes, context_on

_LOOP = asyncio.new_event_loop()
_REACTOR = hotline_loop.install(_LOOP)


def _the_loop() -> asyncio.AbstractEventLoop:
    return _LOOP


# one object for all tests: a new function would count as another kind of loop and close the first
_FACTORIES = {"twisted": _the_loop}


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return _FACTORIES


def pytest_unconfigure() -> None:
    """Twisted looks names up in threads of its own, and those would keep a finished pytest from ending."""
    if _REACTOR.threadpool is not None:
        _REACTOR.threadpool.stop()


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
