"""Group commit: everybody waits for their own item, a bad one costs only its own caller."""

import asyncio
from collections.abc import Sequence

import pytest

from callcenter.batches import Batches


class Disk:
    """Writes down what it is given; `bad` items break every batch that they are in."""

    def __init__(self, *bad: int, away: bool = False) -> None:
        self.bad, self.away = set(bad), away
        self.batches: list[list[int]] = []

    async def write(self, items: Sequence[int]) -> Sequence[str]:
        await asyncio.sleep(0)
        self.batches.append(list(items))
        if self.away or self.bad & set(items):
            raise OSError("no")
        return [f"{item} written" for item in items]


async def test_what_waits_at_the_same_time_is_written_at_once():
    disk = Disk()
    batches = Batches(disk.write, limit=10)
    results = await asyncio.gather(*(batches.put(number) for number in range(25)))
    assert results == [f"{number} written" for number in range(25)]
    assert [len(batch) for batch in disk.batches] == [10, 10, 5]


async def test_one_alone_does_not_wait_for_others():
    disk = Disk()
    assert await Batches(disk.write).put(1) == "1 written"
    assert disk.batches == [[1]]


async def test_a_bad_item_fails_alone():
    disk = Disk(3)
    batches = Batches(disk.write)
    results = await asyncio.gather(*(batches.put(number) for number in range(6)), return_exceptions=True)
    assert [isinstance(one, OSError) for one in results] == [False, False, False, True, False, False]


async def test_a_disk_that_is_away_is_not_asked_for_every_item():
    disk = Disk(away=True)
    batches = Batches(disk.write)
    results = await asyncio.gather(*(batches.put(number) for number in range(50)), return_exceptions=True)
    assert all(isinstance(one, OSError) for one in results)
    assert len(disk.batches) == 3  # the batch, and two by themselves


async def test_it_works_again_after_a_failure():
    disk = Disk(away=True)
    batches = Batches(disk.write)
    with pytest.raises(OSError, match="no"):
        await batches.put(1)
    disk.away = False
    assert await batches.put(2) == "2 written"


async def test_a_caller_that_gave_up_holds_up_nobody():
    disk = Disk()
    batches = Batches(disk.write)
    impatient = asyncio.create_task(batches.put(1))
    patient = asyncio.create_task(batches.put(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == "2 written"
