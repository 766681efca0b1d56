"""The seat's inbox: conversations as rows, one of them whole. Numbers and addresses leave here masked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from agent_console import schemas
from callcenter.domain.contacts import Address, Contact, Identity, mask, mask_user
from callcenter.domain.conversations import CAPACITY, WINDOWS, Conversation, ConversationState
from callcenter.domain.messages import DeliveryState, Kind
from callcenter.domain.records import InboxMessage, MediaFile, MediaState, OutboxMessage
from callcenter.domain.reports import Report
from callcenter.domain.staff import Role, User
from callcenter.store import UnitOfWork
from callcenter.usecases import conversations, dialogue, undelivered
from callcenter.usecases.context import Context

CLOSED_FOR = timedelta(hours=24)
MOST_ROWS = 100  # of each tab
SHOWN = 200  # messages of each side
NAMES = {"wechat": "微信用户", "telegram": "Telegram 用户", "web": "网页访客", "email": "邮件", "sms": "短信"}
LOST = frozenset({DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.UNKNOWN})
FILES = "/api/inbox/files"
M = TypeVar("M", InboxMessage, OutboxMessage)


async def inbox(context: Context, user: User) -> schemas.InboxOut:
    """The user's own, what nobody has, what they closed lately; a team leader sees late ones of all."""
    now = context.now()
    async with context.reading() as uow:
        mine = await uow.conversations.of_seat(user.staff_no)
        waiting = (await uow.conversations.waiting())[:MOST_ROWS]
        closed = await uow.conversations.closed(user.staff_no, now - CLOSED_FOR, MOST_ROWS)
        late = await uow.conversations.overdue(now)
        others = [talk for talk in late if talk.seat not in {"", user.staff_no}]
        watched = others[:MOST_ROWS] if user.has(Role.TEAM_LEADER, Role.SUPERVISOR) else []
        shown = [*sorted(mine, key=_most_urgent), *watched, *waiting, *closed]
        names = await _names(uow, shown)
    rows = [_row(talk, names[talk.id]) for talk in shown]
    return schemas.InboxOut(load=len(mine), capacity=CAPACITY, counts=_counts(rows, now), rows=rows)


def _most_urgent(talk: Conversation) -> tuple[bool, datetime]:
    return talk.waiting_since is None, talk.waiting_since or talk.updated_at


def _counts(rows: Sequence[schemas.ConversationRow], now: datetime) -> dict[str, int]:
    """By tab, and how many citizens have waited longer than they should."""
    counts = dict.fromkeys(("reply", "citizen", "queue", "closed"), 0)
    for row in rows:
        counts[row.tab] += 1
    return {**counts, "overdue": sum(row.due_at is not None and row.due_at < now for row in rows)}


async def _names(uow: UnitOfWork, talks: Sequence[Conversation]) -> Mapping[str, str]:
    """Conversation -> who it is with."""
    ids = {talk.contact_id for talk in talks}
    contacts = await uow.contacts.some(ids)
    known = {Address(one.medium, one.account, one.user): one for one in await uow.contacts.identities_of(ids)}
    return {talk.id: _who(talk, contacts.get(talk.contact_id), known.get(_identity(talk))) for talk in talks}


def _identity(talk: Conversation) -> Address:
    return Address(talk.channel, talk.account, talk.user).identity


def _who(talk: Conversation, contact: Contact | None, identity: Identity | None) -> str:
    name = (contact.name if contact else "") or (identity.name if identity else "")
    return name or mask_user(talk.channel, talk.user) or NAMES.get(talk.channel, "市民")


_TABS = {
    ConversationState.DIALOGUE: "queue",
    ConversationState.WAITING: "queue",
    ConversationState.CLOSED: "closed",
}


def _row(talk: Conversation, who: str) -> schemas.ConversationRow:
    tab = _TABS.get(talk.state) or ("reply" if talk.waiting_since else "citizen")
    return schemas.ConversationRow(
        id=talk.id,
        channel=talk.channel,  # type: ignore[arg-type]  # the column holds the schema's words
        who=who,
        last_text=talk.last_text,
        last_at=talk.last_at,
        tab=tab,  # type: ignore[arg-type]  # of the table above
        waiting_since=talk.waiting_since,
        due_at=talk.due_at,
        unread=talk.unread,
        skill=talk.skill,
        seat=talk.seat,
        close_code=talk.close_code,
        danger=dialogue.in_danger(talk),
    )


