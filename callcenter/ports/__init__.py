"""What the core needs from the outside, and what the outside may ask of the core.

Protocols only; those of messaging stand in `callcenter.ports.messages`. The first part are the driven ports:
adapters implement them, tests have fakes in `tests/fakes.py`, and where a fake stands for a database the
same tests run on both. The second part are the driving ports: what telephony and channels call;
`callcenter.usecases` implements them.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from callcenter.domain.codes import Category
from callcenter.domain.duplicates import Told
from callcenter.domain.lessons import Lesson
from callcenter.domain.places import Grid, Place, PlaceCandidate
from callcenter.domain.rules import ReadText, RuleWord
from callcenter.domain.suggestions import CategorySuggestion, Suggestion
from callcenter.domain.telephony import CallRecord, QueueLogEntry, Routing, TelephonyEvent
from callcenter.ports.messages import (
    Channel,
    Claimed,
    CleanPicture,
    Fragments,
    Inbox,
    MediaGoneError,
    MediaStore,
    NotAPictureError,
    NotASoundError,
    Outbox,
    Pictures,
    Rate,
    Sound,
    Sounds,
    Templates,
    WebRequest,
    WebResponse,
    WebRoute,
)

__all__ = [
    "CallDesk",
    "Channel",
    "Claimed",
    "Classifier",
    "CleanPicture",
    "Clock",
    "Fragments",
    "Geocoder",
    "Ids",
    "Inbox",
    "KeywordRules",
    "Learner",
    "Ledger",
    "Likeness",
    "LiveEvents",
    "MediaGoneError",
    "MediaStore",
    "NotAPictureError",
    "NotASoundError",
    "NumberPlaces",
    "Outbox",
    "Passwords",
    "Pictures",
    "Rate",
    "Redactor",
    "RuleEngine",
    "Sound",
    "Sounds",
    "Telephony",
    "Templates",
    "WebRequest",
    "WebResponse",
    "WebRoute",
]

# ----------------------------------------------------------------------------- driven ports


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""


class Ids(Protocol):
    def new(self) -> str:
        """A fresh, sortable, unguessable id."""


class Classifier(Protocol):
    def suggest(self, text: str) -> Suggestion: ...


class Redactor(Protocol):
    def redact(self, text: str) -> str:
        """The text without names, numbers of people and plates: for whoever is not to know them."""


class KeywordRules(Protocol):
    """A compiled keyword table. Immutable; may be used from any thread."""

    def rank(self, text: ReadText) -> Sequence[CategorySuggestion]:
        """Best three classes, best first; empty = none of these."""


class RuleEngine(Protocol):
    """What the rule laboratory asks of the classifier. All of it may run beside the loop."""

    @property
    def advice(self) -> str:
        """Version of whatever else speaks when words are ranked (a trained model); '' = words alone."""

    def shipped(self) -> Sequence[RuleWord]:
        """The table that comes with the software (GB/T 30428.2-2013)."""

    def for_classes(self, standard: str, classes: Sequence[Category]) -> Sequence[RuleWord]:
        """A first table for another scheme: its official names, and words of classes that correspond."""

    def read(self, text: str) -> ReadText: ...

    def compile(self, words: Sequence[RuleWord]) -> KeywordRules:
        """Words that are not enabled are left out."""

    def watch(self, terms: Collection[str]) -> Callable[[ReadText], Collection[str]]:
        """Which of the terms stand in a text."""

    def use(self, words: Sequence[RuleWord], version: str) -> None:
        """Suggest by this table from the next text on."""

    def hide(self, text: str) -> str:
        """The text without names and numbers of citizens."""


class Learner(Protocol):
    """Learns categories from what people confirmed, beside the service."""

    async def resume(self, standard: str, names: Mapping[str, str]) -> None:
        """Suggest with the model that was kept for this scheme, or with none. `names`: code -> name."""

    async def learn(self, standard: str, choices: Sequence[tuple[str, str]]) -> Lesson:
        """From pairs of code ('' = none of these) and text; keeps the model if it is better.

        Raises `HotlineError` when there is too little to learn from, or it could not be done.
        """


class Likeness(Protocol):
    """Texts made comparable, once each; `callcenter.domain.open_cases` does the comparing."""

    def read(self, text: str, place: str = "") -> Told:
        """`place` is the name of the place where it is known apart from the text."""

    def same(self, first: str, second: str) -> tuple[str, ...]:
        """Runs of characters that both say, in the words of the first, longest first."""


class Geocoder(Protocol):
    def candidates(self, text: str, limit: int = 3) -> Sequence[PlaceCandidate]:
        """Places that a complaint text may mean, best first."""

    def search(self, query: str, limit: int = 10) -> Sequence[Place]:
        """Places whose name or alias fits what is typed into the place field, best first."""

    def grid_at(self, lat: float, lon: float) -> Grid | None: ...


class Telephony(Protocol):
    """Control of Asterisk. Every method raises `TelephonyError` when Asterisk refuses or is gone.

    `queues` maps queue name to penalty (0 = first choice). `reason` of a pause is a short ASCII word
    that Asterisk stores ('wrapup', 'busy', 'break-meal').
    """

    async def provision(self, seat: str, secret: str) -> None:
        """Let the seat's softphone register with this secret, replacing an earlier one."""

    async def revoke(self, seat: str) -> None: ...

    async def join_queues(self, seat: str, name: str, queues: Mapping[str, int], reason: str) -> None:
        """Sign the seat in, paused for `reason`."""

    async def leave_queues(self, seat: str) -> None: ...

    async def bring_back(self, seat: str) -> None:
        """The seat's page is new and holds no call: ring it again for the citizen that it talked with.
        Nothing happens when it talked with nobody, or with more than one.
        """

    async def pause(self, seat: str, reason: str) -> None: ...

    async def unpause(self, seat: str) -> None: ...

    async def dial(self, seat: str, number: str, call_id: str) -> None:
        """Ring the seat first, then the number (call back)."""

    async def survey(self, number: str, followup_id: str) -> None:
        """Call the citizen and run the flow `survey`. Returns when Asterisk took the order."""

    async def transfer(self, seat: str, target: str) -> None:
        """Begin an attended transfer of the seat's call to another seat or a duty phone."""

    async def complete_transfer(self, seat: str) -> None: ...

    async def cancel_transfer(self, seat: str) -> None: ...

    async def join_three(self, seat: str) -> None:
        """Turn the consultation into a conversation of three."""

    async def blind_transfer(self, seat: str, target: str) -> None: ...

    async def hang_up(self, seat: str) -> None:
        """End the seat's call from here, when the softphone cannot."""

    @property
    def connected(self) -> bool:
        """AMI is logged in and resynchronised."""


