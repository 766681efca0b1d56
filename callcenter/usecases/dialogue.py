"""The dialogue at work: what the pure machine of `domain.dialogue` asks for is looked up, done, answered."""

import asyncio
import re
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
    Heard,
    Lodge,
    Progress,
    Rated,
    Say,
    Subscribe,
    Texts,
    Urge,
    Withdraw,
)
from callcenter.domain.errors import HotlineError
from callcenter.domain.messages import Kind
from callcenter.domain.places import PlaceCandidate, PlaceKind
from callcenter.domain.records import InboxMessage
from callcenter.domain.replies import read_reply
from callcenter.domain.staff import AgentState
from callcenter.domain.suggestions import Appeal, Suggestion, Urgency
from callcenter.store import UnitOfWork
from callcenter.usecases import answers, followup, lodging, matters, sending, sentences
from callcenter.usecases.context import Context
from callcenter.usecases.matters import Matter

log = structlog.get_logger(__name__)

MAX_WRONG_CODES = 5
NOTHING = Suggestion((), (), Urgency.NORMAL, Appeal.CONSULT)


@dataclass(frozen=True, slots=True)
class Read:
    """What classifier and place finder make of a message, and of the whole matter with it. Found beside the
    loop, before the transaction.
    """

    suggestion: Suggestion = NOTHING
    places: Sequence[PlaceCandidate] = ()
    whole: Suggestion = NOTHING


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


def heard(context: Context, message: InboxMessage, *, waiting: bool) -> Heard:
    return Heard(
        at=message.received_at,
        text=_words(message),
        kind=message.kind,
        event=message.event,
        lat=message.lat,
        lon=message.lon,
        label=message.label or _area(context, message),
        waiting=waiting,
    )


def _words(message: InboxMessage) -> str:
    """Of a first letter its subject too; a command means the same under any subject."""
    text = message.text.strip()
    if message.kind is Kind.EVENT:
        return ""
    if not message.subject or message.answers or _ANSWERS.match(message.subject):
        return text
    return (
        text if text and read_command(text).wish is not Wish.WORDS else f"{message.subject}\n{text}".strip()
    )


_ANSWERS = re.compile(r"\s*(?:re|fw|fwd|回复|答复|转发)\s*[:：]", re.IGNORECASE)


def _area(context: Context, message: InboxMessage) -> str:
    """How a point without a name is called: by its grid."""
    if message.lat is None or message.lon is None:
        return ""
    grid = context.geocoder.grid_at(message.lat, message.lon)
    return f"{grid.street}{grid.community}（定位）" if grid else "您发送的位置"


async def read(context: Context, message: InboxMessage, talk: Conversation | None) -> Read:
    state, waiting = State(), False
    if talk is not None:
        state, waiting = load(talk.dialogue), talk.state is not ConversationState.DIALOGUE
    texts = machine.to_read(state, heard(context, message, waiting=waiting))
    if not texts.whole and not texts.place:
        return Read()
    return await asyncio.to_thread(_read, context, texts, state.draft.place)


def _read(context: Context, texts: Texts, known_place: str) -> Read:
    suggestion = context.classifier.suggest(texts.matter)
    whole = suggestion if texts.whole == texts.matter else context.classifier.suggest(texts.whole)
    return Read(suggestion, _places(context, texts.place, known_place), whole)


def _places(context: Context, place: str, known: str) -> Sequence[PlaceCandidate]:
    """To "靠近哪个路口" people answer with the other road: both together are the crossing."""
    found = list(context.geocoder.candidates(place))
    if not known or not place.startswith(known):
        return found
    other = context.geocoder.candidates(place[len(known) :], 1)
    if other and other[0].kind is PlaceKind.ROAD:
        found += context.geocoder.candidates(f"{known}与{other[0].label}路口", 1)
    return sorted(found, key=lambda one: -one.confidence)


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
    said = await matters.withdraw(at.context, at.uow, matter)
    if matter.report.conversation_id == at.talk.id and matter.case is None:
        _nobody_needed(at)
    return [said]


def _nobody_needed(at: _Turn) -> None:
    """The report that the citizen waited for is gone; who asked for a person still gets one."""
    if at.talk.state is ConversationState.WAITING and not at.state.person:
        at.talk.state, at.talk.waiting_since = ConversationState.DIALOGUE, None


async def _found(at: _Turn, number: str, code: str) -> Matter | Say:
    """Wrong codes are counted: nobody tries them all."""
    locked = at.state.wrong_codes >= MAX_WRONG_CODES
    matter = await matters.find(at.uow, at.mine, number, "" if locked else code)
    if matter is not None:
        at.message.case_id = matter.case.id if matter.case else at.message.case_id
        return matter
    if code:
        at.state = replace(at.state, wrong_codes=at.state.wrong_codes + 1)
    return Say("code_locked" if locked else "wrong_code")


async def _ask_rating(at: _Turn, action: AskRating) -> list[Say]:
    asked = await matters.to_rate(at.uow, at.mine, action.number)
    case = await at.uow.cases.get(asked.case_id) if asked else None
    if case is None:
        return [Say("nothing_to_rate")]
    at.state = replace(at.state, step=Step.RATE, about=case.number)
    return [Say("ask_rating", {"number": case.number})]


async def _rated(at: _Turn, action: Rated) -> list[Say]:
    asked = await matters.to_rate(at.uow, at.mine, action.number)
    if asked is None:
        return [Say("nothing_to_rate")]
    at.message.case_id = asked.case_id
    await followup.answered_by_text(at.context, at.uow, asked, read_reply(action.words), at.talk)
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
