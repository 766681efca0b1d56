"""Measures a keyword table on the last ten thousand confirmed reports, beside the loop, with progress.

The table in force is ranked once; of a draft only texts in which a changed word stands are ranked again.
Knows no person and no page; `usecases.rules` decides what becomes of a table.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import TypeVar

from callcenter.domain.rule_figures import Figures, Flip, figures, flips
from callcenter.domain.rules import Confirmed, ReadText, RuleVersion, RuleWord, differences
from callcenter.ports import KeywordRules, RuleEngine
from callcenter.store import UnitOfWorkFactory

MOST_REPORTS = 10_000
MOST_TERMS = 500  # of which it pays to know whether they stand in a text
CHUNK = 250  # texts per turn of a worker thread; between two turns the loop hears of progress
Ranked = tuple[str, tuple[str, ...]]
_In = TypeVar("_In")
_Out = TypeVar("_Out")


@dataclass(frozen=True, slots=True)
class Sample:
    report: Confirmed
    text: ReadText


@dataclass(frozen=True, slots=True)
class Table:
    """A version with its words as they are at this revision."""

    number: int
    revision: int
    words: Sequence[RuleWord]

    @classmethod
    def of(cls, version: RuleVersion, words: Sequence[RuleWord]) -> "Table":
        return cls(version.number, version.revision, words)

    @property
    def key(self) -> tuple[int, int]:
        return self.number, self.revision


@dataclass(frozen=True, slots=True)
class Effect:
    """What a table does on `reports` confirmed reports, beside the one in force (`base`)."""

    base: int
    version: int
    reports: int
    before: Figures
    after: Figures
    flips: tuple[Flip, ...]
    seconds: float


@dataclass
class Measuring:
    """A measurement under way or finished; `done` of `total` texts."""

    base: tuple[int, int]
    version: tuple[int, int]
    done: int = 0
    total: int = 0
    task: asyncio.Task[Effect] | None = None


@dataclass(frozen=True, slots=True)
class Shadow:
    number: int
    rules: KeywordRules


@dataclass
class RuleLab:
    """What is kept in memory: the table that runs, the one in shadow, texts as read, their ranks."""

    engine: RuleEngine
    running: tuple[str, int] = ("", 0)  # standard, version
    shadow: Shadow | None = None
    switching: asyncio.Lock = field(default_factory=asyncio.Lock)
    standard: str = ""  # of the samples
    samples: list[Sample] = field(default_factory=list)
    measuring: Measuring | None = None
    _ranks: dict[tuple[int, int], dict[str, tuple[str, ...]]] = field(default_factory=dict)
    _advice: str = ""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def measure(self, reading: UnitOfWorkFactory, standard: str, base: Table, draft: Table) -> Measuring:
        """The measurement of these two tables: the one that is there, else a new one."""
        known = self.measuring
        if known is not None and (known.base, known.version) == (base.key, draft.key):
            return known
        if known is not None and known.task is not None:
            known.task.cancel()
        mine = Measuring(base.key, draft.key)
        mine.task = asyncio.create_task(self._measure(reading, standard, (base, draft), mine))
        self.measuring = mine
        return mine

    def forget(self, report_id: str) -> None:
        """A report that measures nothing any more."""
        self.samples = [sample for sample in self.samples if sample.report.report_id != report_id]
        self.measuring = None

    def forget_all(self) -> None:
        self.samples, self._ranks, self.measuring = [], {}, None

    def hits(self, terms: Sequence[str]) -> dict[str, Counter[str]]:
        """Term -> confirmed class -> number of reports in which the term stands."""
        watch = self.engine.watch(terms)
        counts: dict[str, Counter[str]] = {term: Counter() for term in terms}
        for sample in self.samples:
            for term in watch(sample.text):
                counts[term][sample.report.code] += 1
        return counts

    async def _measure(
        self, reading: UnitOfWorkFactory, standard: str, tables: tuple[Table, Table], mine: Measuring
    ) -> Effect:
        base, draft = tables
        async with self._turn:
            began = perf_counter()
            await self._refresh(reading, standard, mine)
            before = await self._ranks_of(base, mine)
            words = await asyncio.to_thread(self._touched, differences(base.words, draft.words))
            touched = [sample for sample in self.samples if sample.report.report_id in words]
            after = before | await self._rank(draft, touched, mine)
            self._ranks = {base.key: before, draft.key: after}
            reports = [sample.report for sample in self.samples]
            return Effect(
                base.number,
                draft.number,
                len(reports),
                await asyncio.to_thread(figures, reports, before),
                await asyncio.to_thread(figures, reports, after),
                flips(reports, before, after, words),
                perf_counter() - began,
            )

    async def _refresh(self, reading: UnitOfWorkFactory, standard: str, mine: Measuring) -> None:
        """Reads the reports that were confirmed since the last look."""
        if standard != self.standard:
            self.samples, self._ranks, self.standard = [], {}, standard
        if self.engine.advice != self._advice:
            self._ranks, self._advice = {}, self.engine.advice
        newest = self.samples[0].report.filed_at if self.samples else None
        async with reading() as uow:
            found = await uow.rules.confirmed(standard, newest, MOST_REPORTS)
        known = {sample.report.report_id for sample in self.samples}
        fresh = [report for report in found if report.report_id not in known]
        self.samples = [*await self._in_turns(self._read, fresh, mine), *self.samples][:MOST_REPORTS]

    def _read(self, reports: Sequence[Confirmed]) -> list[Sample]:
        return [Sample(report, self.engine.read(report.content)) for report in reports]

    async def _ranks_of(self, table: Table, mine: Measuring) -> dict[str, tuple[str, ...]]:
        known = self._ranks.get(table.key, {})
        there = {sample.report.report_id for sample in self.samples}
        missing = [sample for sample in self.samples if sample.report.report_id not in known]
        kept = {report_id: codes for report_id, codes in known.items() if report_id in there}
        return kept | await self._rank(table, missing, mine)

    async def _rank(
        self, table: Table, samples: Sequence[Sample], mine: Measuring
    ) -> dict[str, tuple[str, ...]]:
        if not samples:
            return {}
        rules = await asyncio.to_thread(self.engine.compile, table.words)
        return dict(await self._in_turns(partial(_rank, rules), samples, mine))

    @staticmethod
    async def _in_turns(
        work: Callable[[Sequence[_In]], Sequence[_Out]], items: Sequence[_In], mine: Measuring
    ) -> list[_Out]:
        mine.total += len(items)
        out: list[_Out] = []
        for start in range(0, len(items), CHUNK):
            part = items[start : start + CHUNK]
            out += await asyncio.to_thread(work, part)
            mine.done += len(part)
        return out

    def _touched(self, terms: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """Report id -> the changed words that stand in it; all of them when nearly everything changed."""
        if not terms:
            return {}
        if len(terms) > MOST_TERMS:
            return {sample.report.report_id: () for sample in self.samples}
        watch = self.engine.watch(terms)
        seen = ((sample.report.report_id, watch(sample.text)) for sample in self.samples)
        return {report_id: tuple(sorted(words)) for report_id, words in seen if words}


def _rank(rules: KeywordRules, samples: Sequence[Sample]) -> list[Ranked]:
    return [(s.report.report_id, tuple(c.code for c in rules.rank(s.text))) for s in samples]
