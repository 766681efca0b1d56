"""Reports, cases with their steps, follow-ups."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    Text,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    type_coerce,
)

from callcenter.db import tables
from callcenter.db.repository import Repository
from callcenter.domain import workflow
from callcenter.domain.cases import Case, CaseStep
from callcenter.domain.duplicates import CaseNews, Spot
from callcenter.domain.followups import OPEN_STATES, FollowUp
from callcenter.domain.reports import Decision, Report
from callcenter.domain.workflow import State
from callcenter.store import CaseFilter

R, C, S, F = tables.report.c, tables.case.c, tables.case_step.c, tables.followup.c
DUE_SOON = timedelta(hours=4)


class ReportRepository(Repository):
    async def get(self, report_id: str) -> Report | None:
        return await self._session.get(Report, report_id)

    async def by_client_key(self, client_key: str) -> Report | None:
        return await self._by(Report, R.client_key == client_key)

    async def of_call(self, call_id: str) -> Report | None:
        return await self._by(Report, R.call_id == call_id)

    async def of_calls(self, call_ids: Iterable[str]) -> Mapping[str, Report]:
        rows = await self._all(select(Report).where(R.call_id.in_(set(call_ids))))
        return {row.call_id: row for row in rows}

    async def of_case(self, case_id: str) -> Sequence[Report]:
        return await self._all(select(Report).where(R.case_id == case_id).order_by(R.filed_at))

    async def of_contact(self, contact_id: str, limit: int) -> Sequence[Report]:
        wanted = select(Report).where(R.contact_id == contact_id)
        return await self._all(wanted.order_by(R.filed_at.desc()).limit(limit))

    async def by_number(self, number: str) -> Report | None:
        return await self._by(Report, R.number == number)

    async def pending(self, conversation_id: str) -> Report | None:
        mine = (R.conversation_id == conversation_id, R.decision == Decision.PENDING)
        return await self._one(select(Report).where(*mine).order_by(R.filed_at, R.id))

    def add(self, report: Report) -> None:
        self._session.add(report)

    async def next_number(self, day: str) -> str:
        counter = tables.day_counter
        upsert = self.insert(counter).values(day=day, last=1)
        upsert = upsert.on_conflict_do_update(index_elements=["day"], set_={"last": counter.c.last + 1})
        last = await self._session.scalar(upsert.returning(counter.c.last))
        return f"{day}-{last:04d}"


def _handled(wanted: CaseFilter) -> ColumnElement[bool]:
    return and_(C.state.in_(workflow.OPEN), _due() > _now(wanted), _due() <= _now(wanted) + DUE_SOON)


def _overdue(wanted: CaseFilter) -> ColumnElement[bool]:
    return and_(C.state.in_(workflow.OPEN), _due() <= _now(wanted))


def _now(wanted: CaseFilter) -> datetime:
    assert wanted.now is not None  # views about deadlines are asked with the time
    return wanted.now


def _due() -> Any:
    """Mirror of `Case.due_at`: the handling limit once there is one, else the stage's."""
    return func.coalesce(C.handle_due_at, C.stage_due_at)


def _states(*states: State) -> Callable[[CaseFilter], ColumnElement[bool]]:
    return lambda _wanted: C.state.in_(states)


VIEWS: dict[str, Callable[[CaseFilter], ColumnElement[bool]]] = {
    "mine": lambda wanted: or_(
        C.filed_by == wanted.user_id,
        C.id.in_(select(S.case_id).where(S.actor_id == wanted.user_id)),
    ),
    "to_register": _states(State.REPORTED, State.PENDING_REGISTER, State.PENDING_VERIFY),
    "to_dispatch": _states(State.PENDING_DISPATCH, State.RETURNED),
    "handling": _states(State.PENDING_HANDLE, State.HANDLING, State.HANDLE_FINISH, State.SUSPENDED),
    "due_soon": _handled,
    "overdue": _overdue,
    "to_check": _states(State.PENDING_CHECK, State.PENDING_CLOSE, State.CHECKING),
    "followup": lambda _wanted: C.id.in_(select(F.case_id).where(F.answered_at.is_(None))),
    "all": lambda _wanted: C.id.is_not(None),
}