# ----------------------------------------------------------------------------------- one conversation


async def conversation(context: Context, user: User, talk: Conversation) -> schemas.ConversationOut:
    async with context.reading() as uow:
        contact = await uow.contacts.get(talk.contact_id)
        identity = await conversations.identity_of(uow, talk)
        messages = await _messages(context, uow, talk)
        pending = await uow.reports.pending(talk.id)
        cases = await _cases(uow, talk)
        viewers = await _viewers(context, uow, user, talk)
    cannot = cannot_write(context, user, talk, identity)
    limited = talk.channel in WINDOWS and identity is not None and identity.window_until is not None
    spot = _spot(talk, pending, messages)
    return schemas.ConversationOut(
        row=_row(talk, _who(talk, contact, identity)),
        contact_id=talk.contact_id,
        number=mask(contact.number) if contact and contact.number else "",
        viewers=viewers,
        quota_left=identity.quota_left if limited and identity else None,
        window_until=identity.window_until if limited and identity else None,
        can_write=not cannot,
        cannot_write=cannot,
        messages=messages,
        pending=_pending(pending) if pending else None,
        facts=dialogue.facts(talk) or (pending.content if pending else "") or _told(talk, messages),
        place=spot[0],
        lat=spot[1],
        lon=spot[2],
        case_numbers=cases,
    )


def _told(talk: Conversation, messages: Sequence[schemas.ChatMessage]) -> str:
    """The citizen's words since it began, where no dialogue took them down (a web page)."""
    words = [one.text for one in messages if one.author == "citizen" and one.at >= talk.opened_at]
    return "\n".join(dict.fromkeys(word for word in words if word))


async def _cases(uow: UnitOfWork, talk: Conversation) -> list[str]:
    """The conversation's own case first, then what else is open for this citizen."""
    own = await uow.cases.get(talk.case_id) if talk.case_id else None
    others = [case.number for case in await uow.cases.open_of_contact(talk.contact_id)]
    return list(dict.fromkeys([*([own.number] if own else []), *others]))


async def _viewers(context: Context, uow: UnitOfWork, user: User, talk: Conversation) -> list[str]:
    there = [one for one in context.presence.viewers(talk.id, context.now()) if one != user.id]
    people = [await uow.staff.get(one) for one in there]
    return [person.name for person in people if person is not None]


def cannot_write(context: Context, user: User, talk: Conversation, identity: Identity | None) -> str:
    """Why not, and what to do instead; '' = one can."""
    if not talk.is_open:
        return "会话已结束。市民再来信会开始新的会话；要主动联系请回拨或发短信。"
    if not user.has(*conversations.WORKERS):
        return "您的岗位只能查看，不能回复。"
    if talk.seat not in {"", user.staff_no}:
        return f"会话在 {talk.seat} 座席，请先请对方转接。"
    return _window_closed(context, identity) if identity is not None else ""


def _window_closed(context: Context, identity: Identity) -> str:
    if identity.window_until is None:
        return ""
    if identity.window_until <= context.now():
        return "超过平台允许回复的时间，微信不让再发。请回拨，或改发短信；市民再来信即可继续。"
    if identity.quota_left <= 0:
        return "平台允许的条数已用完。请回拨，或改发短信；市民再来信即可继续。"
    return ""


def _spot(
    talk: Conversation, pending: Report | None, messages: Sequence[schemas.ChatMessage]
) -> tuple[str, float | None, float | None]:
    """Where it is: as entered, as told to the dialogue, or the last position sent."""
    if pending is not None:
        return pending.place, pending.lat, pending.lon
    draft = dialogue.draft_of(talk)
    if draft.place or draft.located:
        return draft.place, draft.lat, draft.lon
    sent = next((one for one in reversed(messages) if one.lat is not None), None)
    return (sent.place, sent.lat, sent.lon) if sent else ("", None, None)


def _pending(report: Report) -> schemas.PendingReport:
    return schemas.PendingReport(
        number=report.number,
        content=report.content,
        place=report.place,
        lat=report.lat,
        lon=report.lon,
        category=report.category,
        phone=mask(report.phone) if report.phone else "",
        name=report.caller_name,
    )


# ---------------------------------------------------------------------------------------- messages


