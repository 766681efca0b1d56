"""The dialogue at work: what the pure machine of `domain.dialogue` asks for is looked up, done, answered."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from callcenter.domain.contacts import Contact, OptOut
from callcenter.domain.conversations import Conversation, ConversationState
from callcenter.domain.dialogue import machine
from callcenter.domain.dialogue.commands import Wish, read_command
from callcenter.domain.dialogue.report import LEAST_WORDS
from callcenter.domain.dialogue.state import Draft, State, Step, answer_once, dump, load
from callcenter.domain.dialogue.terms import (
    CHAT,
    MANNERS,
    Action,
    Add,
    AskRating,
    Found,
    HandOver,
    Lodge,
    Progress,
    Rated,
    Say,
    Subscribe,
    Urge,
    Withdraw,
)
from callcenter.domain.errors import HotlineError
from callcenter.domain.followups import FollowUp, FollowUpState
from callcenter.domain.records import InboxMessage
from callcenter.domain.replies import read_reply
from callcenter.domain.staff import AgentState
from callcenter.store import UnitOfWork
from callcenter.usecases import answers, followup, lodging, matters, sending, sentences
from callcenter.usecases.context import Context
from callcenter.usecases.hearing import Read, heard
from callcenter.usecases.matters import Matter

log = structlog.get_logger(__name__)

MAX_WRONG_CODES = 5
MAIL = "email"  # the one medium on which a sender is not proved


@dataclass
class _Turn:
    """One message at work."""

    context: Context
    uow: UnitOfWork
    talk: Conversation
    message: InboxMessage
    contact: Contact
    state: State
    read: Read
    mine: Sequence[Matter]


async def answer(
    context: Context,
    uow: UnitOfWork,
    talk: Conversation,
    message: InboxMessage,
    contact: Contact,
    found: Read,
    named: str = "",
) -> None:
    """Take the message into the dialogue of its conversation, which is locked, and answer it."""
    state = load(talk.dialogue)
    mine = await matters.of_contact(uow, contact.id)
    waiting = talk.state is not ConversationState.DIALOGUE
    at = _Turn(context, uow, talk, message, contact, state, found, mine)
    took = machine.turn(
        state,
        heard(context, message, waiting=waiting),
        Found(
            reading=found.suggestion,
            whole=found.whole,
            places=found.places,
            answer=await answers.to(uow, message.text),
            own=[matter.own for matter in mine],
            phone=contact.number,
            named=named,
        ),
        MANNERS.get(talk.channel, CHAT),
    )
    at.state = took.state
    says = list(took.says)
    for action in took.actions:
        says += await _DOERS[type(action)](at, action)
    await _say(at, says)
    talk.dialogue = dump(at.state)


async def ask_for_code(
    context: Context,
    uow: UnitOfWork,
    talk: Conversation,
    message: InboxMessage,
    contact: Contact,
    number: str,
) -> None:
    """A rating by mail that came without its code."""
    at = _Turn(context, uow, talk, message, contact, load(talk.dialogue), Read(), [])
    await _say(at, [Say("mail_code", {"word": "评价", "number": number})])
    talk.dialogue = dump(at.state)


async def _say(at: _Turn, says: Sequence[Say]) -> None:
    text = sentences.said(says, at.talk.channel)
    if not text:
        return
    at.state, goes = answer_once(at.state, text, at.context.now())
    if not goes:
        log.info("dialogue_repeats", conversation=at.talk.id, answers=[say.name for say in says])
        return
    try:
        sent = await sending.reply(at.context, at.uow, at.talk, sending.Words(text))
        sent.case_id = at.message.case_id or sent.case_id
    except HotlineError as error:  # a word is held back, the window is closed: a person finds another way
        log.info("dialogue_not_sent", conversation=at.talk.id, why=error.code)
        lodging.wait_for_person(at.context, at.talk)
        at.state = replace(at.state, person=True)


# ------------------------------------------------------------------------------------------- actions


async def _lodge(at: _Turn, action: Lodge) -> list[Say]:
    draft = action.draft
    content = draft.what or "（见照片）"
    entered = lodging.Entered(
        content=content,
        place=draft.place,
        lat=draft.lat,
        lon=draft.lon,
        phone=draft.phone or at.contact.number,
        name=at.contact.name,
        category=draft.category,
        may_call=draft.may_call,
    )
    report = await lodging.lodge(at.context, at.uow, at.talk, entered, at.read.whole)
    return [Say("lodged", {"number": report.number, "code": report.access_code})]


async def _add(at: _Turn, action: Add) -> list[Say]:
    matter = await matters.find(at.uow, at.mine, action.number, "")
    if matter is None:
        return [Say("nothing_open")]
    at.message.case_id = matter.case.id if matter.case else at.message.case_id
    said = await matters.add(at.context, at.uow, matter, action.words)
    told = at.talk.state is ConversationState.DIALOGUE or at.state.last != sentences.said(
        [said], at.talk.channel
    )
    return [said] if told else []


async def _progress(at: _Turn, action: Progress) -> list[Say]:
    if not action.number:
        return await matters.all_progress(at.context, at.uow, at.mine)
    matter = await _found(at, action.number, action.code)
    return [await matters.progress(at.context, at.uow, matter)] if isinstance(matter, Matter) else [matter]


async def _urge(at: _Turn, action: Urge) -> list[Say]:
    matter = await _found(at, action.number, action.code)
    return [await matters.urge(at.context, at.uow, matter)] if isinstance(matter, Matter) else [matter]


async def _withdraw(at: _Turn, action: Withdraw) -> list[Say]:
    matter = await _found(at, action.number, action.code)
    if not isinstance(matter, Matter):
        return [matter]
    unproved = _unproved(at, matter, action.code, "撤销")
    if unproved is not None:
        return [unproved]
    said = await matters.withdraw(at.context, at.uow, matter)
    if matter.report.conversation_id == at.talk.id and matter.case is None:
        _nobody_needed(at)
    return [said]


def _nobody_needed(at: _Turn) -> None:
    """The report that the citizen waited for is gone; who asked for a person still gets one."""
    if at.talk.state is ConversationState.WAITING and not at.state.person:
        at.talk.state, at.talk.waiting_since = ConversationState.DIALOGUE, None


async def _found(at: _Turn, number: str, code: str) -> Matter | Say:
    """Theirs, or by its code; by mail, where a machine writes as many letters as it likes, only theirs."""
    locked = _locked(at, number)
    opens = "" if locked or at.talk.channel == MAIL else code
    matter = await matters.find(at.uow, at.mine, number, opens)
    if matter is not None:
        at.message.case_id = matter.case.id if matter.case else at.message.case_id
        return matter
    _guessed(at, number, code)
    return Say("code_locked" if locked else "wrong_code")


def _locked(at: _Turn, number: str) -> bool:
    """Nobody tries all codes: neither in one conversation, nor with many at one report."""
    in_this_talk = at.state.wrong_codes >= MAX_WRONG_CODES
    return in_this_talk or at.context.guesses.locked(number, at.context.now())


def _guessed(at: _Turn, number: str, code: str) -> None:
    """What is locked counts no further, so that it opens again to those who have the code."""
    if code and not _locked(at, number):
        at.state = replace(at.state, wrong_codes=at.state.wrong_codes + 1)
        at.context.guesses.wrong(number, at.context.now())


def _unproved(at: _Turn, matter: Matter, code: str, word: str) -> Say | None:
    """Anybody can write a letter under any sender: what cannot be undone needs the code of the receipt."""
    if at.talk.channel != MAIL:
        return None
    if _locked(at, matter.number):
        return Say("code_locked")
    if matters.fits(matter.report, code):
        return None
    _guessed(at, matter.number, code)
    return Say("mail_code", {"word": word, "number": matter.number})


def _unproved_rating(at: _Turn, asked: FollowUp, code: str) -> Say | None:
    rated = next(one for one in at.mine if one.case is not None and one.case.id == asked.case_id)
    return _unproved(at, rated, code, "评价")


async def _ask_rating(at: _Turn, action: AskRating) -> list[Say]:
    asked = await matters.to_rate(at.uow, at.mine, action.number)
    case = await at.uow.cases.get(asked.case_id) if asked else None
    if asked is None or case is None:
        return [Say("nothing_to_rate")]
    unproved = _unproved_rating(at, asked, action.code)
    if unproved is not None:
        return [unproved]
    at.state = replace(at.state, step=Step.RATE, about=case.number, code=action.code)
    return [Say("ask_rating", {"number": case.number})]


async def _rated(at: _Turn, action: Rated) -> list[Say]:
    asked = await matters.to_rate(at.uow, at.mine, action.number)
    if asked is None:
        return [Say("nothing_to_rate")]
    at.message.case_id = asked.case_id
    unproved = _unproved_rating(at, asked, action.code)
    if unproved is not None:
        return [unproved]
    await followup.answered_by_text(at.context, at.uow, asked, read_reply(action.words), at.talk)
    if asked.state is FollowUpState.ASKED_SOLVED:
        at.state = replace(at.state, step=Step.RATE, about=action.number, code=action.code)
    return []


async def _hand_over(at: _Turn, action: HandOver) -> list[Say]:
    """With everything said so far; who is in danger comes first and is heard of at once."""
    again = at.talk.state is not ConversationState.DIALOGUE
    lodging.wait_for_person(at.context, at.talk)
    at.state = replace(at.state, person=True)
    if action.danger:
        _alarm(at.context, at.uow, at.talk)
        return []
    seats = await at.uow.seats.everybody()
    somebody = any(seat.state is not AgentState.OFF for seat in seats)
    return [Say(("waiting" if again else "handed_over") if somebody else "nobody")]


def _alarm(context: Context, uow: UnitOfWork, talk: Conversation) -> None:
    """To the seat that has it, else to all; and to the team leaders."""
    talk_id, seat = talk.id, f"seat:{talk.seat}" if talk.seat else "role:agent"

    def tell() -> None:
        for audience in (seat, "role:team_leader"):
            context.live.publish(audience, "inbox.alarm", {"id": talk_id, "danger": True})

    uow.after_commit(tell)


async def _subscribe(at: _Turn, action: Subscribe) -> list[Say]:
    medium, user = at.talk.channel, at.talk.user
    if action.wanted:
        await at.uow.sending.opt_in(medium, user)
        return [Say("opted_in")]
    await at.uow.sending.opt_out(OptOut(medium, user, at.context.now(), "text"))
    return [Say("opted_out")]


_Doer = Callable[[_Turn, Any], Awaitable[list[Say]]]
_DOERS: Mapping[type[Action], _Doer] = {
    Lodge: _lodge,
    Add: _add,
    Progress: _progress,
    Urge: _urge,
    Withdraw: _withdraw,
    AskRating: _ask_rating,
    Rated: _rated,
    HandOver: _hand_over,
    Subscribe: _subscribe,
}


def draft_of(talk: Conversation) -> Draft:
    """What the citizen told of a report that is not entered yet."""
    return load(talk.dialogue).draft


def in_danger(talk: Conversation) -> bool:
    return load(talk.dialogue).danger


def facts(talk: Conversation) -> str:
    """Everything that the citizen said and that belongs into a report."""
    return load(talk.dialogue).facts


def about_sending(message: InboxMessage) -> bool:
    """退订 and 恢复 are obeyed whoever has the conversation."""
    return read_command(message.text).wish in {Wish.OPT_OUT, Wish.OPT_IN}


def remember(
    context: Context, uow: UnitOfWork, talk: Conversation, message: InboxMessage, found: Read
) -> None:
    """What is said to a seat belongs to the facts too, and a danger alarms the seat."""
    state = load(talk.dialogue)
    words = message.text if len(message.text) >= LEAST_WORDS else ""
    if found.whole.danger and not state.danger:
        state = replace(state, danger=True)
        _alarm(context, uow, talk)
    talk.dialogue = dump(state.heard(words, message.received_at))
