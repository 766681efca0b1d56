"""What the hotline tells citizens by itself, written into the outbox in the transaction of its cause.

A citizen is told on the channel they came by; where there is nobody on it (a web page that was closed), by
text to their telephone. What its platform does not take any more goes another way: `usecases.undelivered`.
"""

from contextlib import suppress
from dataclasses import dataclass

from callcenter.domain.cases import Case
from callcenter.domain.contacts import TEXT, Address, is_mobile
from callcenter.domain.conversations import Conversation
from callcenter.domain.messages import Purpose
from callcenter.domain.reports import Report
from callcenter.store import UnitOfWork
from callcenter.usecases import sending
from callcenter.usecases.context import Context
from callcenter.usecases.sending import KEPT_FOR_THE_END, WindowClosedError, Words

READ_ELSEWHERE = "web"  # a page that may be closed: whoever left a number hears by text


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell. `final`: the last of the case, for which a platform's last message is kept."""

    template: str
    params: dict[str, str]
    purpose: Purpose
    case: Case | None = None
    final: bool = False


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
    news = News(template, params, purpose, case)
    return _put(context, uow, Address(TEXT, "", number), news, contact_id, None)


async def tell(context: Context, uow: UnitOfWork, report: Report, news: News) -> str:
    """To whoever made this report, the way they came; the text, '' where there is no way at all."""
    conversation = await _conversation(uow, report)
    number = await reach(uow, report)
    if conversation is not None and (conversation.channel != READ_ELSEWHERE or not is_mobile(number)):
        address = Address(conversation.channel, conversation.account, conversation.user)
        await _count(context, uow, address, news)
        return _put(context, uow, address, news, report.contact_id, conversation)
    if not is_mobile(number):
        return ""
    return _put(context, uow, Address(TEXT, "", number), news, report.contact_id, None)


async def _conversation(uow: UnitOfWork, report: Report) -> Conversation | None:
    """The written one that the report came of; texts and calls are answered by text anyway."""
    if not report.conversation_id:
        return None
    found = await uow.conversations.get(report.conversation_id)
    return None if found is None or found.channel == TEXT else found


async def _count(context: Context, uow: UnitOfWork, address: Address, news: News) -> None:
    """A window that is closed is no reason to say nothing: a notice on file with the platform may still go,
    and what the platform refuses goes by text or to a person (`usecases.undelivered`).
    """
    with suppress(WindowClosedError):
        keep = 0 if news.final else KEPT_FOR_THE_END
        await sending.use_window(uow, address, context.now(), keep=keep)


def _put(
    context: Context,
    uow: UnitOfWork,
    address: Address,
    news: News,
    contact_id: str,
    conversation: Conversation | None,
) -> str:
    public = {name: context.redactor.redact(words) for name, words in news.params.items()}
    body = context.templates.render(news.template, public, address.medium)
    case_id, case_number = (news.case.id, news.case.number) if news.case else ("", "")
    sending.put(
        context,
        uow,
        address,
        Words(body, template=news.template, params=public),
        news.purpose,
        contact_id=contact_id,
        case_id=case_id,
        conversation=conversation,
    )
    conversation_id = conversation.id if conversation else ""

    def tell_consoles() -> None:
        context.live.publish("office", "message.changed", {"case_number": case_number})
        context.live.publish("role:simulator", "handset.changed", {})
        if conversation_id:
            context.live.publish("office", "inbox.changed", {"id": conversation_id})

    uow.after_commit(tell_consoles)
    return body


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
    """The number of this citizen: the one they gave, else the one they called from or bound."""
    contact = await uow.contacts.get(report.contact_id) if report.contact_id else None
    return report.phone or (contact.number if contact else "")


def subject(case: Case) -> str:
    """How a text names the matter: a confidential case is named by its number alone."""
    return "事项" if case.confidential else case.title
