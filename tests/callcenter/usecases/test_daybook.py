from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from callcenter.domain.telephony import QueueLogEntry
from callcenter.usecases.daybook import DayBook

MIDNIGHT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


@dataclass
class Numbered:
    """Queue books that note from where they were read."""

    rows: dict[int, QueueLogEntry] = field(default_factory=dict)
    read_from: list[int] = field(default_factory=list)

    def add(self, number: int, event: str, call: str, *data: str, at: datetime = MIDNIGHT) -> None:
        seat = "" if event == "ENTERQUEUE" else "1027"
        self.rows[number] = QueueLogEntry(at, call, "general", seat, event, data)

    async def cursor(self, source: str) -> str:
        raise NotImplementedError

    async def write(self, entries: Sequence[QueueLogEntry], source: str, cursor: str) -> None:
        raise NotImplementedError

    async def between(self, since: datetime, until: datetime) -> Sequence[QueueLogEntry]:
        raise NotImplementedError

    async def count(self, since: datetime) -> int:
        return sum(entry.at >= since for entry in self.rows.values())

    async def after(self, number: int, since: datetime) -> Sequence[tuple[int, QueueLogEntry]]:
        self.read_from.append(number)
        return [(n, entry) for n, entry in sorted(self.rows.items()) if n > number and entry.at >= since]


async def test_the_book_is_read_on_from_where_it_was_left() -> None:
    books, day = Numbered(), DayBook()
    books.add(1, "ENTERQUEUE", "a", "", "13800005526", "1")
    assert [call.answered for call in await day.calls(books, MIDNIGHT)] == [False]
    books.add(2, "CONNECT", "a", "4", "leg", "2")
    books.add(3, "ENTERQUEUE", "b", "", "13800005527", "1")
    calls = await day.calls(books, MIDNIGHT)
    assert [(call.call_id, call.seat, call.waited_s) for call in calls] == [
        ("a", "1027", 4.0),
        ("b", "", None),
    ]
    assert books.read_from == [0, 1]


async def test_an_entry_that_came_late_under_a_smaller_number_is_not_missed() -> None:
    books, day = Numbered(), DayBook()
    books.add(1, "ENTERQUEUE", "a", "", "13800005526", "1")
    books.add(3, "ENTERQUEUE", "c", "", "13800005528", "1")
    await day.calls(books, MIDNIGHT)
    books.add(2, "ENTERQUEUE", "b", "", "13800005527", "1")
    assert {call.call_id for call in await day.calls(books, MIDNIGHT)} == {"a", "b", "c"}


async def test_a_new_day_begins_a_new_book() -> None:
    books, day = Numbered(), DayBook()
    tomorrow = MIDNIGHT + timedelta(days=1)
    books.add(1, "ENTERQUEUE", "a", "", "13800005526", "1")
    await day.calls(books, MIDNIGHT)
    books.add(2, "ENTERQUEUE", "b", "", "13800005527", "1", at=tomorrow)
    assert [call.call_id for call in await day.calls(books, tomorrow)] == ["b"]
