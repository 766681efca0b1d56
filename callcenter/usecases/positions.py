"""Pin by text (发定位): a seat sends a link, the citizen puts their position and photos on the open form.

The link is a capability of 131 bits; only its SHA-256 is kept. It dies with the call or the conversation, and
after half an hour at the latest.
"""

import hashlib
import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from callcenter.domain.calls import Call
from callcenter.domain.contacts import Address, is_mobile, normal_number
from callcenter.domain.conversations import Conversation
from callcenter.domain.errors import ConflictError, HotlineError, InvalidInputError, NotFoundError
from callcenter.domain.messages import Purpose
from callcenter.domain.positions import LIFE, PositionLink
from callcenter.domain.records import MediaFile
from callcenter.domain.staff import User
from callcenter.store import UnitOfWork
from callcenter.usecases import sending, uploads
from callcenter.usecases.context import Context
from callcenter.usecases.sending import Words

log = structlog.get_logger(__name__)

TEMPLATE = "position_link"
PATH = "/p/"
ALPHABET = string.ascii_letters + string.digits  # telephones break links at other characters
TOKEN_LENGTH = 22
MAX_PHOTOS = 12


class LinkOverError(HotlineError):
    """The same for a link that never was, one whose call is over, and one that is too old."""

    code = "link_over"

    def __init__(self) -> None:
        super().__init__("这个链接已经失效：通话结束或超过 30 分钟后就不能再用。需要补充请拨打 12345。")


class AlreadySentError(ConflictError):
    """A link of this call is alive; another one is sent only when the seat says so."""

    code = "already_sent"


@dataclass(frozen=True, slots=True)
class Wanted:
    """For a call or for a conversation. `number`: a mobile number that the caller named, '' = their own."""

    call_id: str = ""
    conversation_id: str = ""
    number: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """One link as the seat sees it."""

    link: PositionLink
    alive: bool
    photos: Sequence[MediaFile] = ()


# ------------------------------------------------------------------------------------------- the seat


async def begin(context: Context, user: User, wanted: Wanted) -> PositionLink:
    """Send the link by text, or in the conversation's own channel.

    Raises `NotFoundError` for a call or conversation that is not this seat's, `InvalidInputError` for both or
    neither of them and for a number that takes no texts, `AlreadySentError`, and what `sending.reply` raises.
    """
    if not context.city.public_url:
        raise HotlineError("还没有设置市民页面的网址（public_url），请联系管理员。")
    async with context.uow() as uow:
        matter = await _own(uow, user, wanted)
        if not wanted.again and await _alive(context, uow, wanted):
            raise AlreadySentError("已经给市民发过定位链接，还在有效期内；要再发一次请确认。")
        token = "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))
        link = _link(context, user, token, wanted)
        link.contact_id = matter.contact_id
        params = {"link": f"{context.city.public_url.rstrip('/')}{PATH}{token}"}
        if isinstance(matter, Conversation):
            await _write(context, uow, user, matter, params)
        else:
            _text(context, uow, matter, wanted, params)
        uow.positions.add(link)
        await uow.commit()
    return link


def _link(context: Context, user: User, token: str, wanted: Wanted) -> PositionLink:
    return PositionLink(
        id=digest_of(token),
        created_at=context.now(),
        expires_at=context.now() + LIFE,
        seat=user.staff_no,
        call_id=wanted.call_id,
        conversation_id=wanted.conversation_id,
    )


def digest_of(token: str) -> str:
    """160 bits of its SHA-256: as long as our other ids may be."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]


async def _own(uow: UnitOfWork, user: User, wanted: Wanted) -> Call | Conversation:
    if bool(wanted.call_id) == bool(wanted.conversation_id):
        raise InvalidInputError("call_id", "请在一通电话或一个会话里发定位链接。")
    if wanted.conversation_id:
        talk = await uow.conversations.get(wanted.conversation_id, lock=True)
        if talk is None or not talk.is_open or talk.seat != user.staff_no:
            raise NotFoundError("这个会话")
        return talk
    call = await uow.calls.get(wanted.call_id)
    if call is None or call.seat != user.staff_no or call.ended_at is not None:
        raise NotFoundError("这通电话")
    return call


async def _write(
    context: Context, uow: UnitOfWork, user: User, talk: Conversation, params: Mapping[str, str]
) -> None:
    words = Words(context.templates.render(TEMPLATE, params, talk.channel), template=TEMPLATE)
    await sending.reply(context, uow, talk, words, author_id=user.id)


def _text(context: Context, uow: UnitOfWork, call: Call, wanted: Wanted, params: dict[str, str]) -> None:
    number = normal_number(wanted.number) or call.number
    if not is_mobile(number):
        raise InvalidInputError("phone", "来电不是手机号，收不到短信：请问市民一个手机号，填在“电话”里再发。")
    to = Address(context.city.text_channel, "", number)
    words = Words(context.templates.render(TEMPLATE, params, to.medium), template=TEMPLATE, params=params)
    sending.put(context, uow, to, words, Purpose.REPLY, contact_id=call.contact_id)


async def _alive(context: Context, uow: UnitOfWork, wanted: Wanted) -> bool:
    return any(link.alive(context.now()) for link in await _links(uow, wanted))


async def _links(uow: UnitOfWork, wanted: Wanted) -> Sequence[PositionLink]:
    if wanted.call_id:
        return await uow.positions.of_call(wanted.call_id)
    if wanted.conversation_id:
        return await uow.positions.of_conversation(wanted.conversation_id)
    return ()


async def pins(context: Context, user: User, wanted: Wanted) -> list[Pin]:
    """This seat's links of the call or conversation, oldest first."""
    async with context.reading() as uow:
        links = [link for link in await _links(uow, wanted) if link.seat == user.staff_no]
        photos = await uow.media.of([link.id for link in links])
        return [Pin(link, await _usable(context, uow, link), photos.get(link.id, ())) for link in links]


