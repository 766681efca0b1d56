"""回访 begins: the question by text, or straight to a person where no machine may call."""

from datetime import timedelta

from callcenter.domain.cases import Case
from callcenter.domain.followups import FollowUp, FollowUpState
from callcenter.domain.messages import Purpose
from callcenter.domain.tasks import TaskKind
from callcenter.store import UnitOfWork
from callcenter.usecases import notify, work
from callcenter.usecases.context import Context
from callcenter.usecases.notify import News

ANSWER_WITHIN = timedelta(days=7)


async def begin(context: Context, uow: UnitOfWork, case: Case) -> None:
    """The case is closed: text the question; confidential callers are asked by a person only."""
    reports = await uow.reports.of_case(case.id)
    if not reports or not case.wants_followup:
        return
    now, number = context.now(), await notify.reach(uow, reports[0])
    asked = FollowUp(
        id=context.ids.new(),
        case_id=case.id,
        contact_id=case.contact_id,
        number=number,
        asked_at=now,
        next_at=context.followup.not_quiet(now + context.followup.wait),
    )
    if case.confidential and number:
        uow.followups.add(asked)
        await give_up(context, uow, asked, case)
        return
    params = {"case_number": case.number, "title": notify.subject(case)}
    sent = await notify.tell(context, uow, reports[0], News("survey", params, Purpose.SURVEY, case))
    if sent or number:
        uow.followups.add(asked)
    if not sent:  # a land line: no text, so the call comes at the first decent hour
        asked.next_at = context.followup.not_quiet(now)
    if not number:  # nobody to call: the question stays open on the channel for a while
        asked.next_at = now + ANSWER_WITHIN


async def give_up(context: Context, uow: UnitOfWork, asked: FollowUp, case: Case) -> None:
    asked.state = FollowUpState.UNREACHED
    await work.create(
        context,
        uow,
        TaskKind.UNREACHED,
        case_id=case.id,
        contact_id=asked.contact_id,
        title=f"人工回访：{notify.subject(case)}",
        detail="保密件，只由人工回访" if case.confidential else "自动回访未接通",
    )
