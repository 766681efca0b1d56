"""What the core needs from the outside, and what the outside may ask of the core.

Protocols only. The first part are the driven ports (adapters implement them, tests have fakes in
`tests/fakes.py`, contract suites in `tests/contracts` run on both). The second part are the driving
ports: what telephony and channels call; `callcenter.usecases` implements them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from callcenter.domain.codes import Category
from callcenter.domain.duplicates import Told
from callcenter.domain.lessons import Lesson
from callcenter.domain.messages import (
    Fragment,
    FragmentSeries,
    Inbound,
    Media,
    Outbound,
    Part,
    Receipt,
    SendResult,
    Settlement,
)
from callcenter.domain.places import Grid, Place, PlaceCandidate
from callcenter.domain.rules import ReadText, RuleWord
from callcenter.domain.suggestions import CategorySuggestion, Suggestion
from callcenter.domain.telephony import CallRecord, QueueLogEntry, Routing, TelephonyEvent

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


@dataclass(frozen=True, slots=True)
class Rate:
    """What an account may send. 0 = no such limit."""

    per_second: float = 0.0  # parts, all recipients together
    per_recipient_s: float = 0.0  # seconds between two parts to the same recipient


@dataclass(frozen=True, slots=True)
class WebRequest:
    """What a platform sends to one of our addresses. Header names in lower case."""

    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebResponse:
    """`written` is told what became of the answer: True = its last byte went to a peer that was still there,
    False = the peer was gone before the first. Not called at all = nobody knows.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    written: Callable[[bool], None] | None = None


@dataclass(frozen=True, slots=True)
class WebRoute:
    """Served at /hooks/<account>/<path>. The handler never raises for what the peer sent."""

    method: str
    path: str
    handler: Callable[[WebRequest], Awaitable[WebResponse]]


class MediaGoneError(Exception):
    """The platform has the file no more, or never will give it; asking again is of no use."""


class Channel(Protocol):
    """One account of one medium. Nothing here raises for protocol or network errors but `fetch`."""

    name: str  # of the account
    medium: str  # 'sms', 'wechat', 'telegram', 'email', 'web'
    rate: Rate

    def plan(self, message: Outbound) -> Sequence[Part]:
        """The pieces that the message takes on the wire; the same for every try. Pure: no I/O, no state.

        Raises `PlanError` when it can never go this way.
        """

    async def open(self) -> None:
        """Start connecting; keeps reconnecting by itself with back-off and jitter."""

    async def send(self, message: Outbound, part: Part) -> SendResult: ...

    def routes(self) -> Sequence[WebRoute]:
        """Addresses that the platform calls; () for none."""

    def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """The file in pieces. Raises `MediaGoneError`, or `OSError` when it is worth trying again."""

    async def close(self) -> None:
        """Take no more, let open requests be answered for a short while, leave politely."""

    @property
    def trouble(self) -> str:
        """What does not work, in or out, for people; '' when all is well."""

    @property
    def ready(self) -> bool:
        """False only while the channel knows that nothing can be sent, and will know when that is over; one
        that learns it by sending is always ready.
        """


class MediaStore(Protocol):
    """Files of citizens and seats by the SHA-256 of their content."""

    async def put(self, content: bytes) -> str:
        """On disk when it returns; the digest. The same content is kept once."""

    async def read(self, digest: str) -> bytes:
        """Raises `KeyError` when there is no such file."""


class NotASoundError(Exception):
    """No sound of a kind that we know, or a broken one."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Something that every browser plays."""

    content: bytes = field(repr=False)
    mime: str


class Sounds(Protocol):
    async def playable(self, content: bytes) -> Sound:
        """As it is where browsers play it, else turned into that. Raises `NotASoundError`."""


class NotAPictureError(Exception):
    """Not a picture of a kind that we know, a broken one, or one that is made to fill the memory."""


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A picture with its pixels and nothing else. Sides in pixels."""

    content: bytes = field(repr=False)
    mime: str
    width: int
    height: int


class Pictures(Protocol):
    """Both decode beside the loop and raise `NotAPictureError`."""

    async def clean(self, content: bytes) -> CleanPicture:
        """The picture without anything that a camera or a person added to the file, of a sensible size."""

    async def preview(self, content: bytes, side: int) -> CleanPicture:
        """No side longer than that."""


class Templates(Protocol):
    """Texts to citizens and duty phones."""

    def render(self, template: str, params: Mapping[str, str], medium: str = "sms") -> str:
        """The finished text, with the signature in front where the medium wants one. Raises
        `TextTemplateError` for an unknown template or a missing parameter.
        """

    def signed(self, text: str) -> str:
        """A text of somebody's own as a short message."""

    def all(self) -> Mapping[str, str]:
        """Every text by name, with its parameters in braces."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours to send, with what its recipient has been sent lately."""

    message: Outbound
    opted_out: bool = False
    last_minute: int = 0  # texts of the same purpose that went to this recipient
    last_hour: int = 0
    last_day: int = 0


class Outbox(Protocol):
    """The table of outgoing messages as a relay sees it. Every method commits before it returns."""

    async def claim(
        self, medium: str, account: str, limit: int, now: datetime, lease: timedelta
    ) -> Sequence[Claimed]:
        """Up to `limit` due rows that this account may carry, urgent purposes and oldest rows first, marked
        `sending` until now + lease.

        Due: state `queued` or `unknown`, and `next_at` has come. Nobody else gets them meanwhile.
        """

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> None:
        """Record tries (each counts) and the provider refs of their parts.

        accepted -> accepted; rejected -> failed; retry -> queued at `again_at`, or failed without it;
        unknown -> unknown, `resent` from now on, due again at `again_at` unless a receipt came first.
        A receipt may have been quicker: a terminal state stays.
        """

    async def defer(self, message_ids: Sequence[str], until: datetime) -> None:
        """Claimed but not sent (quiet hours, account paused): due again at `until`, no try counted."""

    async def expired(self, account: str, now: datetime) -> Sequence[Outbound]:
        """Rows still `sending` after their lease: their relay died. The relay settles them as unknown."""


class Fragments(Protocol):
    """Parts of long messages that wait for the others, on disk before the peer is answered."""

    async def add(self, fragment: Fragment) -> Sequence[Fragment]:
        """Keep it, replacing one of the same number; after commit, all parts of its series so far."""

    async def overdue(self, account: str, before: datetime) -> Sequence[Sequence[Fragment]]:
        """Each series whose newest part came before then."""

    async def forget(self, series: FragmentSeries) -> None: ...


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


class Inbox(Protocol):
    """Where channels put what arrives. Both return after commit, so that the peer can be answered."""

    async def accept(self, message: Inbound) -> bool:
        """False = this event key was already there. Files that came with it are stored first."""

    async def receipt(self, receipt: Receipt) -> None: ...
