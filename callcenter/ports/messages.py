"""Ports of messaging: accounts of the media, the outbox as relays see it, files of citizens, and where
channels put what arrives. Part of `callcenter.ports`, whence they are imported.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

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


@dataclass(frozen=True, slots=True)
class Rate:
    """What an account may send. Of the first two 0 = no such limit."""

    per_second: float = 0.0  # parts, all recipients together
    per_recipient_s: float = 0.0  # seconds between two parts to the same recipient
    window: int = 16  # unanswered parts at a time; twice as many messages are in hand


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

    async def drop(self, digest: str) -> None:
        """Gone for everybody: the caller has seen that no row has this digest. Twice does no harm."""


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
        self, medium: str, account: str, limit: int, now: datetime, lease: timedelta, *, shared: bool = True
    ) -> Sequence[Claimed]:
        """Up to `limit` due rows that this account may carry, urgent purposes and oldest rows first, marked
        `sending` until now + lease. Not `shared`: only those that no other account may carry.

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

    async def hand_over(self, message_id: str, account: str) -> None:
        """Claimed, and this account can never carry it: bound to that one, due at once, no try counted."""

    async def expired(self, medium: str, now: datetime) -> Sequence[Outbound]:
        """Rows still `sending` after their lease: their relay died. The relay settles them as unknown."""


class Fragments(Protocol):
    """Parts of long messages that wait for the others, on disk before the peer is answered."""

    async def add(self, fragment: Fragment) -> Sequence[Fragment]:
        """Keep it, replacing one of the same number; after commit, all parts of its series so far."""

    async def overdue(self, account: str, before: datetime) -> Sequence[Sequence[Fragment]]:
        """Each series whose newest part came before then."""

    async def forget(self, series: FragmentSeries) -> None: ...


class Inbox(Protocol):
    """Where channels put what arrives. Both return after commit, so that the peer can be answered."""

    async def accept(self, message: Inbound) -> bool:
        """False = this event key was already there. Files that came with it are stored first."""

    async def receipt(self, receipt: Receipt) -> None: ...
