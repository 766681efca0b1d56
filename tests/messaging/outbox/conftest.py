"""One outbox in memory, and one on each database."""

from collections.abc import AsyncIterator

import pytest

from tests.messaging.outbox.kit import InDatabase, InMemory, in_database

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=["memory", *DATABASES])
async def books(request, tmp_path) -> AsyncIterator[InMemory | InDatabase]:
    if request.param == "memory":
        yield InMemory()
    else:
        async for one in in_database(request, tmp_path):
            yield one


@pytest.fixture(params=DATABASES)
async def database(request, tmp_path) -> AsyncIterator[InDatabase]:
    async for one in in_database(request, tmp_path):
        yield one
