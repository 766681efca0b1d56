"""SMPP 3.4 on the wire: frames, PDU bodies, optional parameters. Pure: bytes in, values out, no I/O.

Section numbers are those of "Short Message Peer to Peer Protocol Specification v3.4, issue 1.2".
Knows nothing of texts, receipts or links: see `messaging.sms.text`, `receipts` and `protocol`.
"""

import struct
from dataclasses import dataclass, field
from enum import IntEnum

from messaging.link import wire as framing
from messaging.link.wire import LENGTH_SIZE, WireError

HEADER = struct.Struct("!IIII")  # command_length, command_id, command_status, sequence_number (3.2)
TLV_HEADER = struct.Struct("!HH")
RESPONSE = 0x8000_0000
LAST_SEQUENCE = 0x7FFF_FFFF
# message_payload carries up to 64 KiB (5.3.2.32); nothing legal is longer than that and its fields
MAX_LENGTH = 0x1_0000 + 1024
MAX_SHORT_MESSAGE = 254  # 5.2.22; longer ones travel in message_payload
INTERFACE_VERSION = 0x34


class Command(IntEnum):
    """command_id (5.1.2.1); the answer to each is the same with the top bit set."""

    BIND_TRANSCEIVER = 0x09
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    ENQUIRE_LINK = 0x15
    GENERIC_NACK = RESPONSE


REQUESTS = frozenset(Command) - {Command.GENERIC_NACK}


class Status(IntEnum):
    """command_status (5.1.3), those that this side says or acts upon."""

    OK = 0x00
    INVALID_LENGTH = 0x01
    UNKNOWN_COMMAND = 0x03
    NOT_BOUND = 0x04
    ALREADY_BOUND = 0x05
    SYSTEM_ERROR = 0x08
    INVALID_SOURCE = 0x0A
    INVALID_DESTINATION = 0x0B
    BIND_FAILED = 0x0D
    INVALID_PASSWORD = 0x0E
    INVALID_SYSTEM_ID = 0x0F
    QUEUE_FULL = 0x14
    SUBMIT_FAILED = 0x45
    THROTTLED = 0x58
    TEMPORARY_FAILURE = 0x64  # ESME receiver temporary application error: "send it again later"


class Tag(IntEnum):
    """Optional parameters (5.3.2) that this side reads or writes."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_REFERENCE = 0x020C
    SAR_TOTAL = 0x020E
    SAR_NUMBER = 0x020F
    NETWORK_ERROR = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


@dataclass(frozen=True, slots=True)
class Pdu:
    """One frame. `command` is a plain number: a peer may send ones that nobody has heard of."""

    command: int
    sequence: int
    status: int = Status.OK
    body: bytes = b""

    @property
    def is_response(self) -> bool:
        return bool(self.command & RESPONSE)

    def encode(self) -> bytes:
        length = HEADER.size + len(self.body)
        return HEADER.pack(length, self.command, self.status, self.sequence) + self.body

    def answer(self, status: int = Status.OK, body: bytes = b"") -> "Pdu":
        """The response to this request; generic_nack where the command is unknown (4.3)."""
        if self.command not in REQUESTS:
            return Pdu(Command.GENERIC_NACK, self.sequence, Status.UNKNOWN_COMMAND)
        return Pdu(self.command | RESPONSE, self.sequence, status, body)


def decode(frame: bytes) -> Pdu:
    """One whole frame. Raises `WireError` when its length field does not fit."""
    if len(frame) < HEADER.size or int.from_bytes(frame[:LENGTH_SIZE]) != len(frame):
        raise WireError("frame and its length field differ")
    _, command, status, sequence = HEADER.unpack_from(frame)
    return Pdu(command, sequence, status, frame[HEADER.size :])


class Framer(framing.Framer[Pdu]):
    """A byte stream as SMPP PDUs."""

    def __init__(self) -> None:
        super().__init__(HEADER.size, MAX_LENGTH, decode)


class Reader:
    """Fields of a body, left to right, and the optional parameters at its end. Every read raises `WireError`
    past the end.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    @property
    def rest(self) -> int:
        return len(self._body) - self._at

    def octets(self, count: int) -> bytes:
        if count > self.rest:
            raise WireError(f"{count} octets wanted, {self.rest} left")
        self._at += count
        return self._body[self._at - count : self._at]

    def number(self, width: int = 1) -> int:
        return int.from_bytes(self.octets(width))

    def text(self, limit: int) -> str:
        """C-octet string of at most `limit` octets, NUL included."""
        end = self._body.find(b"\0", self._at, self._at + limit)
        if end < 0:
            raise WireError(f"string of at most {limit} octets has no end")
        return self.octets(end - self._at + 1)[:-1].decode("latin-1")

    def tlvs(self) -> dict[int, bytes]:
        """Optional parameters to the end of the body (3.2.4); the last of a repeated tag counts."""
        found = {}
        while self.rest:
            tag, length = TLV_HEADER.unpack(self.octets(TLV_HEADER.size))
            found[tag] = self.octets(length)
        return found