async def photo(context: Context, user: User, file_id: str) -> tuple[bytes, str]:
    """Content and kind, for the seat whose link it came by. Raises `NotFoundError`."""
    async with context.reading() as uow:
        kept = await uow.media.get(file_id)
        link = await uow.positions.get(kept.owner_id) if kept else None
    if kept is None or link is None or link.seat != user.staff_no:
        raise NotFoundError("这张照片")
    try:
        return await context.media.read(kept.digest), kept.mime
    except KeyError:
        raise NotFoundError("这张照片") from None


# ------------------------------------------------------------------------------------------- the citizen


async def opened(context: Context, token: str) -> PositionLink:
    """The page is on the citizen's screen. Raises `LinkOverError`."""
    async with context.uow() as uow:
        link = await _find(context, uow, token)
        if link.opened_at is None:
            link.opened_at = context.now()
            _tell(context, uow, link, "position.opened")
            await uow.commit()
    return link


async def place(context: Context, token: str, lat: float, lon: float, accuracy_m: float) -> PositionLink:
    """WGS 84 degrees, metres. A later position takes the place of an earlier one. Raises `LinkOverError`."""
    async with context.uow() as uow:
        link = await _find(context, uow, token)
        link.lat, link.lon, link.accuracy_m = lat, lon, accuracy_m
        link.opened_at = link.opened_at or context.now()
        link.sent_at = context.now()
        _tell(context, uow, link, "position.arrived", lat=lat, lon=lon, accuracy=accuracy_m)
        await uow.commit()
    return link


async def check(context: Context, token: str) -> None:
    """Before a photo is even taken off the wire. Raises `LinkOverError`."""
    async with context.reading() as uow:
        await _find(context, uow, token)


async def take_photo(context: Context, token: str, content: bytes) -> MediaFile:
    """Raises `LinkOverError`, `InvalidInputError`. The link is looked at first: nobody else has us decode."""
    async with context.reading() as uow:
        link = await _find(context, uow, token)
    file = await uploads.cleaned(context, content, link.id)
    async with context.uow() as uow:
        link = await _find(context, uow, token)
        there = (await uow.media.of([link.id])).get(link.id, ())
        if len(there) >= MAX_PHOTOS:
            raise InvalidInputError("photos", f"最多发 {MAX_PHOTOS} 张照片，已经够了，谢谢。")
        file.number = len(there)
        uow.media.add(file)
        _tell(context, uow, link, "position.photo", file=file.id)
        await uow.commit()
    return file


async def _find(context: Context, uow: UnitOfWork, token: str) -> PositionLink:
    link = await uow.positions.get(digest_of(token))
    if link is None or not await _usable(context, uow, link):
        raise LinkOverError
    return link


async def _usable(context: Context, uow: UnitOfWork, link: PositionLink) -> bool:
    """Also when nobody told us that the call is over: its record may have come by Asterisk's own file."""
    if not link.alive(context.now()):
        return False
    if link.conversation_id:
        talk = await uow.conversations.get(link.conversation_id)
        return talk is not None and talk.is_open
    call = await uow.calls.get(link.call_id)
    return call is not None and call.ended_at is None


def _tell(context: Context, uow: UnitOfWork, link: PositionLink, kind: str, **more: Any) -> None:
    data: Mapping[str, Any] = {
        "id": link.id,
        "call_id": link.call_id,
        "conversation_id": link.conversation_id,
        **more,
    }
    audience = f"seat:{link.seat}"
    uow.after_commit(lambda: context.live.publish(audience, kind, data))


# ------------------------------------------------------------------------------------------- the end


async def call_over(context: Context, call_id: str) -> None:
    """The link dies with the call. Most calls have none, and cost one look."""
    async with context.reading() as uow:
        links = [link.id for link in await uow.positions.of_call(call_id) if link.ended_at is None]
    if not links:
        return
    async with context.uow() as uow:
        for link_id in links:
            link = await uow.positions.get(link_id, lock=True)
            if link is not None:
                link.ended_at = context.now()
                _tell(context, uow, link, "position.over")
        await uow.commit()
