"""The database engine: SQLite in WAL mode by default, PostgreSQL in production."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

BUSY_TIMEOUT_MS = 5_000
WAIT_S = 10.0
READERS = 12


def open_engine(url: str) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`.

    Errors hide their parameters: those are citizens' words and numbers, and errors end up in logs.
    """
    if make_url(url).get_backend_name() != "sqlite":
        # last in, first out: each connection prepares its statements anew, so few are kept busy
        return create_async_engine(
            url,
            pool_size=10,
            max_overflow=10,
            pool_pre_ping=True,
            pool_use_lifo=True,
            hide_parameters=True,
        )
    # SQLite has one writer at a time. With one connection they queue for it, first come first served;
    # with several each would ask again and again, and who asked last might be let in first.
    engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=WAIT_S, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _tune_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_immediately)
    return engine


def _readers(engine: AsyncEngine) -> AsyncEngine:
    """For transactions that only look: they wait for no writer, and no call waits for a page.

    A write in one of them is refused by the database.
    """
    if engine.dialect.name != "sqlite":
        return engine.execution_options(postgresql_readonly=True)
    # none beyond the pool: to open a connection costs more than what a page reads with it
    readers = create_async_engine(
        engine.url, pool_size=READERS, max_overflow=0, pool_timeout=WAIT_S, hide_parameters=True
    )
    event.listen(readers.sync_engine, "connect", _tune_sqlite)
    event.listen(readers.sync_engine, "connect", _refuse_writes)
    event.listen(readers.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "engine_disposed", lambda _: readers.sync_engine.dispose())
    return readers


def _tune_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_immediately
    _pragmas(
        connection,
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    )


def _refuse_writes(connection: Any, _record: object) -> None:
    _pragmas(connection, "query_only=ON")


def _pragmas(connection: Any, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediately(connection: Any) -> None:
    """A deferred transaction that reads and then writes fails at once when another one wrote in
    between, whatever the busy timeout; an immediate one waits its turn.
    """
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


def session_factory(engine: AsyncEngine, *, reading: bool = False) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(_readers(engine) if reading else engine, expire_on_commit=False, autoflush=True)
