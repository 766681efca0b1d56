"""What came in is understood afterwards, one message at a time, in the order of arrival.

Whose it is, what the platform lets us answer, which conversation and case it belongs to; then it answers an
open question, goes to the seat of the conversation, or into the dialogue.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import structlog

from callcenter.domain.cases import Case
from callcenter.domain.contacts import TEXT, Address, Contact, Identity, is_mobile, normal_number
from callcenter.domain.conversations import (
    PRESSED,
    WRITTEN,
    CloseCode,
    Conversation,
    ConversationState,
    windowed,
)
from callcenter.domain.dialogue.state import DRAFTING, Step, load
from callcenter.domain.extensions import answered
from callcenter.domain.followups import OPEN_STATES, FollowUp, FollowUpState
from callcenter.domain.messages import Kind
from callcenter.domain.records import InboxMessage
from callcenter.domain.replies import Reply, ReplyKind, read_reply
from callcenter.domain.tasks import TaskKind
from callcenter.store import UnitOfWork
from callcenter.usecases import conversations, dialogue, followup, hearing, matters, seat_inbox, work
from callcenter.usecases.context import Context
from callcenter.usecases.hearing import Read

log = structlog.get_logger(__name__)

BATCH = 50
AT_ONCE = 4
MAX_ATTEMPTS = 3
LAST_TEXTS = 20  # an answer to one before these is to be asked about
UNANSWERED = frozenset({"auto_reply", "flood"})  # a machine at the other end: kept, never answered
UNFOLLOWED = "unfollow"
ANSWERING = frozenset({ReplyKind.SCORE, ReplyKind.SOLVED, ReplyKind.UNSOLVED})  # a question of ours
MENU = "menu:"  # keys of a platform's menu
LOOKED_UP = frozenset({"menu:progress", "menu:urge", "menu:rate"})
PRESSED_BY = frozenset({"follow", "menu", "scan"})  # events by which a citizen says something


async def tick(context: Context) -> int:
    """Understand what came in; returns how many messages. Those of one citizen in the order of arrival, those
    of different ones side by side, so that one which cannot be understood holds up no other.
    """
    async with context.reading() as uow:
        waiting = await uow.messages.unprocessed(BATCH, MAX_ATTEMPTS)
    by_sender: defaultdict[tuple[str, str], list[InboxMessage]] = defaultdict(list)
    for message in waiting:
        by_sender[message.account, message.sender].append(message)
    turns = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for several in by_sender.values():
            group.create_task(_in_order(context, several, turns))
    if waiting:
        await seat_inbox.give_out(context)
    return len(waiting)


async def _in_order(context: Context, messages: Sequence[InboxMessage], turns: asyncio.Semaphore) -> None:
    async with turns:
        for message in messages:
            try:
                await _take_up(context, message)
            except Exception:
                log.exception("message_not_understood", message=message.id)
                await _put_aside(context, message.id)
                break  # what the same citizen wrote after it waits for it


async def _take_up(context: Context, came: InboxMessage) -> None:
    """`came` as it was looked at, apart from any transaction."""
    read = await _read(context, came)
    async with context.uow() as uow:
        message = await uow.messages.received(came.id)
        if message is not None and message.processed_at is None:
            await _understand(context, uow, message, read)
            await uow.commit()


async def _read(context: Context, message: InboxMessage) -> Read:
    """The slow part, with no transaction open."""
    address = _address(message)
    if address is None:
        return Read()
    async with context.reading() as uow:
        talk = await uow.conversations.open_of(address)
    return await hearing.read(context, message, talk)


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


def _address(message: InboxMessage) -> Address | None:
    """Where an answer goes; None = to nobody: a service number, or one that is no number at all."""
    if message.channel != TEXT:
        return Address(message.channel, message.account, message.sender)
    number = normal_number(message.sender)
    return Address(TEXT, "", number) if is_mobile(number) else None  # every account reaches them alike


async def _understand(context: Context, uow: UnitOfWork, message: InboxMessage, read: Read) -> None:
    message.processed_at = context.now()
    address = _address(message)
    if address is None:
        log.info("message_from_no_citizen", message=message.id)
        return
    known = await _known(context, uow, address)
    talk = await _conversation(context, uow, address, known, message)
    contact = await _contact(uow, address, message)
    message.contact_id = contact.id
    if talk is None:
        return
    message.conversation_id, talk.contact_id = talk.id, contact.id
    if message.event == UNFOLLOWED:
        await _left(context, uow, talk)
    elif not _says_nothing(message):
        await _take_in(context, uow, talk, contact, message, read)


async def _known(context: Context, uow: UnitOfWork, address: Address) -> Contact:
    number = address.user if address.medium == TEXT else ""
    fresh = Contact(context.ids.new(), number, context.now())
    return await uow.contacts.ensure(address.identity, fresh)


async def _conversation(
    context: Context, uow: UnitOfWork, address: Address, contact: Contact, message: InboxMessage
) -> Conversation | None:
    """Locked before the identity, as when a seat answers: two orders would be a deadlock."""
    if not _says_nothing(message):
        return await conversations.open_with(context, uow, address, contact)
    talk = await uow.conversations.open_of(address)
    return await uow.conversations.get(talk.id, lock=True) if talk else None


async def _contact(uow: UnitOfWork, address: Address, message: InboxMessage) -> Contact:
    """Whose identity it is now (contacts are merged), with what the message says of it."""
    identity = await uow.contacts.identity(address.identity)
    assert identity is not None  # `_known` saw to that
    _note(identity, message)
    contact = await uow.contacts.get(identity.contact_id)
    assert contact is not None  # identities always have one
    return contact


def _says_nothing(message: InboxMessage) -> bool:
    """A machine's answer, or something that the platform tells about itself."""
    pressed = message.event.partition(":")[0] in PRESSED_BY
    return message.event in UNANSWERED or (message.kind is Kind.EVENT and not pressed)


