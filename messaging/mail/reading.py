"""A mail as it came, read: who, when, about what, which words, which files. Pure; whatever the octets, it
ends in a `Letter`.

The structure is read with the library's plain policy (compat32): the modern one reads every header by a
grammar that raises on some that real programs write and takes long for hostile ones. What the structure may
cost is bounded before it is read: a mail of a hundred thousand parts is read no further than its headers, and
of a Content-Type of kilobytes nothing is left but the type.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import parsedate_to_datetime

from callcenter.domain.messages import Kind, Media
from messaging.mail import html, quotes
from messaging.mail.charsets import decoded, header
from messaging.mail.identity import ids_in, normal

MOST_FILES = 10
MOST_PARTS = 200
DEEPEST = 20
LONGEST_TEXT = 20_000  # characters
LONGEST_NAME = 100
SMALL_PICTURE = 8 * 1024  # octets; what is shown in place and smaller belongs to a signature
MOST_IDS = 50
LONGEST_KEY = 200

# what a mail may ask the parser to do, counted in its octets
MOST_BOUNDARIES = 2_000  # lines that may part something
MOST_NESTINGS = 50  # multiparts and mails in mails
MOST_LINES = 600_000  # 25 MiB in base64 have 350,000
MOST_HEADERS = 256 * 1024  # octets before the first empty line

# what a header with parameters may be; the longest of honest ones is a file name of 200 Chinese characters
LONGEST_STRUCTURED = 2_048  # characters, unfolded
MOST_PARAMETERS = 50

_BRACKETED = re.compile(r"<\s*([^<>\s@]{1,64}@[^<>\s@]{1,255})\s*>")
_BARE = re.compile(r"[^\s<>()\",;:@]{1,64}@[^\s<>()\",;:@]{1,255}")
_UNSAFE = re.compile(r"[/\\:*?\"<>|\x00-\x1f]+")
_STRUCTURED = frozenset({"content-type", "content-disposition"})
_KINDS = {"image": Kind.IMAGE, "audio": Kind.VOICE, "video": Kind.VIDEO}


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the mail. `octets` without transfer encoding."""

    mime: str
    octets: bytes = field(repr=False)
    charset: str = ""
    name: str = ""
    inline: bool = True
    in_place: bool = False  # shown inside an HTML text

    @property
    def is_text(self) -> bool:
        return self.inline and not self.name and self.mime in {"text/plain", "text/html"}

    @property
    def text(self) -> str:
        return decoded(self.octets, self.charset)


