"""Texts to citizens, written into the outbox in the transaction of their cause."""

from callcenter.domain.cases import Case
from callcenter.domain.contacts import is_mobile
from callcenter.domain.messages import Purpose
from callcenter.domain.records import OutboxMessage
from callcenter.domain.reports import Report
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context


def text(
    context: Context,
    uow: UnitOfWork,
    *,
    number: str,
    template: str,
    params: dict[str, str],
    purpose: Purpose,
    case: Case | None = None,
    contact_id: str = "",
) -> str:
    """Queue one text, without names and numbers of people; returns it. '' where none can be received."""
    if not is_mobile(number):
        return ""
    body, now = _rendered(context, template, params), context.now()
    uow.messages.send(
        OutboxMessage(
            id=context.ids.new(),
            channel=context.city.text_channel,
            to=number,
            text=body,
            purpose=purpose,
            template=template,
            created_at=now,
            next_at=now,
            contact_id=contact_id,
            case_id=case.id if case else "",
        )
    )
    case_number = case.number if case else ""

    def tell() -> None:
        context.wake_relay()
        context.live.publish("office", "message.changed", {"case_number": case_number})
        context.live.publish("role:simulator", "handset.changed", {})

    uow.after_commit(tell)
    return body


def _rendered(context: Context, template: str, params: dict[str, str]) -> str:
    public = {name: context.redactor.redact(words) for name, words in params.items()}
    return context.templates.render(template, public)


async def promise(context: Context, uow: UnitOfWork, case: Case) -> str:
    """What the citizen is told about time, as local words (at most 16 characters)."""
    limit = case.limit
    if limit is None:  # not filed yet: the condition that the seat chose gives it
        conditions = await uow.codes.conditions(case.standard, case.category)
        limit = next((c.limit for c in conditions if c.no == case.condition_no), None)
    if limit is None:
        return "在法定时限内"
    due = case.handle_due_at or context.calendar.due(context.now(), limit)
    local = due.astimezone(context.calendar.zone)
    return f"{local.month}月{local.day}日{local:%H:%M}前"


async def reach(uow: UnitOfWork, report: Report) -> str:
    """Where this citizen wants to be reached: the number they gave, else the one they called from."""
    contact = await uow.contacts.get(report.contact_id) if report.contact_id else None
    return report.phone or (contact.number if contact else "")


def subject(case: Case) -> str:
    """How a text names the matter: a confidential case is named by its number alone."""
    return "事项" if case.confidential else case.title