_SORTS = {
    "updated": C.updated_at,
    "reported": C.reported_at,
    "due": _due(),
    "number": C.number,
    "urgency": case({"critical": 0, "urgent": 1}, value=C.urgency, else_=2),
}


def _narrowing(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    equal = {
        C.state: wanted.state,
        C.district: wanted.district,
        C.channel: wanted.channel,
        C.urgency: wanted.urgency,
    }
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value]
    if wanted.department_id:
        conditions.append(_of_department(wanted.department_id))
    if wanted.category:
        conditions.append(C.category.startswith(wanted.category, autoescape=True))
    if wanted.since:
        conditions.append(C.reported_at >= wanted.since)
    if wanted.until:
        conditions.append(C.reported_at < wanted.until)
    if wanted.q:
        conditions.append(_words(wanted.q))
    return conditions


def _of_department(department_id: str) -> ColumnElement[bool]:
    """In charge or helping. The list of helpers is JSON, kept by both databases as the text it is."""
    helps = cast(C.co_department_ids, Text).contains(f'"{department_id}"', autoescape=True)
    return or_(C.department_id == department_id, helps)


def _words(q: str) -> ColumnElement[bool]:
    columns = (C.number, C.title, C.place, C.content, C.category_name)
    return or_(*(column.contains(q.strip(), autoescape=True) for column in columns))


_NEWS = select(
    C.id,
    C.version,
    C.state,
    C.category,
    C.content,
    C.place,
    C.lat,
    C.lon,
    C.radius_m,
    C.reported_at,
    C.updated_at,
)


def _news(row: Row[*tuple[Any, ...]]) -> CaseNews:
    is_open = row.state in workflow.OPEN
    has_point = row.lat is not None and row.lon is not None
    return CaseNews(
        id=row.id,
        version=row.version,
        open=is_open,
        category=row.category,
        content=row.content if is_open else "",
        place=row.place,
        spot=Spot(row.lat, row.lon, row.radius_m or 0.0) if has_point else None,
        reported_at=row.reported_at,
        updated_at=row.updated_at,
    )


