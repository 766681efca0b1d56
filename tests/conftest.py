"""One event loop for the whole session, with Twisted's reactor on it, as in production.

The loop is made when this file is read: test modules that say `from twisted.internet import reactor`
are collected later and must find ours.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter import loop as hotline_loop
from callcenter.db import migrate
from callcenter.db.engine import open_engine
from callcenter.usecases.context import Context
from tests.builders import a_user, codes, context_on
from tests.postgres_kit.plugin import Cluster, name_for

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


async def _migrate(url: str) -> None:
    engine = open_engine(url)
    await migrate.upgrade(engine)
    await engine.dispose()


def _migrated(url: str) -> None:
    """On a loop of its own, in a thread of its own: the loop of the tests may be running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _migrate(url)).result()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest schema on SQLite, made once: the tests get copies."""
    path = tmp_path_factory.mktemp("migrated") / "hotline.db"
    _migrated(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_database(postgres_cluster: Cluster) -> str:
    """The same on PostgreSQL."""
    _migrated(postgres_cluster.create_database("migrated"))
    return "migrated"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def books_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the newest schema for one test."""
    if request.param == "sqlite":
        path = tmp_path / "hotline.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    name = name_for(request)
    yield cluster.create_database(name, request.getfixturevalue("migrated_database"))
    cluster.drop_database(name)


@pytest.fixture
async def engine(books_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(books_url)
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
