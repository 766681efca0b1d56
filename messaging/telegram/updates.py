"""Updates of the Bot API as the hotline's inbound messages. Pure: no I/O.

Keys come from the message, not from update_id: after a week without updates Telegram goes on at a random
number, and a new update must not be taken for an old one. Groups and channels are not for a hotline; edits (a
live location that moves is one) are no new messages.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    Contact,
    Location,
    Message,
    PhotoSize,
    Update,
    Venue,
)

from callcenter.domain.messages import Inbound, Kind, Media

MEDIUM = "telegram"
WANTED = ("message", "callback_query", "my_chat_member")
"""What we ask Telegram for (allowed_updates)."""

START = "/start"
KEY = "k:"
"""Event keys of pressed keys begin so; the rest is the id that the press is answered by."""

GONE = frozenset({ChatMember.BANNED, ChatMember.LEFT})


def parse(data: Mapping[str, Any]) -> Update:
    """Raises whatever the library raises for what is no update."""
    return Update.de_json(dict(data), None)


def read(update: Update, account: str) -> Inbound | None:
    """None = nothing that a citizen tells the hotline."""
    if update.message is not None:
        return _message(update.message, account)
    if update.callback_query is not None:
        return _key(update.callback_query, account)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, account)
    return None


def reference(chat: int, message: int) -> str:
    """Message ids are unique in one chat only."""
    return f"{chat}:{message}"


def _message(message: Message, account: str) -> Inbound | None:
    if message.chat.type != Chat.PRIVATE:
        return None
    content = _content(message)
    if content is None:
        return None
    answered = message.reply_to_message
    return Inbound(
        channel=MEDIUM,
        account=account,
        event_key=f"m:{reference(message.chat.id, message.message_id)}",
        sender=str(message.chat.id),
        sent_at=message.date,
        answers=() if answered is None else (reference(message.chat.id, answered.message_id),),
        ref=reference(message.chat.id, message.message_id),
        sender_name=message.chat.full_name or "",
        **content,
    )


def _content(message: Message) -> dict[str, Any] | None:
    """Fields of Inbound; None for what says nothing (a pinned message, a game)."""
    if message.text is not None:
        return _words(message.text)
    if message.venue is not None:  # before the location: it holds one as well
        return _venue(message.venue)
    if message.location is not None:
        return _location(message.location)
    if message.contact is not None:
        return {"text": _contact(message.contact)}
    if message.sticker is not None:
        return {"text": message.sticker.emoji or ""}
    return _file(message)


def _words(text: str) -> dict[str, Any]:
    """Commands are keys of the bot's menu; /start opens every chat."""
    command = text.split(maxsplit=1)[0].partition("@")[0] if text.startswith("/") else ""
    if command == START:
        return {"kind": Kind.EVENT, "event": "follow"}
    if len(command) > 1:
        return {"kind": Kind.EVENT, "event": f"menu:{command[1:]}", "text": text}
    return {"text": text}


def _location(place: Location) -> dict[str, Any]:
    return {"kind": Kind.LOCATION, "lat": place.latitude, "lon": place.longitude}


def _venue(venue: Venue) -> dict[str, Any]:
    return {**_location(venue.location), "label": f"{venue.title} {venue.address}".strip()}


def _contact(contact: Contact) -> str:
    name = f"{contact.last_name or ''}{contact.first_name}"
    return f"{contact.phone_number} {name}".strip()


def _image(sizes: Sequence[PhotoSize]) -> Media:
    """The largest of the sizes that Telegram made of a picture."""
    best = max(sizes, key=lambda size: size.width * size.height)
    return Media(Kind.IMAGE, ref=best.file_id, mime="image/jpeg", size=best.file_size or 0)


def _as(kind: Kind, mime: str) -> Callable[[Any], Media]:
    """For files of one kind; `mime` where Telegram names none."""

    def media(file: Any) -> Media:
        return Media(
            kind,
            ref=file.file_id,
            mime=getattr(file, "mime_type", None) or mime,
            name=getattr(file, "file_name", None) or "",
            size=file.file_size or 0,
        )

    return media


def _document(file: Any) -> Media:
    """A picture sent as a file is a picture."""
    kind = Kind.IMAGE if (file.mime_type or "").startswith("image/") else Kind.FILE
    return _as(kind, "application/octet-stream")(file)


FILES: Sequence[tuple[str, Callable[[Any], Media]]] = (
    ("photo", _image),
    ("voice", _as(Kind.VOICE, "audio/ogg")),
    ("video", _as(Kind.VIDEO, "video/mp4")),
    ("video_note", _as(Kind.VIDEO, "video/mp4")),
    ("animation", _as(Kind.VIDEO, "video/mp4")),  # before the document: it is one as well
    ("audio", _as(Kind.FILE, "audio/mpeg")),
    ("document", _document),
)


def _file(message: Message) -> dict[str, Any] | None:
    for field, media in FILES:
        if value := getattr(message, field):
            one = media(value)
            return {"kind": one.kind, "text": message.caption or "", "media": (one,)}
    return None


def _key(query: CallbackQuery, account: str) -> Inbound | None:
    """A key under one of our messages."""
    message = query.message
    if message is None or message.chat.type != Chat.PRIVATE:
        return None
    return Inbound(
        channel=MEDIUM,
        account=account,
        event_key=f"{KEY}{query.id}",
        sender=str(message.chat.id),
        kind=Kind.EVENT,
        event=f"menu:{query.data or ''}",
        answers=(reference(message.chat.id, message.message_id),),
        sender_name=query.from_user.full_name,
    )


def _membership(change: ChatMemberUpdated, account: str) -> Inbound | None:
    """The citizen stopped the bot, or let it speak again."""
    if change.chat.type != Chat.PRIVATE:
        return None
    event = "unfollow" if change.new_chat_member.status in GONE else "follow"
    return Inbound(
        channel=MEDIUM,
        account=account,
        event_key=f"s:{change.chat.id}:{_second(change.date)}:{event}",
        sender=str(change.chat.id),
        kind=Kind.EVENT,
        event=event,
        sent_at=change.date,
        sender_name=change.from_user.full_name,
    )


def _second(moment: datetime) -> int:
    return int(moment.timestamp())
