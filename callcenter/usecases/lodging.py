"""A report that a citizen entered by themselves: a number at once, a seat registers it afterwards."""

import secrets
from dataclasses import dataclass

from callcenter.domain.conversations import Conversation, ConversationState
from callcenter.domain.reports import Decision, Report
from callcenter.domain.suggestions import Suggestion
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context

CODE_DIGITS = 6
TITLE = 20


@dataclass(frozen=True, slots=True)
class Entered:
    """What the citizen said: what, where, and how they want to be reached."""

    content: str
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    phone: str = ""
    name: str = ""
    category: str = ""
    may_call: bool = True
    confidential: bool = False


async def lodge(
    context: Context, uow: UnitOfWork, conversation: Conversation, entered: Entered, read: Suggestion
) -> Report:
    """待登记: the report gets its number and the code to look at it; the conversation waits for a seat.

    `read` is what the classifier made of the content, beside the loop and before the transaction.
    """
    now = context.now()
    report = Report(
        id=context.ids.new(),
        number=await uow.reports.next_number(f"{now.astimezone(context.calendar.zone):%Y%m%d}"),
        client_key=context.ids.new(),
        filed_at=now,
        filed_by="",
        decision=Decision.PENDING,
        channel=conversation.channel,
        appeal=read.appeal,
        urgency=read.urgency,
        content=entered.content,
        title=entered.content[:TITLE],
        contact_id=conversation.contact_id,
        standard=context.city.standard,
        category=entered.category,
        place=entered.place,
        lat=entered.lat,
        lon=entered.lon,
        caller_name=entered.name,
        phone=entered.phone,
        confidential=entered.confidential,
        wants_followup=entered.may_call,
        conversation_id=conversation.id,
        access_code="".join(str(secrets.randbelow(10)) for _ in range(CODE_DIGITS)),
    )
    uow.reports.add(report)
    wait_for_person(context, conversation)
    return report


def wait_for_person(context: Context, conversation: Conversation) -> None:
    """排队: from now on the citizen waits for a seat."""
    if conversation.state is ConversationState.DIALOGUE:
        conversation.state = ConversationState.WAITING
    conversation.waiting_since = conversation.waiting_since or context.now()
    conversation.updated_at = context.now()
