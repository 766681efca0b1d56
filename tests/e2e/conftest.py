"""Which database, which ports: each test that asks gets a hotline of its own."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.asterisk_kit.ports import free_base
from tests.e2e.hotline import Hotline, running_hotline, settings_for
from tests.peers.smsc.peer import SmscPeer, running_smsc


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, because Asterisk's control socket lies below it and its path may have 108 bytes."""
    path = Path(tempfile.mkdtemp(prefix="hl"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
async def smsc() -> AsyncIterator[SmscPeer]:
    async with running_smsc() as peer:
        yield peer


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else request.getfixturevalue("fresh_postgres_url")


@pytest.fixture
async def hotline(folder: Path, smsc: SmscPeer, database_url: str) -> AsyncIterator[Hotline]:
    async with running_hotline(settings_for(folder, database_url, smsc.port, free_base("e2e"))) as running:
        yield running