class CaseRepository(Repository):
    async def get(self, case_id: str) -> Case | None:
        return await self._session.get(Case, case_id)

    async def by_number(self, number: str, *, lock: bool = False) -> Case | None:
        wanted = select(Case).where(C.number == number)
        return await self._one(wanted.with_for_update() if lock else wanted)

    async def some(self, ids: Iterable[str]) -> Mapping[str, Case]:
        rows = await self._all(select(Case).where(C.id.in_(set(ids))))
        return {row.id: row for row in rows}

    def add(self, case_file: Case) -> None:
        self._session.add(case_file)

    def add_step(self, step: CaseStep) -> None:
        self._session.add(step)

    async def steps(self, case_id: str) -> Sequence[CaseStep]:
        return await self._all(select(CaseStep).where(S.case_id == case_id).order_by(S.at, S.id))

    async def page(self, wanted: CaseFilter) -> tuple[Sequence[Case], int]:
        conditions = [VIEWS[wanted.view](wanted), *_narrowing(wanted)]
        total = await self._count(conditions)
        column = _SORTS[wanted.sort.lstrip("-")]
        order = column.desc() if wanted.sort.startswith("-") else column.asc()
        rows: Select[Case] = select(Case).where(*conditions)
        rows = rows.order_by(order.nulls_last(), C.number.desc())
        return await self._all(rows.limit(wanted.size).offset((wanted.page - 1) * wanted.size)), total

    async def counts(self, wanted: CaseFilter, views: Sequence[str]) -> Mapping[str, int]:
        narrow = _narrowing(wanted)
        sums = [func.count().filter(VIEWS[view](wanted)).label(view) for view in views]
        row = (await self._session.execute(select(*sums).select_from(tables.case).where(*narrow))).one()
        return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way to a mapping

    async def _count(self, conditions: list[ColumnElement[bool]]) -> int:
        wanted = select(func.count()).select_from(tables.case).where(*conditions)
        return (await self._session.scalar(wanted)) or 0

    async def open_of_contact(self, contact_id: str) -> Sequence[Case]:
        mine = select(R.case_id).where(R.contact_id == contact_id, R.case_id != "")
        wanted = select(Case).where(
            C.state.in_(workflow.OPEN), or_(C.contact_id == contact_id, C.id.in_(mine))
        )
        return await self._all(wanted.order_by(C.reported_at.desc()).limit(20))

    async def open_after(self, case_id: str, since: datetime, limit: int) -> Sequence[CaseNews]:
        # without the '' SQLite would sort all open cases by id for every page, because of the index on state
        is_open = type_coerce(C.state, String).concat("").in_([state.value for state in workflow.OPEN])
        wanted = _NEWS.where(C.id > case_id, is_open, C.reported_at >= since)
        rows = await self._session.execute(wanted.order_by(C.id).limit(limit))
        return [_news(row) for row in rows]

    async def changed_since(self, moment: datetime) -> Sequence[CaseNews]:
        # all states, so that the index (state, updated_at) serves
        rows = await self._session.execute(_NEWS.where(C.state.in_(State), C.updated_at >= moment))
        return [_news(row) for row in rows]

    async def open_since(self, since: datetime, limit: int) -> Sequence[Case]:
        wanted = select(Case).where(C.state.in_(workflow.OPEN), C.reported_at >= since)
        return await self._all(wanted.order_by(C.reported_at.desc()).limit(limit))

    async def suspended_until(self, now: datetime) -> Sequence[Case]:
        wanted = select(Case).where(C.state == State.SUSPENDED, C.suspended_until <= now)
        return await self._all(wanted.limit(100))

    async def per_district(self, since: datetime) -> Mapping[str, int]:
        wanted = select(C.district, func.count()).where(C.reported_at >= since).group_by(C.district)
        rows = (await self._session.execute(wanted)).all()
        return {district: count for district, count in rows if district}

    async def overdue(self, now: datetime) -> int:
        return await self._count([_overdue(CaseFilter(now=now))])

    async def load_of_departments(self, now: datetime) -> Mapping[str, tuple[int, int]]:
        late = func.count().filter(_due() <= now)
        wanted = select(C.department_id, func.count(), late).where(C.state.in_(workflow.OPEN))
        rows = (await self._session.execute(wanted.group_by(C.department_id))).all()
        return {department: (count, overdue) for department, count, overdue in rows}


class FollowUpRepository(Repository):
    async def get(self, followup_id: str) -> FollowUp | None:
        return await self._session.get(FollowUp, followup_id)

    async def of_case(self, case_id: str) -> Sequence[FollowUp]:
        return await self._all(select(FollowUp).where(F.case_id == case_id).order_by(F.asked_at))

    async def open_for_number(self, number: str) -> FollowUp | None:
        wanted = select(FollowUp).where(F.number == number, F.state.in_(OPEN_STATES))
        return await self._one(wanted.order_by(F.asked_at.desc()))

    async def due(self, now: datetime, limit: int) -> Sequence[FollowUp]:
        wanted = select(FollowUp).where(F.state.in_(OPEN_STATES), F.next_at <= now)
        return await self._all(wanted.order_by(F.next_at).limit(limit))

    async def ratings(self, user_id: str, since: datetime) -> Sequence[tuple[FollowUp, Case]]:
        wanted = (
            select(FollowUp, Case)
            .join(tables.case, C.id == F.case_id)
            .where(C.filed_by == user_id, F.score.is_not(None), F.answered_at >= since)
            .order_by(F.answered_at.desc())
        )
        return [(row[0], row[1]) for row in (await self._session.execute(wanted)).all()]

    def add(self, followup: FollowUp) -> None:
        self._session.add(followup)
