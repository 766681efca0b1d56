"""What follows from what: one table, event to use cases, inside the transaction of the event."""

from collections.abc import Awaitable, Callable
from typing import Any

from callcenter.domain.events import CaseStepped, ReportFiled
from callcenter.domain.followups import OPEN_STATES, FollowUpState
from callcenter.domain.messages import Purpose
from callcenter.domain.reports import Decision
from callcenter.domain.workflow import State
from callcenter.store import UnitOfWork
from callcenter.usecases import asking, notify
from callcenter.usecases.context import Context
from callcenter.usecases.notify import News

Handler = Callable[[Context, UnitOfWork, Any], Awaitable[None]]


async def react(context: Context, uow: UnitOfWork, event: object) -> None:
    for handler in HANDLERS.get(type(event), ()):
        await handler(context, uow, event)


async def text_accepted(context: Context, uow: UnitOfWork, event: ReportFiled) -> None:
    """受理告知."""
    if event.case is None or not event.report.notify:
        return
    template = "joined" if event.report.decision is Decision.JOIN else "accepted"
    params = {
        "case_number": event.case.number,
        "title": notify.subject(event.case),
        "promised": await notify.promise(context, uow, event.case),
    }
    await notify.tell(context, uow, event.report, News(template, params, Purpose.SERVICE, event.case))


async def tell_consoles(context: Context, uow: UnitOfWork, event: CaseStepped) -> None:
    data = {"number": event.case.number, "state": event.case.state.value}
    departments = [event.case.department_id, *event.case.co_department_ids]
    audiences = ["office", *(f"department:{department}" for department in departments)]

    def tell() -> None:
        for audience in audiences:
            context.live.publish(audience, "case.changed", data)

    uow.after_commit(tell)


async def text_closed(context: Context, uow: UnitOfWork, event: CaseStepped) -> None:
    """结案: everybody who reported it hears the result; the question follows (`ask_citizen`)."""
    if event.step.action != "close":
        return
    params = {
        "case_number": event.case.number,
        "title": notify.subject(event.case),
        "result": event.case.result or "已处理完毕",
    }
    news = News("resolved", params, Purpose.SERVICE, event.case, final=True)
    told: set[str] = set()
    for report in await uow.reports.of_case(event.case.id):
        who = report.contact_id or report.phone
        if report.notify and who not in told:
            told.add(who)
            await notify.tell(context, uow, report, news)


async def ask_citizen(context: Context, uow: UnitOfWork, event: CaseStepped) -> None:
    if event.step.action == "close":
        await asking.begin(context, uow, event.case)


async def drop_questions(context: Context, uow: UnitOfWork, event: CaseStepped) -> None:
    """A case that goes back to work is asked about when it is closed again, not meanwhile."""
    del context
    if event.step.from_state is State.CLOSED and event.step.to_state is not State.CLOSED:
        for asked in await uow.followups.of_case(event.case.id):
            if asked.state in OPEN_STATES and asked.answered_at is None:
                asked.state = FollowUpState.DROPPED


async def text_urged(context: Context, uow: UnitOfWork, event: CaseStepped) -> None:
    """催办: the department's duty phone hears it too, where the city gave a number that takes texts."""
    department = await uow.codes.department(event.case.department_id)
    if event.step.action != "urge" or department is None:
        return
    notify.text(
        context,
        uow,
        number=department.duty_number,
        template="urged",
        params={
            "case_number": event.case.number,
            "title": notify.subject(event.case),
            "promised": await notify.promise(context, uow, event.case),
        },
        purpose=Purpose.SERVICE,
        case=event.case,
    )


async def text_not_accepted(context: Context, uow: UnitOfWork, event: CaseStepped) -> None:
    """不立案: the citizen gets an explanation (workflow table, `reject`)."""
    if event.step.action != "reject":
        return
    params = {"case_number": event.case.number, "reason": event.given.reason}
    news = News("not_accepted", params, Purpose.SERVICE, event.case, final=True)
    for report in await uow.reports.of_case(event.case.id):
        if report.notify:
            await notify.tell(context, uow, report, news)


HANDLERS: dict[type[object], list[Handler]] = {
    ReportFiled: [text_accepted],
    CaseStepped: [tell_consoles, text_closed, ask_citizen, drop_questions, text_not_accepted, text_urged],
}