async def _messages(context: Context, uow: UnitOfWork, talk: Conversation) -> list[schemas.ChatMessage]:
    """Everything with this identity, earlier conversations too, in the order of time."""
    until = talk.closed_at or context.now()
    received = _once(
        await uow.messages.received_in(talk.id, SHOWN), await uow.messages.received_from(talk.user, SHOWN)
    )
    sent = _once(await uow.messages.sent_in(talk.id, SHOWN), await uow.messages.sent_to(talk.user, SHOWN))
    files = await uow.media.of([message.id for message in received])
    authors = {message.author_id for message in sent if message.author_id}
    names = {one: await uow.staff.get(one) for one in authors}
    bubbles = [
        citizens(context, message, files.get(message.id, ()))
        for message in received
        if message.channel == talk.channel and message.kind is not Kind.EVENT and message.received_at <= until
    ]
    bubbles += [
        ours(message, names.get(message.author_id))
        for message in sent
        if message.channel == talk.channel and message.created_at <= until
    ]
    return sorted(bubbles, key=lambda bubble: (bubble.at, bubble.id))


def _once(*several: Iterable[M]) -> list[M]:
    return list({message.id: message for messages in several for message in messages}.values())


def citizens(context: Context, message: InboxMessage, files: Sequence[MediaFile]) -> schemas.ChatMessage:
    return schemas.ChatMessage(
        id=message.id,
        at=message.received_at,
        author="citizen",
        author_name=message.sender_name,
        kind=message.kind.value,
        text=message.text,
        files=[file_out(file) for file in files],
        lat=message.lat,
        lon=message.lon,
        place=message.label or _grid(context, message.lat, message.lon),
        state="",
        trouble="",
    )


def _grid(context: Context, lat: float | None, lon: float | None) -> str:
    grid = context.geocoder.grid_at(lat, lon) if lat is not None and lon is not None else None
    return f"{grid.street}{grid.community}" if grid else ""


def ours(message: OutboxMessage, author: User | None) -> schemas.ChatMessage:
    attached = message.attachment
    return schemas.ChatMessage(
        id=message.id,
        at=message.created_at,
        author=author.staff_no if author else "machine",
        author_name=author.name if author else "",
        kind=attached["kind"] if attached else Kind.TEXT.value,
        text=message.text,
        files=[_attached(message, attached)] if attached else [],
        lat=None,
        lon=None,
        place="",
        state=message.state.value,
        trouble=undelivered.why(message) if message.state in LOST else "",
    )


def _attached(message: OutboxMessage, attached: Mapping[str, str]) -> schemas.FileOut:
    return _file(message.id, Kind(attached["kind"]), MediaState.STORED, attached["mime"], attached["name"], 0)


def file_out(file: MediaFile) -> schemas.FileOut:
    return _file(file.id, file.kind, file.state, file.mime, file.name, file.size)


def _file(file_id: str, kind: Kind, state: MediaState, mime: str, name: str, size: int) -> schemas.FileOut:
    stored = state is MediaState.STORED
    return schemas.FileOut(
        id=file_id,
        kind=kind.value,  # type: ignore[arg-type]  # only files are files
        state=state.value,
        mime=mime,
        name=name,
        size=size,
        url=f"{FILES}/{file_id}" if stored else "",
        preview=f"{FILES}/{file_id}/preview" if stored and kind is Kind.IMAGE else "",
    )


# ------------------------------------------------------------------------------------- canned texts

MISSING = "〔请填写〕"


async def canned(context: Context, user: User, talk: Conversation) -> list[schemas.CannedOut]:
    """常用语, with the fields filled from the conversation; what is not known says so."""
    async with context.reading() as uow:
        texts = await uow.sending.canned()
        contact = await uow.contacts.get(talk.contact_id)
        pending = await uow.reports.pending(talk.id)
        case = await uow.cases.get(talk.case_id) if talk.case_id else None
    fields = {
        "name": (contact.name if contact else "") or "市民朋友",
        "seat": user.staff_no,
        "number": (pending.number if pending else "") or (case.number if case else ""),
        "place": (pending.place if pending else "")
        or (case.place if case else dialogue.draft_of(talk).place),
    }
    return [schemas.CannedOut(id=one.id, title=one.title, text=_filled(one.text, fields)) for one in texts]


def _filled(text: str, fields: Mapping[str, str]) -> str:
    for name, value in fields.items():
        text = text.replace(f"{{{name}}}", value or MISSING)
    return text
