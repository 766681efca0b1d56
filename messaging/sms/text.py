"""A text as short messages carry it: coding, segments, user data header. Pure; shared by SMPP and CMPP.

Lengths are counted in octets of the payload: 140 alone, and with a header of six octets 134, which are
67 UTF-16 units (3GPP TS 23.040, 9.2.3.24.1). One-octet alphabets are sent unpacked: 160 and 153.
Knows nothing of PDUs or links.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

MAX_SEGMENTS = 255


class Coding(IntEnum):
    """data_coding (SMPP 5.2.19), Msg_Fmt 15 of CMPP included."""

    DEFAULT = 0
    ASCII = 1
    OCTETS = 2
    LATIN1 = 3
    BINARY = 4
    UCS2 = 8
    GBK = 15


ALONE: Mapping[Coding, int] = {Coding.DEFAULT: 160, Coding.UCS2: 140}
IN_SERIES: Mapping[Coding, int] = {Coding.DEFAULT: 153, Coding.UCS2: 134}

FIRST_HIGH_SURROGATE = 0xD8  # upper octet of U+D800..DBFF but for its last two bits
GROUP_WITH_CLASS, GROUP_DATA_AND_CLASS = 0x10, 0xF0

# Characters that are the same octet in GSM 03.38, ASCII and Latin-1: whatever the SMSC calls its default
# alphabet, they arrive as written. '@', '$', '_' and brackets are not among them.
EVERYWHERE = re.compile(r"[A-Za-z0-9 !\"#%&'()*+,\-./:;<=>?\r\n]*")

GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
AFTER_ESCAPE = {"\n": "\f", "Λ": "^", "(": "{", ")": "}", "/": "\\", "<": "[", "=": "~", ">": "]", "¡": "|"}
AFTER_ESCAPE |= {"e": "€"}
_ESCAPED = re.compile("\x1b(.)", re.DOTALL)


class TextTooLongError(ValueError):
    """More than 255 segments."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One short message. `payload` includes the header where `has_header` says so."""

    payload: bytes
    coding: Coding
    has_header: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part stands in its long message: `number` 1..`total`."""

    reference: int
    total: int
    number: int


def coding_of(text: str) -> Coding:
    """The shortest coding in which every SMSC and handset reads the same text."""
    return Coding.DEFAULT if EVERYWHERE.fullmatch(text) else Coding.UCS2


def encode(text: str, coding: Coding) -> bytes:
    return text.encode("utf-16-be" if coding is Coding.UCS2 else "ascii", "replace")


def segment_count(text: str) -> int:
    """How many short messages the carrier will charge."""
    return len(segments(text, 0))


def segments(text: str, reference: int, alone: Mapping[Coding, int] = ALONE) -> Sequence[Segment]:
    """Cut `text`; `reference` (0..255) joins the parts at the handset. Raises `TextTooLongError`."""
    coding = coding_of(text)
    payload = encode(text, coding)
    if len(payload) <= alone[coding]:
        return [Segment(payload, coding)]
    pieces = _cut(payload, IN_SERIES[coding], coding)
    if len(pieces) > MAX_SEGMENTS:
        raise TextTooLongError(f"{len(pieces)} segments, at most {MAX_SEGMENTS}")
    return [
        Segment(header(Place(reference, len(pieces), number)) + piece, coding, has_header=True)
        for number, piece in enumerate(pieces, start=1)
    ]


def _cut(payload: bytes, room: int, coding: Coding) -> list[bytes]:
    pieces, at = [], 0
    while at < len(payload):
        end = at + room
        if coding is Coding.UCS2 and end < len(payload) and _is_high_surrogate(payload[end - 2]):
            end -= 2  # the pair goes whole into the next segment
        pieces.append(payload[at:end])
        at = end
    return pieces


def _is_high_surrogate(first_octet: int) -> bool:
    return first_octet & 0xFC == FIRST_HIGH_SURROGATE


def header(place: Place) -> bytes:
    """Concatenation header with an 8-bit reference (3GPP TS 23.040, 9.2.3.24.1)."""
    return bytes((5, 0, 3, place.reference & 0xFF, place.total, place.number))


def split_header(payload: bytes) -> tuple[Place | None, bytes]:
    """Place in the series and the rest. Both reference widths are read, other elements passed over.

    A header that is not one (longer than the payload, part 0 of 0) leaves the payload as it is.
    """
    if not payload or payload[0] >= len(payload):
        return None, payload
    end = payload[0] + 1
    return _place(payload[1:end]), payload[end:]


def _place(elements: bytes) -> Place | None:
    """First concatenation element: id 0 with one octet of reference, id 8 with two."""
    at = 0
    while at + 2 <= len(elements):
        kind, length = elements[at], elements[at + 1]
        value = elements[at + 2 : at + 2 + length]
        if (kind, len(value)) in {(0, 3), (8, 4)}:
            return plausible(Place(int.from_bytes(value[:-2]), value[-2], value[-1]))
        at += 2 + length
    return None


def plausible(place: Place) -> Place | None:
    return place if 1 <= place.number <= place.total and place.total > 1 else None


def decode(payload: bytes, data_coding: int) -> str:
    """Text of a whole message. Never raises: what cannot be read shows as U+FFFD."""
    match _alphabet(data_coding):
        case Coding.UCS2:
            return payload.decode("utf-16-be", "replace")
        case Coding.GBK:
            return payload.decode("gb18030", "replace")
        case Coding.ASCII | Coding.LATIN1 | Coding.OCTETS | Coding.BINARY:
            return payload.decode("latin-1")
        case _:
            return decode_gsm(payload)


def _alphabet(data_coding: int) -> int:
    """GSM coding groups 0001 and 1111 (3GPP TS 23.038, 4: message class) as the plain SMPP values."""
    group = data_coding & 0xF0
    if group == GROUP_WITH_CLASS:
        return data_coding & 0x0C
    return data_coding & 0x04 if group == GROUP_DATA_AND_CLASS else data_coding


def decode_gsm(payload: bytes) -> str:
    """GSM 03.38 default alphabet, one character per octet, with its extension table."""
    plain = "".join(GSM_BASIC[octet] if octet < len(GSM_BASIC) else "�" for octet in payload)
    return _ESCAPED.sub(lambda found: AFTER_ESCAPE.get(found[1], found[1]), plain)
