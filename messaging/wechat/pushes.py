"""What WeChat pushes, in the hotline's words: a message, a key pressed, the fate of a notice. Pure.

Field names of "接收普通消息" and "接收事件推送"; wechatpy's classes convert them. Whatever is newer than both
is an event without a name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wechatpy.events import EVENT_TYPES
from wechatpy.messages import MESSAGE_TYPES, UnknownMessage

from callcenter.domain.messages import DeliveryState, Inbound, Kind, Media, Receipt
from messaging.wechat.body import UnreadableError
from messaging.wechat.gcj02 import to_wgs84

MEDIUM = "wechat"
MEDIA_LIFE = timedelta(days=3)
"""How long a MediaId can be fetched."""

MOST_LAT, MOST_LON = 90.0, 180.0  # degrees
NAME_LENGTH = 80  # of an event; the rest of a long address says nothing more
SENT = "success"

MIMES: Mapping[str, str] = {"amr": "audio/amr", "speex": "audio/speex"}


@dataclass(frozen=True, slots=True)
class Push:
    """`answered`: the citizen may see an answer to it at once."""

    inbound: Inbound | None = None
    receipts: tuple[Receipt, ...] = ()
    answered: bool = False
    ours: str = ""  # the account's own name, which an answer comes from


def read(found: Mapping[str, Any], account: str, *, positions: bool = False) -> Push:
    """Raises `UnreadableError`. `positions`: reports of where the citizen is are wanted as well."""
    try:
        if _kind(found) == "event":
            return _event(found, account, positions=positions)
        return _message(found, account)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UnreadableError(type(error).__name__) from error


def _kind(found: Mapping[str, Any]) -> str:
    return _needed(found["MsgType"]).lower()


# ----------------------------------------------------------------------------- messages


def _message(found: Mapping[str, Any], account: str) -> Push:
    kind = _kind(found)
    message = MESSAGE_TYPES.get(kind, UnknownMessage)(found)
    contents = _CONTENTS.get(kind, _nameless)(message)
    sent_at = datetime.fromtimestamp(int(found["CreateTime"]), UTC)
    key = str(found.get("MsgId") or _event_key(found, kind))
    inbound = Inbound(
        channel=MEDIUM,
        account=account,
        event_key=key,
        sender=_needed(found["FromUserName"]),
        to=_words(found.get("ToUserName")),
        sent_at=sent_at,
        ref=str(found.get("MsgId") or ""),
        **contents,
    )
    return Push(inbound, answered=inbound.kind is not Kind.EVENT, ours=inbound.to)


def _text(message: Any) -> dict[str, Any]:
    return {"text": _words(message.content)}


def _media(kind: Kind, message: Any, mime: str = "") -> dict[str, Any]:
    gone_at = datetime.fromtimestamp(message.time, UTC) + MEDIA_LIFE
    media = Media(kind, ref=_needed(message.media_id), mime=mime, expires_at=gone_at)
    return {"kind": kind, "media": (media,)}


def _image(message: Any) -> dict[str, Any]:
    return _media(Kind.IMAGE, message)


def _voice(message: Any) -> dict[str, Any]:
    """With the words that WeChat heard, where the account has that turned on."""
    mime = MIMES.get(_words(message.format).lower(), "")
    return {**_media(Kind.VOICE, message, mime), "text": _words(message.recognition)}


def _video(message: Any) -> dict[str, Any]:
    return _media(Kind.VIDEO, message, "video/mp4")


def _place(message: Any) -> dict[str, Any]:
    """Location_X is the latitude. GCJ-02, as every map in China."""
    return {**_at(message.location_x, message.location_y), "label": _words(message.label)}


def _link(message: Any) -> dict[str, Any]:
    lines = (_words(message.title), _words(message.description), _words(message.url))
    return {"kind": Kind.LINK, "text": "\n".join(line for line in lines if line)}


def _nameless(_message: Any) -> dict[str, Any]:
    return {"kind": Kind.EVENT}


_CONTENTS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _place,
    "link": _link,
}


# ----------------------------------------------------------------------------- events

# The name that the hotline has for an event; those that are not here have none.
_NAMES: Mapping[str, Callable[[Any], str]] = {
    "subscribe": lambda _event: "follow",
    "unsubscribe": lambda _event: "unfollow",
    "scan": lambda event: f"scan:{_words(event.scene_id)}",
    "click": lambda event: f"menu:{_words(event.key)}",
    "view": lambda event: f"view:{_words(event.url)}",
}
_ANSWERED = frozenset({"subscribe", "scan", "click"})


def _event(found: Mapping[str, Any], account: str, *, positions: bool) -> Push:
    name = _words(found.get("Event")).lower()
    event = EVENT_TYPES.get(name, UnknownMessage)(found)
    if name == "templatesendjobfinish":
        return Push(receipts=(_receipt(found, account, event.id, _words(event.status)),))
    if name == "subscribe_msg_sent_event":
        return Push(receipts=tuple(_notices(found, account)))
    if name == "location" and not positions:
        return Push()
    inbound = Inbound(
        channel=MEDIUM,
        account=account,
        event_key=_event_key(found, name),
        sender=_needed(found["FromUserName"]),
        to=_words(found.get("ToUserName")),
        sent_at=datetime.fromtimestamp(int(found["CreateTime"]), UTC),
        **(_position(event) if name == "location" else _named(name, event)),
    )
    return Push(inbound, answered=name in _ANSWERED, ours=inbound.to)


def _named(name: str, event: Any) -> dict[str, Any]:
    named = _NAMES.get(name)
    return {"kind": Kind.EVENT, "event": named(event)[:NAME_LENGTH] if named else ""}


def _position(event: Any) -> dict[str, Any]:
    return _at(event.latitude, event.longitude)


def _at(latitude: Any, longitude: Any) -> dict[str, Any]:
    lat, lon = float(latitude), float(longitude)
    if not (abs(lat) <= MOST_LAT and abs(lon) <= MOST_LON):
        raise ValueError("no place on earth")
    here_lat, here_lon = to_wgs84(lat, lon)
    return {"kind": Kind.LOCATION, "lat": here_lat, "lon": here_lon}


def _event_key(found: Mapping[str, Any], name: str) -> str:
    """Events have no number; the platform's own advice is who and when. Which one is added: two can come
    within a second.
    """
    who, when = _needed(found["FromUserName"]), int(found["CreateTime"])
    return f"{who}:{when}:{name}:{_words(found.get('EventKey'))}"[:300]


def _notices(found: Mapping[str, Any], account: str) -> Iterable[Receipt]:
    """In XML the list lies in an element of its own, in JSON it does not; one entry is no list."""
    listed = found.get("SubscribeMsgSentEvent", found)["List"]
    for entry in listed if isinstance(listed, list) else [listed]:
        delivered = str(entry["ErrorCode"]) == "0"
        status = SENT if delivered else _words(entry.get("ErrorStatus"))
        yield _receipt(found, account, entry["MsgID"], status)


def _receipt(found: Mapping[str, Any], account: str, number: Any, status: str) -> Receipt:
    """Statuses of a template message: success, failed:user block, failed: system failed."""
    delivered = status == SENT
    return Receipt(
        account=account,
        provider_ref=str(int(number)),
        state=DeliveryState.DELIVERED if delivered else DeliveryState.FAILED,
        code="" if delivered else _code(status),
        at=datetime.fromtimestamp(int(found["CreateTime"]), UTC),
        recipient=_words(found["FromUserName"]),
    )


def _code(status: str) -> str:
    reason = status.lower().removeprefix("failed").strip(" :").replace(" ", "_")
    return {"user_block": "blocked"}.get(reason, reason[:40] or "failed")


def _words(value: Any) -> str:
    """Without what no database keeps: half characters and zeros, which JSON can carry."""
    return "" if value is None else str(value).encode(errors="ignore").decode().replace("\0", "")


def _needed(value: Any) -> str:
    words = _words(value)
    if not words:
        raise ValueError("an id is missing")
    return words
