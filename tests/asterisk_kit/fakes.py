"""A desk and a ledger that write down what telephony tells them, and answer as told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from callcenter.domain.telephony import CallRecord, QueueLogEntry, Route, Routing, TelephonyEvent

E = TypeVar("E")


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class ScriptedDesk:
    """`routings` by the citizen's number; everybody else gets `routing`."""

    routing: Routing = field(default_factory=lambda: Routing(Route.QUEUE, "general"))
    routings: dict[str, Routing] = field(default_factory=dict)
    case: str | None = "LJ20261121000001"
    arrived: list[tuple[str, str, str]] = field(default_factory=list)
    callbacks: list[str] = field(default_factory=list)
    surveys: list[tuple[str, int | None, bool | None]] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    events: list[TelephonyEvent] = field(default_factory=list)

    async def arrive(self, call_id: str, number: str, dialled: str) -> Routing:
        self.arrived.append((call_id, number, dialled))
        return self.routings.get(number, self.routing)

    async def wants_callback(self, call_id: str) -> None:
        self.callbacks.append(call_id)

    async def survey_case(self, followup_id: str) -> str | None:
        return self.case

    async def survey_answered(self, followup_id: str, score: int | None, solved: bool | None) -> None:
        self.surveys.append((followup_id, score, solved))

    async def survey_failed(self, followup_id: str, reason: str) -> None:
        self.failures.append((followup_id, reason))

    async def told(self, event: TelephonyEvent) -> None:
        self.events.append(event)

    def heard(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


@dataclass
class ListLedger:
    """`broken` is raised instead of storing, as long as it is set."""

    entries: list[QueueLogEntry] = field(default_factory=list)
    records: list[CallRecord] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)
    broken: Exception | None = None
    poison: str = ""

    async def cursor(self, source: str) -> str:
        self._maybe_break()
        return self.cursors.get(source, "")

    async def queue_log(self, entries: Sequence[QueueLogEntry], source: str, cursor: str) -> None:
        self._maybe_break()
        self.entries.extend(entries)
        self.cursors[source] = cursor

    async def finished_call(self, record: CallRecord) -> None:
        self._maybe_break()
        if record.call_id == self.poison:
            raise ValueError("a record that the database refuses")
        if record.call_id not in {known.call_id for known in self.records}:
            self.records.append(record)

    def of(self, number: str) -> list[CallRecord]:
        return [record for record in self.records if record.number == number]

    def _maybe_break(self) -> None:
        if self.broken is not None:
            raise self.broken