class Passwords(Protocol):
    def hash(self, password: str) -> str: ...

    def fits(self, password: str, hashed: str) -> bool:
        """Takes as long for an unknown account (hashed = '') as for a known one."""


class NumberPlaces(Protocol):
    def place_of(self, number: str) -> str:
        """Where a number is at home and whose it is, e.g. '浙江杭州·中国移动'; '' = not known."""


class LiveEvents(Protocol):
    """Fan-out to consoles. `audience` is 'office', 'role:<role>', 'seat:<no>' or 'department:<id>'."""

    def publish(self, audience: str, kind: str, data: Mapping[str, Any]) -> None: ...

    def subscribe(self, audiences: frozenset[str], last_id: str) -> AsyncIterator[Mapping[str, Any]]:
        """Events from after `last_id` on: {'id', 'event', 'data'}; 'reset' when some are lost."""


# ----------------------------------------------------------------------------- driving ports


class CallDesk(Protocol):
    """What call flows and Asterisk's events ask of the core. Never raises for bad caller data."""

    async def arrive(self, call_id: str, number: str, dialled: str) -> Routing:
        """A citizen called: contact, open cases, block list, calendar, queue and priority."""

    async def wants_callback(self, call_id: str) -> None:
        """The caller pressed the key for a call back; becomes a task."""

    async def survey_case(self, followup_id: str) -> str | None:
        """Case number the survey is about, or None when it is not wanted any more."""

    async def survey_answered(self, followup_id: str, score: int | None, solved: bool | None) -> None:
        """Score 1 (very satisfied) to 5 (very dissatisfied); None = not said before hanging up."""

    async def survey_failed(self, followup_id: str, reason: str) -> None:
        """busy, no_answer, rejected, hung_up, unreachable: counts as a try."""

    async def told(self, event: TelephonyEvent) -> None:
        """An AMI event in the hotline's words."""


class Ledger(Protocol):
    """Complete books from Asterisk's own files; survives our own death. Idempotent per key."""

    async def cursor(self, source: str) -> str:
        """Where reading of a file stopped ('' = never read)."""

    async def queue_log(self, entries: Sequence[QueueLogEntry], source: str, cursor: str) -> None:
        """Store entries and the new cursor in one transaction."""

    async def finished_call(self, record: CallRecord) -> None:
        """Store or complete the call; a second delivery of the same record changes nothing."""