def _note(identity: Identity, message: InboxMessage) -> None:
    at = message.received_at
    if message.event == UNFOLLOWED:
        identity.window_until, identity.quota_left = at, 0
        return
    identity.name = message.sender_name or identity.name
    identity.last_in_at = at
    if not _says_nothing(message):
        how = PRESSED if message.kind is Kind.EVENT else WRITTEN
        windowed(identity, message.channel, how, at)


async def _left(context: Context, uow: UnitOfWork, talk: Conversation) -> None:
    """They unfollowed us: nothing can be answered any more. Who waits for a person, or for a report of theirs
    to be registered, is not forgotten: a seat sees the closed window.
    """
    if talk.state is ConversationState.DIALOGUE and await uow.reports.pending(talk.id) is None:
        conversations.end(context, uow, talk, CloseCode.NO_ANSWER, by="")


async def _take_in(
    context: Context, uow: UnitOfWork, talk: Conversation, contact: Contact, message: InboxMessage, read: Read
) -> None:
    case = await _named(context, uow, talk, message)
    message.case_id = message.case_id or (case.id if case else "")
    conversations.received(talk, message)
    conversations.tell(context, uow, talk)
    if contact.blocked(context.now()) and not read.whole.danger:
        return
    reply = read_reply(message.text)
    asked = await _question(uow, contact, case) if reply.kind in ANSWERING else None
    if asked is not None and _answers(asked, reply, talk):
        await _rated(context, uow, asked, reply, talk, contact, message)
    elif talk.state is ConversationState.ASSIGNED and not _for_the_machine(message):
        _to_seat(context, uow, talk, message, read)
    else:
        since = talk.waiting_since or message.received_at
        await dialogue.answer(context, uow, talk, message, contact, read, case.number if case else "")
        _waits(talk, since)
    await _tell(context, uow, message)


async def _rated(
    context: Context,
    uow: UnitOfWork,
    asked: FollowUp,
    reply: Reply,
    talk: Conversation,
    contact: Contact,
    message: InboxMessage,
) -> None:
    message.case_id = asked.case_id
    case = await uow.cases.get(asked.case_id)
    if talk.channel == dialogue.MAIL and case is not None:
        await dialogue.ask_for_code(context, uow, talk, message, contact, case.number)
    else:
        await followup.answered_by_text(context, uow, asked, reply, talk)


def _for_the_machine(message: InboxMessage) -> bool:
    """What is answered from the books, whoever has the conversation."""
    return message.event in LOOKED_UP or dialogue.about_sending(message)


def _to_seat(
    context: Context, uow: UnitOfWork, talk: Conversation, message: InboxMessage, read: Read
) -> None:
    if message.kind is not Kind.EVENT or message.event.startswith(MENU):
        talk.unread += 1
        talk.waiting_since = talk.waiting_since or message.received_at
        dialogue.remember(context, uow, talk, message, read)


def _waits(talk: Conversation, since: datetime) -> None:
    """The clock runs from the message on that wants a person, not from when it was understood."""
    if talk.state is ConversationState.WAITING:
        talk.unread += 1
        talk.waiting_since = since


async def _tell(context: Context, uow: UnitOfWork, message: InboxMessage) -> None:
    case = await uow.cases.get(message.case_id) if message.case_id else None
    number = case.number if case else ""

    def tell() -> None:
        if number:
            context.live.publish("office", "message.changed", {"case_number": number})
        context.live.publish("role:simulator", "handset.changed", {})

    uow.after_commit(tell)


# ---------------------------------------------------------------------------- which case, which question


async def _named(context: Context, uow: UnitOfWork, talk: Conversation, message: InboxMessage) -> Case | None:
    """The case of the message of ours that this one answers: by its thread, or by the digits behind our
    number (see `domain.extensions`).
    """
    if message.answers:
        ours = await uow.messages.answered_by(message.account, message.answers)
        return await uow.cases.get(ours.case_id) if ours and ours.case_id else None
    digits = context.city.extension_digits.get(message.account, 0)
    if talk.channel != TEXT or not digits:
        return None
    sent = {one.id: one.case_id for one in await uow.messages.sent_to(talk.user, LAST_TEXTS)}
    text_id = answered(message.to, digits, sent)
    return await uow.cases.get(sent[text_id]) if text_id and sent[text_id] else None


async def _question(uow: UnitOfWork, contact: Contact, case: Case | None) -> FollowUp | None:
    """The open question that this may answer: about the case that is named, else the citizen's own."""
    if case is not None:
        return next((one for one in await uow.followups.of_case(case.id) if one.state in OPEN_STATES), None)
    asked = await uow.followups.open_for_number(contact.number) if contact.number else None
    if asked is not None:
        return asked
    mine = await matters.of_contact(uow, contact.id)
    asked = await matters.to_rate(uow, mine, "")
    return asked if asked is not None and asked.state in OPEN_STATES else None


def _answers(asked: FollowUp, reply: Reply, talk: Conversation) -> bool:
    """Whatever the dialogue or a seat asked last is answered first."""
    step = load(talk.dialogue).step
    with_seat = talk.assigned_at is not None and asked.asked_at < talk.assigned_at
    if (with_seat and step is not Step.RATE) or step in DRAFTING | {Step.WITHDRAW}:
        return False
    if step is Step.RATE and talk.channel == dialogue.MAIL:
        return False  # the dialogue has the code
    return asked.state is not FollowUpState.ASKED_SOLVED or reply.kind is not ReplyKind.SCORE
