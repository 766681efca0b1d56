"""The database of one installation: is it at the newest schema, bring it there."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.config import Settings
from callcenter.db import migrate
from callcenter.db.engine import open_engine
from callcenter.setup.failures import SetupError

T = TypeVar("T")


def is_newest(settings: Settings) -> bool:
    """Whether the database has the schema that this code wants. `SetupError` when it refuses."""
    return asyncio.run(_with_engine(settings, migrate.current)) == migrate.newest()


def upgrade(settings: Settings) -> None:
    """Bring it to the newest schema. `SetupError` when it refuses."""
    asyncio.run(_with_engine(settings, migrate.upgrade))


async def _with_engine(settings: Settings, use: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    try:
        return await use(engine)
    except Exception as error:  # every driver has its own kinds
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        remedy = "start it, or correct HOTLINE_DATABASE_URL"
        raise SetupError(f"the database refuses ({why}); {remedy}.") from error
    finally:
        await engine.dispose()