@dataclass(frozen=True, slots=True)
class Letter:
    key: str  # Message-ID, or a digest of the mail
    message_id: str = ""
    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    answers: tuple[str, ...] = ()  # ids that it answers, nearest first; anybody's
    text: str = ""  # without quoted history
    files: tuple[Media, ...] = ()
    parts: tuple[Part, ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # lower-case name -> first value
    kind: str = "text/plain"


def read(raw: bytes) -> Letter:
    """Raises nothing for what is in it."""
    if not bearable(raw):
        return read_headers(raw)
    message = message_from_bytes(raw, policy=_BOUNDED)
    return _letter(raw, message, tuple(_leaves(message)))


def read_headers(raw: bytes) -> Letter:
    """Who, when and about what; nothing of what follows the headers."""
    return _letter(raw, BytesHeaderParser(policy=_BOUNDED).parsebytes(raw[:MOST_HEADERS]), ())


def _letter(raw: bytes, message: "Message[str, str]", parts: tuple[Part, ...]) -> Letter:
    headers = _headers(message)
    message_id = next(iter(ids_in(headers.get("message-id", ""))), "")
    name, sender = _address(headers.get("from", ""))
    return Letter(
        key=message_id if 0 < len(message_id) <= LONGEST_KEY else f"sha256:{hashlib.sha256(raw).hexdigest()}",
        message_id=message_id,
        sender=sender,
        sender_name=name,
        subject=headers.get("subject", ""),
        sent_at=_moment(headers.get("date", "")),
        answers=_answers(headers),
        text=quotes.newest(_words(parts)[:LONGEST_TEXT]),
        files=tuple(_files(parts)),
        parts=parts,
        headers=headers,
        kind=_mime(message),
    )


# ----------------------------------------------------------------------------- structure


class _Bounded(Compat32):
    """Every header passes here, of the mail and of its parts, before the library looks for a boundary: the
    time it takes for parameters grows with the square of their length.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if name.strip().lower() in _STRUCTURED and _is_monstrous(value):
            value = value.partition(";")[0][:LONGEST_NAME]
        return name, value


_BOUNDED = _Bounded()


def _is_monstrous(value: str) -> bool:
    return len(value) > LONGEST_STRUCTURED or value.count(";") > MOST_PARAMETERS


def bearable(raw: bytes) -> bool:
    """Whether reading the whole structure takes time and memory in proportion to the length."""
    lowered = raw.lower()
    nestings = lowered.count(b"boundary") + lowered.count(b"message/rfc822")
    end = re.search(rb"\r?\n\r?\n", raw)
    return (
        nestings <= MOST_NESTINGS
        and raw.count(b"\n--") <= MOST_BOUNDARIES
        and raw.count(b"\n") <= MOST_LINES
        and (len(raw) if end is None else end.start()) <= MOST_HEADERS
    )


def _leaves(message: "Message[str, str]") -> Iterator[Part]:
    """In the order in which they stand; a mail within the mail is one of them."""
    waiting = [(message, 0, False)]
    seen = 0
    while waiting and seen < MOST_PARTS:
        one, depth, related = waiting.pop()
        seen += 1
        inner = _inner(one)
        mime = _mime(one)
        if inner and mime.startswith("multipart/"):
            related = related or mime == "multipart/related"
            if depth < DEEPEST:
                waiting.extend((child, depth + 1, related) for child in reversed(inner))
        else:
            yield _leaf(one, mime, related=related)


def _leaf(one: "Message[str, str]", mime: str, *, related: bool) -> Part:
    disposition = _raw(one, "content-disposition").strip().lower()
    return Part(
        mime=mime,
        octets=_octets(one),
        charset=_parameter(one, "charset"),
        name=_name(one),
        inline=not disposition.startswith("attachment"),
        in_place=related and bool(_raw(one, "content-id")),
    )


def _inner(one: "Message[str, str]") -> list["Message[str, str]"]:
    """What it is made of. A leaf is not asked: the library would decode it by whatever charset it names."""
    found = one.get_payload() if one.is_multipart() else []
    return [child for child in found if isinstance(child, Message)]


def _octets(one: "Message[str, str]") -> bytes:
    """Of message/rfc822: the mail inside, as it came; of a delivery status: its first blocks."""
    try:
        if one.is_multipart():
            return b"\r\n".join(child.as_bytes() for child in _inner(one)[:MOST_PARTS])
        content = one.get_payload(decode=True)
    except (ValueError, TypeError, LookupError, AttributeError):
        return b""
    return content if isinstance(content, bytes) else b""


def _mime(one: "Message[str, str]") -> str:
    try:
        return one.get_content_type()
    except (ValueError, TypeError, AttributeError):
        return "application/octet-stream"


def _parameter(one: "Message[str, str]", name: str) -> str:
    """A parameter of Content-Type, RFC 2231 or not."""
    try:
        value = one.get_param(name, "")
    except (ValueError, TypeError, AttributeError, LookupError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value)


def _name(one: "Message[str, str]") -> str:
    """Encoded by RFC 2231, by RFC 2047 as most Chinese programs do, or not at all."""
    try:
        name = one.get_filename("") or ""
    except (ValueError, TypeError, AttributeError, LookupError):
        return ""
    return _UNSAFE.sub("_", header(str(name)))[-LONGEST_NAME:].strip(" .")


def _raw(one: "Message[str, str]", wanted: str) -> str:
    return next((value for name, value in one.raw_items() if name.lower() == wanted), "")


# ----------------------------------------------------------------------------- headers


def _headers(message: "Message[str, str]") -> dict[str, str]:
    """The first of each name, decoded."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        if (low := name.lower()) not in found and len(found) < MOST_PARTS:
            found[low] = header(str(value))
    return found


def _address(value: str) -> tuple[str, str]:
    """Name and address of the first person in a From header that is decoded already."""
    found = _BRACKETED.search(value)
    if found is not None:
        name = (
            value[: found.start()].rpartition(",")[2]
            if "@" in value[: found.start()]
            else value[: found.start()]
        )
        return name.strip(" \"'")[:LONGEST_NAME], normal(found[1])
    bare = _BARE.search(value)
    return "", normal(bare[0]) if bare else ""


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _answers(headers: Mapping[str, str]) -> tuple[str, ...]:
    """In-Reply-To first, then References from the newest back."""
    line = ids_in(headers.get("references", ""))[::-1]
    return tuple(dict.fromkeys((*ids_in(headers.get("in-reply-to", "")), *line)))[:MOST_IDS]


# ----------------------------------------------------------------------------- contents


def _words(parts: tuple[Part, ...]) -> str:
    """Plain text where there is some, else the words of the HTML."""
    plain = "\n".join(part.text.strip() for part in parts if part.is_text and part.mime == "text/plain")
    if plain.strip():
        return plain.strip()
    return "\n".join(
        html.words(part.text) for part in parts if part.is_text and part.mime == "text/html"
    ).strip()


def _files(parts: tuple[Part, ...]) -> Iterator[Media]:
    count = 0
    for part in parts:
        if part.is_text or not part.octets or _is_decoration(part) or count >= MOST_FILES:
            continue
        count += 1
        yield Media(
            kind=_KINDS.get(part.mime.partition("/")[0], Kind.FILE),
            mime=part.mime,
            name=part.name,
            size=len(part.octets),
            content=part.octets,
        )


def _is_decoration(part: Part) -> bool:
    return part.in_place and part.mime.startswith("image/") and len(part.octets) < SMALL_PICTURE
