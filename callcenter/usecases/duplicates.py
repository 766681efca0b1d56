"""Open cases about the same matter, offered while the form is filled. A person joins them, or does not.

The index is in memory (ADR 0012): read once at the start, then read on before every look-up, so that
what a colleague filed a second ago, on this node or another, is there. Nobody waits for the start: until
all is read, what has been read is searched.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from callcenter.domain.cases import Case
from callcenter.domain.duplicates import CaseNews, Question, Spot
from callcenter.domain.open_cases import WINDOW, Match, OpenCases
from callcenter.ports import Likeness
from callcenter.store import UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger(__name__)

LIKELY = 0.28  # found on the tuning half of the labelled pairs, docs/benchmarks.md
SHOWN = 3
PAGE = 500  # cases: what the loop can take from the database without standing still
OVERLAP = timedelta(minutes=1)  # transactions end in another order than they began in


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An open case that may be the same matter. `score` 0 to 1; `distance_m` None = no point on one side;
    `same` are words that both texts say.
    """

    case: Case
    score: float
    distance_m: float | None
    same_caller: bool
    same_class: bool
    same: Sequence[str]


@dataclass(frozen=True, slots=True)
class Form:
    """What the form says so far; `classes`: code -> how sure."""

    text: str
    place: str
    spot: Spot | None
    classes: Mapping[str, float]
    contact_id: str


class DuplicateFinder:
    """One per process. Text work and look-ups run beside the loop, one after the other."""

    def __init__(self, likeness: Likeness) -> None:
        self._likeness = likeness
        self._open = OpenCases()
        self._turn = asyncio.Lock()
        self._read_to = ""
        self._complete = False
        self._since: datetime | None = None

    async def load(self, reading: UnitOfWorkFactory, now: datetime) -> None:
        """Read what is not read yet. For the clock: a look-up alone reads one page at most."""
        was_complete = self._complete
        while True:
            async with reading() as uow:
                await self._read_on(uow, now)
            if self._complete:
                break
        if not was_complete:
            log.info("open_cases_indexed", count=len(self._open))

    async def find(self, uow: UnitOfWork, form: Form, now: datetime) -> list[Duplicate]:
        """At most three, best first."""
        own = await uow.cases.open_of_contact(form.contact_id) if form.contact_id else ()
        await self._read_on(uow, now)
        async with self._turn:
            found = await asyncio.to_thread(self._look, form, frozenset(case.id for case in own), now)
        cases = await uow.cases.some(match.case_id for match in found)
        return [
            self._duplicate(form, match, cases[match.case_id]) for match in found if match.case_id in cases
        ]

    def _look(self, form: Form, own: frozenset[str], now: datetime) -> list[Match]:
        told = self._likeness.read(form.text, form.place)
        return self._open.find(Question(told, now, form.classes, form.spot, own), LIKELY, SHOWN)

    def _duplicate(self, form: Form, match: Match, case: Case) -> Duplicate:
        return Duplicate(
            case=case,
            score=match.score,
            distance_m=match.away_m,
            same_caller=match.same_caller,
            same_class=form.classes.get(case.category, 0.0) == max(form.classes.values(), default=1.0),
            same=self._likeness.same(form.text, case.content),
        )

    async def _read_on(self, uow: UnitOfWork, now: datetime) -> None:
        async with self._turn:
            since = self._since or now
            if self._complete:
                page = await uow.cases.changed_since(since - OVERLAP)
            else:
                page = await uow.cases.open_after(self._read_to, now - WINDOW, PAGE)
                self._read_to = page[-1].id if page else self._read_to
            news = [one for one in page if not self._open.knows(one)]
            if news:
                await asyncio.to_thread(self._take, news)
            if self._complete:
                self._since = max((since, *(one.updated_at for one in page)))
            else:
                self._since, self._complete = since, len(page) < PAGE

    def _take(self, news: Sequence[CaseNews]) -> None:
        for one in news:
            if one.open:
                self._open.put(one, self._likeness.read(one.content, one.place))
            else:
                self._open.drop(one.id)
