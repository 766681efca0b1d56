"""What follows from what: one table, event to use cases, inside the transaction of the event."""

from collections.abc import Awaitable, Callable
from typing import Any

from callcenter.domain.events import CaseStepped, ReportFiled
from callcenter.domain.messages import Purpose
from callcenter.domain.reports import Decision
from callcenter.store import UnitOfWork
from callcenter.usecases import asking, notify
from callcenter.usecases.context import Context

Handler = Callable[[Context, UnitOfWork, Any], Awaitable[None]]


async def react(context: Context, uow: UnitOfWork, event: object) -> None:
    for handler in HANDLERS.get(type(event), ()):
        await handler(context, uow, event)


async def text_accepted(context: Context, uow: UnitOfWork, event: ReportFiled) -> None:
    """受理短信: to the number the citizen wants to be reached at."""
    if event.case is None or not event.notify:
        return
    contact = await uow.contacts.get(event.report.contact_id) if event.report.contact_id else None
    number = event.report.phone or (contact.number if contact else "")
    template = "joined" if event.report.decision is Decision.JOIN else "accepted"
    notify.text(
        context,
        uow,
        number=number,
        template=template,
        params={
            "case_number": event.case.number,
            "title": notify.subject(event.case),
            "promised": await notify.promise(context, uow, event.case),
        },
        purpose=Purpose.SERVICE,
        case=event.case,
        contact_id=event.report.contact_id,
    )


async def tell_consoles(context: Context, uow: UnitOfWork, event: CaseStepped) -> None:
    data = {"number": event.case.number, "state": event.case.state.value}
    uow.after_commit(lambda: context.live.publish("all", "case.changed", data))


async def text_closed(context: Context, uow: UnitOfWork, event: CaseStepped) -> None:
    """结案: everybody who reported it hears the result; the question follows (`ask_citizen`)."""
    if event.step.action != "close":
        return
    told: set[str] = set()
    for report in await uow.reports.of_case(event.case.id):
        contact = await uow.contacts.get(report.contact_id) if report.contact_id else None
        number = report.phone or (contact.number if contact else "")
        if number and number not in told:
            told.add(number)
            notify.text(
                context,
                uow,
                number=number,
                template="resolved",
                params={
                    "case_number": event.case.number,
                    "title": notify.subject(event.case),
                    "result": event.case.result or event.step.opinion,
                },
                purpose=Purpose.SERVICE,
                case=event.case,
                contact_id=report.contact_id,
            )


async def ask_citizen(context: Context, uow: UnitOfWork, event: CaseStepped) -> None:
    if event.step.action == "close":
        await asking.begin(context, uow, event.case)


async def text_not_accepted(context: Context, uow: UnitOfWork, event: CaseStepped) -> None:
    """不立案: the citizen gets an explanation (workflow table, `reject`)."""
    if event.step.action != "reject":
        return
    contact = await uow.contacts.get(event.case.contact_id) if event.case.contact_id else None
    if contact is not None:
        notify.text(
            context,
            uow,
            number=contact.number,
            template="not_accepted",
            params={"case_number": event.case.number, "reason": event.step.opinion},
            purpose=Purpose.SERVICE,
            case=event.case,
            contact_id=contact.id,
        )


HANDLERS: dict[type[object], list[Handler]] = {
    ReportFiled: [text_accepted],
    CaseStepped: [tell_consoles, text_closed, ask_citizen, text_not_accepted],
}