def _text(value: str, limit: int) -> bytes:
    raw = value.encode("latin-1", "replace") + b"\0"
    if len(raw) > limit or "\0" in value or raw[:-1].decode("latin-1") != value:
        raise WireError(f"text does not fit a field of {limit} octets")
    return raw


def _tlvs(values: dict[int, bytes]) -> bytes:
    return b"".join(TLV_HEADER.pack(tag, len(value)) + value for tag, value in values.items())


@dataclass(frozen=True, slots=True)
class Bind:
    """bind_transceiver (4.1.5)."""

    system_id: str
    password: str = field(repr=False)
    system_type: str = ""

    def encode(self) -> bytes:
        names = _text(self.system_id, 16) + _text(self.password, 9) + _text(self.system_type, 13)
        return names + bytes((INTERFACE_VERSION, 0, 0)) + _text("", 41)


@dataclass(frozen=True, slots=True)
class Party:
    """An address with its type of number (5.2.5) and numbering plan (5.2.6)."""

    digits: str
    ton: int = 0
    npi: int = 0

    def encode(self) -> bytes:
        return bytes((self.ton, self.npi)) + _text(self.digits, 21)

    @classmethod
    def read(cls, reader: Reader) -> "Party":
        ton, npi = reader.number(), reader.number()
        return cls(reader.text(21), ton, npi)


@dataclass(frozen=True, slots=True)
class Message:
    """submit_sm (4.4.1) and deliver_sm (4.6.1): one layout in both directions."""

    source: Party
    destination: Party
    payload: bytes
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    priority: int = 0
    service_type: str = ""
    protocol_id: int = 0
    schedule: str = ""
    validity: str = ""
    replace: int = 0
    default_message: int = 0
    tlvs: dict[int, bytes] = field(default_factory=dict)

    def encode(self) -> bytes:
        if len(self.payload) > MAX_SHORT_MESSAGE:
            raise WireError(f"short_message takes {MAX_SHORT_MESSAGE} octets, got {len(self.payload)}")
        return b"".join(
            (
                _text(self.service_type, 6),
                self.source.encode(),
                self.destination.encode(),
                bytes((self.esm_class, self.protocol_id, self.priority)),
                _text(self.schedule, 17),
                _text(self.validity, 17),
                bytes((self.registered_delivery, self.replace, self.data_coding, self.default_message)),
                bytes((len(self.payload),)),
                self.payload,
                _tlvs(self.tlvs),
            )
        )

    @classmethod
    def decode(cls, body: bytes) -> "Message":
        """Raises `WireError` for a body that ends too early or too late."""
        reader = Reader(body)
        service_type = reader.text(6)
        source, destination = Party.read(reader), Party.read(reader)
        esm_class, protocol_id, priority = reader.octets(3)
        schedule, validity = reader.text(17), reader.text(17)
        registered_delivery, replace, data_coding, default_message = reader.octets(4)
        payload = reader.octets(reader.number())
        return cls(
            source,
            destination,
            payload,
            data_coding,
            esm_class,
            registered_delivery,
            priority,
            service_type,
            protocol_id,
            schedule,
            validity,
            replace,
            default_message,
            reader.tlvs(),
        )

    @property
    def content(self) -> bytes:
        """What the user typed: short_message, or message_payload where that is used instead."""
        return self.payload or self.tlvs.get(Tag.MESSAGE_PAYLOAD, b"")


def message_id(body: bytes) -> str:
    """message_id of a submit_sm_resp (4.4.2); '' where the body is missing, as it may be on errors."""
    return Reader(body).text(65) if body else ""


NO_MESSAGE_ID = b"\0"  # the unused message_id of a deliver_sm_resp (4.6.2)
