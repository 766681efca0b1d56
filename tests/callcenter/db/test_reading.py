"""Who only looks waits for no writer, holds nobody up, and cannot write. On both databases."""

import asyncio

import pytest
from sqlalchemy.exc import DBAPIError

from callcenter.usecases.context import Context
from tests.builders import a_user


async def test_a_page_is_read_while_a_call_is_written(context: Context) -> None:
    async with context.uow() as writer:
        seat = await writer.staff.by_staff_no("1027")
        assert seat is not None
        seat.name = "改名中"
        await writer.codes.departments()  # sends what has changed so far
        async with asyncio.timeout(2), context.reading() as reader:
            seen = await reader.staff.by_staff_no("1027")
        assert seen is not None
        assert seen.name == "工号1027"
        await writer.commit()


async def test_a_call_is_written_while_a_page_is_read(context: Context) -> None:
    async with context.reading() as reader:
        await reader.staff.everybody()
        async with asyncio.timeout(2), context.uow() as writer:
            writer.staff.add(a_user(no="1029"))
            await writer.commit()


async def test_what_only_looks_cannot_write(context: Context) -> None:
    async with context.reading() as reader:
        reader.staff.add(a_user(no="1029"))
        with pytest.raises(DBAPIError):
            await reader.commit()
