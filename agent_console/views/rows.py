"""Rows that several pages share: a case in a list, a figure, a queue."""

from collections.abc import Mapping, Sequence

from agent_console import schemas
from callcenter.domain import kpi
from callcenter.domain.cases import Case
from callcenter.domain.kpi import Measured, QueuedCall
from callcenter.domain.staff import AgentState, Seat, User
from callcenter.domain.workflow import STAGE
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context
from callcenter.usecases.floor import QUEUE_LABELS, Floor, queue_names


async def department_names(uow: UnitOfWork) -> dict[str, str]:
    return {department.id: department.name for department in await uow.codes.departments()}


def case_row(context: Context, case: Case, departments: Mapping[str, str]) -> schemas.CaseRow:
    limit = case.limit
    return schemas.CaseRow(
        number=case.number,
        title=case.title,
        channel=case.channel,  # type: ignore[arg-type]  # the column holds the schema's words
        appeal=case.appeal,  # type: ignore[arg-type]
        urgency=case.urgency,  # type: ignore[arg-type]
        confidential=case.confidential,
        supervised=case.supervised,
        category=case.category,
        category_name=case.category_name,
        district=case.district,
        street=case.street,
        place=case.place,
        department=departments.get(case.department_id, ""),
        state=case.state.value,
        stage=STAGE[case.state],
        due_at=case.due_at(),
        remaining_s=_remaining(context, case),
        limit_s=limit.seconds if limit else None,
        on_time=case.on_time,
        urges=case.urges,
        reporters=case.reporters,
        updated_at=case.updated_at,
        reported_at=case.reported_at,
    )


def _remaining(context: Context, case: Case) -> float | None:
    due = case.due_at()
    if due is None:
        return None
    limit = case.limit
    on_clock = case.handle_due_at is None or limit is None or limit.on_clock
    return context.calendar.between(context.now(), due, on_clock=on_clock)


def figure(measured: Measured) -> schemas.Figure:
    return schemas.Figure(
        key=measured.key,
        value=measured.value,
        unit=measured.unit,
        target=measured.target,
        numerator=measured.numerator,
        denominator=measured.denominator,
    )


def queues_now(
    context: Context,
    floor: Floor,
    seats: Sequence[Seat],
    users: Mapping[str, User],
    calls: Sequence[QueuedCall],
) -> list[schemas.QueueNow]:
    names = queue_names(user.queues for user in users.values())
    ready = [users[seat.user_id] for seat in seats if seat.state is AgentState.READY]
    levels = kpi.service_levels(calls)
    return [
        _queue_now(context, floor, name, sum(name in user.queues for user in ready), levels.get(name))
        for name in names
    ]


def _queue_now(
    context: Context, floor: Floor, name: str, ready: int, in_time: float | None
) -> schemas.QueueNow:
    waits = floor.waits(name, context.now())
    return schemas.QueueNow(
        name=name,
        label=QUEUE_LABELS.get(name, name),
        waiting=len(waits),
        longest_s=waits[0] if waits else 0.0,
        waits_s=waits,
        ready=ready,
        within_15s=in_time,
    )
