"""The conversation on the citizen's page: what is written both ways, and files for those who took part."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callcenter.domain.contacts import Contact
from callcenter.domain.conversations import Conversation
from callcenter.domain.errors import InvalidInputError, NotFoundError
from callcenter.domain.followups import OPEN_STATES
from callcenter.domain.messages import DeliveryState, Kind, Receipt
from callcenter.domain.records import InboxMessage, OutboxMessage
from callcenter.domain.replies import ReplyKind, read_reply
from callcenter.domain.reports import Report
from callcenter.store import UnitOfWork
from callcenter.usecases import citizen, matters, uploads
from callcenter.usecases.citizen import Ticket
from callcenter.usecases.context import Context

SHOWN = 100  # messages of each side
ANSWERS = frozenset({ReplyKind.SCORE, ReplyKind.SOLVED, ReplyKind.UNSOLVED})
STILL_SHOWN = timedelta(days=30)  # after the conversation was closed


@dataclass(frozen=True, slots=True)
class Said:
    """`ticket`: which report it is about, None = none. `client_key`: sent twice it is said once."""

    device: str
    client_key: str
    text: str = ""
    photos: Sequence[str] = ()
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One bubble. `author` '' = the citizen."""

    id: str
    at: datetime
    author: str
    text: str
    files: Sequence[str] = ()  # ids for `file`


@dataclass(frozen=True, slots=True)
class Talk:
    """`is_open` False: it was closed; what is said next begins another one."""

    is_open: bool = False
    with_person: bool = False
    lines: Sequence[Line] = field(default_factory=tuple)


async def say(context: Context, said: Said) -> None:
    """Into the seats' inbox, where a person answers. Raises `InvalidInputError`, `WrongCodeError`."""
    if not said.text.strip() and not said.photos:
        raise InvalidInputError("text", "请写一句话，或加一张照片。")
    address, text = citizen.address_of(said.device), said.text.strip()
    async with context.uow() as uow:
        report = await citizen.find(uow, said.ticket) if said.ticket else None
        talk = await citizen.conversation_of(context, uow, address, await _whose(uow, report))
        talk.case_id = talk.case_id or (report.case_id if report else "")
        message = InboxMessage(
            id=context.ids.new(),
            channel=citizen.WEB,
            account=talk.account,
            event_key=f"{address.user}:{said.client_key}",
            sender=address.user,
            text=_named(text, report),
            received_at=context.now(),
            kind=Kind.TEXT if text else Kind.IMAGE,
            case_id=report.case_id if report else "",
        )
        if report is None and await _answers_us(uow, talk, text):
            await uow.messages.receive([message])  # understood as on every other channel
            uow.after_commit(context.wake_inbox)
        elif await citizen.book(context, uow, talk, message):
            await uploads.claim(uow, said.photos, message.id)
        await uow.commit()


async def _answers_us(uow: UnitOfWork, talk: Conversation, text: str) -> bool:
    """A score, a yes or a no while we wait for one: the question of the follow-up was sent here."""
    if read_reply(text).kind not in ANSWERS:
        return False
    mine = await matters.of_contact(uow, talk.contact_id)
    asked = await matters.to_rate(uow, mine, "")
    return asked is not None and asked.state in OPEN_STATES


async def _whose(uow: UnitOfWork, report: Report | None) -> Contact | None:
    return await uow.contacts.get(report.contact_id) if report and report.contact_id else None


def _named(text: str, report: Report | None) -> str:
    """The seat reads which report is meant."""
    return f"【补充 {report.number}】{text}" if report else text


async def read(context: Context, device: str) -> Talk:
    """The conversation of this browser. What is read here has arrived."""
    address = citizen.address_of(device)
    async with context.reading() as uow:
        talk = await uow.conversations.open_of(address) or await uow.conversations.last_of(address)
        if talk is None or _over(talk, context.now()):
            return Talk()
        sent = await uow.messages.sent_in(talk.id, SHOWN)
        lines = [*await _ours(uow, sent), *await _theirs(uow, talk)]
    await _arrived(context, sent)
    return Talk(talk.is_open, bool(talk.seat), sorted(lines, key=lambda line: (line.at, line.id)))


def _over(talk: Conversation, now: datetime) -> bool:
    return talk.closed_at is not None and talk.closed_at < now - STILL_SHOWN


async def _ours(uow: UnitOfWork, sent: Sequence[OutboxMessage]) -> list[Line]:
    names = {author: await _name(uow, author) for author in {message.author_id for message in sent}}
    return [
        Line(m.id, m.created_at, names[m.author_id], m.text, (m.id,) if m.attachment else ())
        for m in sent
        if m.channel == citizen.WEB
    ]


async def _name(uow: UnitOfWork, user_id: str) -> str:
    """Citizens know seats by their number."""
    user = await uow.staff.get(user_id) if user_id else None
    return f"工号 {user.staff_no}" if user else "12345"


async def _theirs(uow: UnitOfWork, talk: Conversation) -> list[Line]:
    received = await uow.messages.received_in(talk.id, SHOWN)
    files = await uow.media.of([message.id for message in received])
    return [
        Line(m.id, m.received_at, "", m.text, tuple(file.id for file in files.get(m.id, ())))
        for m in received
    ]


async def _arrived(context: Context, sent: Sequence[OutboxMessage]) -> None:
    fresh = [
        Receipt(message.via, message.id, DeliveryState.DELIVERED, at=context.now(), recipient=message.to)
        for message in sent
        if message.channel == citizen.WEB and message.state is DeliveryState.ACCEPTED
    ]
    if not fresh:
        return
    async with context.uow() as uow:
        await uow.messages.settle_receipts(fresh, context.now())
        talk_id = sent[0].conversation_id
        uow.after_commit(lambda: context.live.publish("office", "inbox.changed", {"id": talk_id}))
        await uow.commit()


async def file(context: Context, device: str, file_id: str) -> tuple[bytes, str]:
    """Content and kind of a file in this browser's conversation. Raises `NotFoundError`."""
    address = citizen.address_of(device)
    async with context.reading() as uow:
        talk = await uow.conversations.open_of(address) or await uow.conversations.last_of(address)
        found = await _part_of(uow, talk, file_id) if talk else None
    if found is None:
        raise NotFoundError("这个文件")
    digest, mime = found
    try:
        return await context.media.read(digest), mime
    except KeyError:
        raise NotFoundError("这个文件") from None


async def _part_of(uow: UnitOfWork, talk: Conversation, file_id: str) -> tuple[str, str] | None:
    """Digest and kind of a file that either side sent."""
    message = await uow.messages.sent(file_id)
    if message is not None and message.conversation_id == talk.id and message.attachment:
        return message.attachment["digest"], message.attachment["mime"]
    kept = await uow.media.get(file_id)
    received = await uow.messages.received_in(talk.id, SHOWN)
    if kept is None or kept.owner_id not in {one.id for one in received}:
        return None
    return kept.digest, kept.mime
