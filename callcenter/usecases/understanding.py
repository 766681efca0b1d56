"""What came in is understood afterwards, one message at a time, in the order of arrival."""

import structlog

from callcenter.domain.cases import Case
from callcenter.domain.contacts import Contact
from callcenter.domain.extensions import answered
from callcenter.domain.followups import OPEN_STATES, FollowUp, FollowUpState
from callcenter.domain.messages import Purpose
from callcenter.domain.records import InboxMessage
from callcenter.domain.replies import Reply, ReplyKind, read_reply
from callcenter.domain.tasks import TaskKind
from callcenter.store import UnitOfWork
from callcenter.usecases import followup, notify, work
from callcenter.usecases.calls import ensure_contact
from callcenter.usecases.context import Context

log = structlog.get_logger(__name__)

BATCH = 50
MAX_ATTEMPTS = 3
LAST_TEXTS = 20  # an answer to one before these is to be asked about
STATE_WORDS = {
    "pending_register": "已登记，待立案",
    "pending_verify": "正在核实",
    "pending_dispatch": "已立案，待派遣",
    "returned": "正在重新派遣",
    "pending_handle": "已派遣，待承办单位签收",
    "handling": "正在处理",
    "suspended": "暂缓处理",
    "handle_finish": "已处理，待反馈",
    "pending_check": "已处理，待核查",
    "checking": "正在核查",
    "pending_close": "待结案",
    "closed": "已办结",
    "forced_close": "已办结",
    "not_accepted": "不予立案",
    "cancelled": "已作废",
    "merged": "已并入同类案件",
    "reported": "已登记",
}


async def tick(context: Context) -> int:
    """Understand what came in; returns how many messages. Each in the order of arrival and by itself, so
    that one which cannot be understood holds up no other.
    """
    async with context.reading() as uow:
        waiting = [message.id for message in await uow.messages.unprocessed(BATCH, MAX_ATTEMPTS)]
    for message_id in waiting:
        try:
            await _take_up(context, message_id)
        except Exception:
            log.exception("message_not_understood", message=message_id)
            await _put_aside(context, message_id)
    return len(waiting)


async def _take_up(context: Context, message_id: str) -> None:
    async with context.uow() as uow:
        message = await uow.messages.received(message_id)
        if message is not None and message.processed_at is None:
            await _understand(context, uow, message)
            await uow.commit()


async def _put_aside(context: Context, message_id: str) -> None:
    """Tried again with the next tick; after the last attempt a person reads it."""
    async with context.uow() as uow:
        message = await uow.messages.received(message_id)
        if message is None:
            return
        message.attempts += 1
        if message.attempts >= MAX_ATTEMPTS:
            await work.create(
                context,
                uow,
                TaskKind.UNREAD,
                title="一条来信未能自动处理，请人工查看",
                detail=message.text[:200],
            )
        await uow.commit()


async def _understand(context: Context, uow: UnitOfWork, message: InboxMessage) -> None:
    contact = await ensure_contact(context, uow, message.sender)
    message.contact_id = contact.id if contact else ""
    message.processed_at = context.now()
    reply = read_reply(message.text)
    case = await _named(context, uow, message)
    asked = await _question(uow, contact, case)
    if case is None:
        case = await uow.cases.get(asked.case_id) if asked else await _latest(uow, message.contact_id)
    message.case_id = case.id if case else ""
    _tell(context, uow, case)
    if asked is not None and _answers(asked, reply):
        await followup.answered_by_text(context, uow, asked, reply)
    else:
        _answer(context, uow, message, case, reply)


def _answers(asked: FollowUp, reply: Reply) -> bool:
    if asked.state is FollowUpState.ASKED_SOLVED:
        return reply.kind in {ReplyKind.SOLVED, ReplyKind.UNSOLVED}
    return reply.kind in {ReplyKind.SCORE, ReplyKind.SOLVED, ReplyKind.UNSOLVED}


async def _named(context: Context, uow: UnitOfWork, message: InboxMessage) -> Case | None:
    """The case that the digits behind our number name, see `domain.extensions`."""
    sent = {one.id: one.case_id for one in await uow.messages.sent_to(message.sender, LAST_TEXTS)}
    text_id = answered(message.to, context.city.extension_digits, sent)
    return await uow.cases.get(sent[text_id]) if text_id and sent[text_id] else None


async def _question(uow: UnitOfWork, contact: Contact | None, case: Case | None) -> FollowUp | None:
    """The open question that this may answer: about the case that is named, else the citizen's own."""
    if case is not None:
        return next((one for one in await uow.followups.of_case(case.id) if one.state in OPEN_STATES), None)
    return await uow.followups.open_for_number(contact.number) if contact else None


async def _latest(uow: UnitOfWork, contact_id: str) -> Case | None:
    if not contact_id:
        return None
    for report in await uow.reports.of_contact(contact_id, 5):
        if report.case_id:
            return await uow.cases.get(report.case_id)
    return None


def _answer(
    context: Context, uow: UnitOfWork, message: InboxMessage, case: Case | None, reply: Reply
) -> None:
    """Progress when asked for; otherwise what one can do, so that nobody writes into the void."""
    if reply.kind is ReplyKind.PROGRESS and case is not None:
        template = "progress"
        params = {
            "case_number": case.number,
            "title": notify.subject(case),
            "state": STATE_WORDS[case.state.value],
        }
    else:
        template, params = "unknown_reply", {}
    notify.text(
        context,
        uow,
        number=message.sender,
        template=template,
        params=params,
        purpose=Purpose.REPLY,
        case=case,
        contact_id=message.contact_id,
    )


def _tell(context: Context, uow: UnitOfWork, case: Case | None) -> None:
    number = case.number if case else ""

    def tell() -> None:
        context.live.publish("office", "message.changed", {"case_number": number})
        context.live.publish("role:simulator", "handset.changed", {})

    uow.after_commit(tell)
