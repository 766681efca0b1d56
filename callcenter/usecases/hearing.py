"""What a message of a citizen says: its words, and what classifier and place finder make of them."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.domain.conversations import Conversation, ConversationState
from callcenter.domain.dialogue import machine
from callcenter.domain.dialogue.commands import Wish, read_command
from callcenter.domain.dialogue.state import State, load
from callcenter.domain.dialogue.terms import Heard, Texts
from callcenter.domain.messages import Kind
from callcenter.domain.places import PlaceCandidate, PlaceKind
from callcenter.domain.records import InboxMessage
from callcenter.domain.suggestions import Appeal, Suggestion, Urgency
from callcenter.usecases.context import Context

NOTHING = Suggestion((), (), Urgency.NORMAL, Appeal.CONSULT)


@dataclass(frozen=True, slots=True)
class Read:
    """What classifier and place finder make of a message, and of the whole matter with it. Found beside the
    loop, before the transaction.
    """

    suggestion: Suggestion = NOTHING
    places: Sequence[PlaceCandidate] = ()
    whole: Suggestion = NOTHING


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
