"""The database of one installation: is it at the newest schema, bring it there."""

import asyncio

from callcenter.config import Settings
from callcenter.db import migrate
from callcenter.db.engine import open_engine
from callcenter.setup.failures import SetupError


def is_newest(settings: Settings) -> bool:
    """Whether the database has the schema that this code wants. `SetupError` when it cannot be reached."""
    return asyncio.run(_current(settings)) == migrate.newest()


def upgrade(settings: Settings) -> None:
    asyncio.run(_upgrade(settings))


async def _current(settings: Settings) -> str | None:
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    try:
        return await migrate.current(engine)
    except OSError as error:
        raise SetupError(
            f"the database does not answer ({error}); start it, or correct HOTLINE_DATABASE_URL."
        ) from error
    finally:
        await engine.dispose()


async def _upgrade(settings: Settings) -> None:
    engine = open_engine(settings.database)
    try:
        await migrate.upgrade(engine)
    finally:
        await engine.dispose()
