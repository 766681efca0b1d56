"""The case page and the case list."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime

from agent_console import schemas
from agent_console.views import people, rows
from callcenter.domain import case_steps, workflow
from callcenter.domain.calls import Call
from callcenter.domain.case_steps import STAGE_LIMITS
from callcenter.domain.cases import Case, CaseStep
from callcenter.domain.followups import FollowUp
from callcenter.domain.records import Access, InboxMessage, OutboxMessage
from callcenter.domain.staff import User
from callcenter.domain.workflow import STAGE, Timer
from callcenter.store import CaseFilter, UnitOfWork
from callcenter.usecases import handling, suggesting
from callcenter.usecases.context import Context

STAGES = ("collect", "register", "dispatch", "handle", "feedback", "check", "evaluate")
COUNTED_VIEWS = (
    "mine",
    "to_register",
    "to_dispatch",
    "handling",
    "due_soon",
    "overdue",
    "to_check",
    "followup",
    "all",
)
_LIMITS = {
    2: STAGE_LIMITS[Timer.ACCEPT].label,
    3: STAGE_LIMITS[Timer.DISPATCH].label,
    5: STAGE_LIMITS[Timer.CHECK].label,
    6: STAGE_LIMITS[Timer.CLOSE].label,
}


async def case_page(context: Context, wanted: CaseFilter) -> schemas.CasePage:
    async with context.reading() as uow:
        cases, total = await uow.cases.page(wanted)
        counts = await uow.cases.counts(wanted, COUNTED_VIEWS)
        departments = await rows.department_names(uow)
    return schemas.CasePage(
        rows=[rows.case_row(context, case, departments) for case in cases],
        total=total,
        page=wanted.page,
        size=wanted.size,
        counts=dict(counts),
    )


async def case_detail(context: Context, user: User, number: str) -> schemas.CaseDetail:
    """The whole case; opening it is recorded. Raises `NotFoundError`."""
    async with context.uow() as uow:
        case = await handling.find(uow, user, number)
        await handling.viewed(context, uow, user, case)
        detail = await _detail(context, uow, user, case)
        await uow.commit()
    return detail


async def _detail(context: Context, uow: UnitOfWork, user: User, case: Case) -> schemas.CaseDetail:
    departments = await rows.department_names(uow)
    steps = await uow.cases.steps(case.id)
    reports = await uow.reports.of_case(case.id)
    rule = suggesting.advise(await uow.codes.dispatch_rules(case.standard), case.category, case.district)
    return schemas.CaseDetail(
        case=rows.case_row(context, case, departments),
        standard=case.standard,
        content=context.redactor.redact(case.content) if user.department_only else case.content,
        lat=case.lat,
        lon=case.lon,
        radius_m=case.radius_m,
        grid_label=case.grid_label,
        condition=case.condition_text,
        limit=case.limit.label if case.limit else "",
        stages=_stages(case, steps),
        timeline=await _timeline(uow, user, case, steps),
        people=await people.reporters(uow, user, reports),
        handler=case.handler,
        co_departments=[departments.get(code, code) for code in case.co_department_ids],
        extensions=case.extensions,
        returns=case.returns,
        reworks=case.reworks,
        result=case.result,
        solved=case.solved,
        score=case.score,
        viewers=[_viewed(access) for access in await uow.notes.views_of_case(case.id, 20)],
        actions=_actions(case, user, context.now()),
        suggested_department=schemas.DepartmentAdvice(
            department_id=rule.department_id,
            department=departments.get(rule.department_id, ""),
            clause=rule.clause,
        )
        if rule
        else None,
        version=case.version,
    )


def _actions(case: Case, user: User, now: datetime) -> list[schemas.ActionOut]:
    offered = case_steps.offered(case, frozenset(user.roles), now)
    if user.department_only and case.department_id != user.department_id:
        return []
    return [
        schemas.ActionOut(action=step.action, needs=list(step.needs))
        for step in offered
        if step.action not in handling.THROUGH_THE_FORM
    ]


def _stages(case: Case, steps: Sequence[CaseStep]) -> list[schemas.StageOut]:
    """The strip: when each stage was last entered, by whom, how long it took."""
    now_at = STAGE[case.state]
    entered: dict[int, CaseStep] = {}
    used: dict[int, float] = {}
    for step in steps:
        stage = STAGE[step.to_state]
        if stage != STAGE[step.from_state] or stage not in entered:
            entered[stage] = step
            left = STAGE[step.from_state]
            used[left] = step.stage_used_s
    return [_stage(case, number, now_at, entered, used) for number in range(1, len(STAGES) + 1)]


def _stage(
    case: Case, number: int, now_at: int, entered: Mapping[int, CaseStep], used: Mapping[int, float]
) -> schemas.StageOut:
    step = entered.get(number)
    done = number < now_at or (number == now_at and not case.is_open)
    limit = case.limit.label if case.limit and number == STAGE[workflow.State.HANDLING] else ""
    return schemas.StageOut(
        stage=number,
        key=STAGES[number - 1],
        state="done" if done else "current" if number == now_at else "todo",
        at=case.reported_at if number == 1 else step.at if step else None,
        actor=step.actor_name if step else "",
        used_s=used.get(number),
        limit=limit or _LIMITS.get(number, ""),
    )


async def _timeline(
    uow: UnitOfWork, user: User, case: Case, steps: Sequence[CaseStep]
) -> list[schemas.TimelineEntry]:
    entries: list[schemas.TimelineEntry] = [_stepped(step) for step in steps]
    if not user.department_only:
        entries += [_called(call) for call in await uow.calls.of_case(case.id)]
        entries += [_sent(message) for message in await uow.messages.sent_for_case(case.id)]
        entries += [_received(message) for message in await uow.messages.received_for_case(case.id)]
    entries += [_rated(one) for one in await uow.followups.of_case(case.id) if one.answered_at]
    return sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)


def _entry(**given: object) -> schemas.TimelineEntry:
    empty = {
        "actor": "",
        "actor_role": "",
        "action": "",
        "text": "",
        "state": "",
        "call_id": "",
        "recording": False,
        "duration_s": None,
        "outgoing": False,
    }
    return schemas.TimelineEntry.model_validate({**empty, **given})


def _stepped(step: CaseStep) -> schemas.TimelineEntry:
    return _entry(
        id=step.id,
        kind="step",
        at=step.at,
        actor=step.actor_name,
        actor_role=step.actor_role,
        action=step.action,
        text=step.opinion,
        state=step.to_state.value,
    )


def _called(call: Call) -> schemas.TimelineEntry:
    return _entry(
        id=call.id,
        kind="call",
        at=call.started_at,
        actor=call.seat,
        text=people.OUTCOME_WORDS.get(call.outcome, ""),
        state=call.outcome,
        call_id=call.id,
        recording=bool(call.recording or call.message),
        duration_s=call.talk_s or None,
        outgoing=call.direction != "in",
    )


def _sent(message: OutboxMessage) -> schemas.TimelineEntry:
    return _entry(
        id=message.id,
        kind="message",
        at=message.created_at,
        action=message.template,
        text=message.text,
        state=message.state.value,
        outgoing=True,
    )


def _received(message: InboxMessage) -> schemas.TimelineEntry:
    return _entry(id=message.id, kind="message", at=message.received_at, text=message.text, state="delivered")


def _rated(followup: FollowUp) -> schemas.TimelineEntry:
    words = {None: "", True: "已解决", False: "未解决"}[followup.solved]
    return _entry(
        id=followup.id,
        kind="rating",
        at=followup.answered_at,
        actor=followup.via,
        text=words,
        state=str(followup.score or ""),
    )


def _viewed(access: Access) -> schemas.TimelineEntry:
    return _entry(
        id=access.id,
        kind="view",
        at=access.at,
        actor=access.user_name,
        action=access.kind,
        text=access.reason,
    )


def narrowed(user: User, wanted: CaseFilter) -> CaseFilter:
    """A department sees its own cases whatever it asks for."""
    if not user.department_only:
        return wanted
    return dataclasses.replace(wanted, department_id=user.department_id or "-")
