"""CMPP 2.0 and 3.0 on the wire: frames, bodies, login proofs, status reports. Pure: bytes in, values out.

Field names and section numbers are those of "China Mobile Peer to Peer protocol", QB-GF-028-2003, V3.0.1;
what 2.0 writes differently stands in `LAYOUTS`. Knows nothing of texts or links: see `messaging.sms.text`
and `protocol`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct

from messaging.link import wire as framing
from messaging.link.wire import LENGTH_SIZE, WireError

HEADER = Struct("!III")  # Total_Length, Command_Id, Sequence_Id (7.2)
RESPONSE = 0x8000_0000
LAST_SEQUENCE = 0xFFFF_FFFF
# The longest legal PDU is a SUBMIT to 99 numbers, 3.5 kB, and that one is ours.
MAX_LENGTH = 4096
MAX_OCTETS = 140  # of Msg_Content (7.4.3); one-octet alphabets below 160
MAX_ASCII = 159


class Command(IntEnum):
    """Command_Id (7.3); the answer to each is the same with the top bit set."""

    CONNECT = 1
    TERMINATE = 2
    SUBMIT = 4
    DELIVER = 5
    ACTIVE_TEST = 8


class Version(IntEnum):
    """High nibble major, low nibble minor (7.4.1.1)."""

    V20 = 0x20
    V30 = 0x30


class Login(IntEnum):
    """Status of CONNECT_RESP (7.4.1.2)."""

    OK = 0
    BAD_STRUCTURE = 1
    BAD_SOURCE = 2
    BAD_PROOF = 3
    VERSION_TOO_HIGH = 4


class Result(IntEnum):
    """Result of SUBMIT_RESP (7.4.3.2) and DELIVER_RESP, those that this side says or acts upon."""

    OK = 0
    BAD_STRUCTURE = 1
    REPEATED_SEQUENCE = 3
    BAD_TARIFF = 5
    BAD_SERVICE = 7
    FLOW_CONTROL = 8
    NOT_SERVED = 9
    BAD_SOURCE = 10
    BAD_PROVIDER = 11
    BAD_PAYER = 12
    BAD_DESTINATION = 13


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths in octets: result and status, a citizen's number, its type, the tail of SUBMIT and DELIVER."""

    result: int
    terminal: int
    terminal_type: int
    tail: int


LAYOUTS: Mapping[Version, Layout] = {
    Version.V20: Layout(result=1, terminal=21, terminal_type=0, tail=8),  # Reserve
    Version.V30: Layout(result=4, terminal=32, terminal_type=1, tail=20),  # LinkID
}


@dataclass(frozen=True, slots=True)
class Pdu:
    """One frame. `command` is a plain number: a peer may send ones that nobody has heard of."""

    command: int
    sequence: int
    body: bytes = b""

    @property
    def is_response(self) -> bool:
        return bool(self.command & RESPONSE)

    def encode(self) -> bytes:
        return HEADER.pack(HEADER.size + len(self.body), self.command, self.sequence) + self.body

    def answer(self, body: bytes = b"") -> "Pdu":
        return Pdu(self.command | RESPONSE, self.sequence, body)


class Framer(framing.Framer[Pdu]):
    """A byte stream as CMPP PDUs."""

    def __init__(self) -> None:
        super().__init__(HEADER.size, MAX_LENGTH, decode)


def decode(frame: bytes) -> Pdu:
    """One whole frame. Raises `WireError` when its length field does not fit."""
    if len(frame) < HEADER.size or int.from_bytes(frame[:LENGTH_SIZE]) != len(frame):
        raise WireError("frame and its length field differ")
    _, command, sequence = HEADER.unpack_from(frame)
    return Pdu(command, sequence, frame[HEADER.size :])


def _fixed(value: str, width: int) -> bytes:
    """Octet string, filled up with NUL (6.1). Raises `WireError` where it does not fit or is not ASCII."""
    if len(value) > width or not value.isascii() or "\0" in value:
        raise WireError(f"text does not fit a field of {width} octets")
    return value.encode("ascii").ljust(width, b"\0")


# ------------------------------------------------------------------- login


@dataclass(frozen=True, slots=True)
class Connect:
    """CONNECT (7.4.1.1). `stamp` is MMDDHHMMSS of the carrier's clock, ten digits."""

    sp_id: str
    secret: str = field(repr=False)
    stamp: str
    version: Version

    @property
    def proof(self) -> bytes:
        """AuthenticatorSource. The stamp keeps its leading zero here and loses it in the number beside."""
        words = (_fixed(self.sp_id, len(self.sp_id)), bytes(9), self.secret.encode(), self.stamp.encode())
        return _md5(b"".join(words))

    def encode(self) -> bytes:
        stamp = int(self.stamp).to_bytes(4)
        return _fixed(self.sp_id, 6) + self.proof + bytes((self.version,)) + stamp


@dataclass(frozen=True, slots=True)
class ConnectAnswer:
    """CONNECT_RESP (7.4.1.2). `version` is the highest that the gateway speaks."""

    status: int
    proof: bytes
    version: int
    status_octets: bytes = field(repr=False)

    SIZES = frozenset(layout.result + 17 for layout in LAYOUTS.values())

    @classmethod
    def decode(cls, body: bytes) -> "ConnectAnswer":
        """Its length says how wide the status is: a gateway refuses a version in its own layout."""
        if len(body) not in cls.SIZES:
            raise WireError(f"login answer of {len(body)} octets")
        status = body[:-17]
        return cls(int.from_bytes(status), body[-17:-1], body[-1], status)

    def is_proof_of(self, login: Connect) -> bool:
        """AuthenticatorISMG: the gateway knows the secret too."""
        return self.proof == _md5(self.status_octets + login.proof + login.secret.encode())


def _md5(octets: bytes) -> bytes:
    return hashlib.md5(octets, usedforsecurity=False).digest()  # the protocol knows no other


# ------------------------------------------------------------------- to the citizen


@dataclass(frozen=True, slots=True)
class Tariff:
    """Who pays, and what for: as the contract with the carrier says."""

    service_id: str = ""
    fee_type: str = "01"  # free of charge to the citizen
    fee_code: str = "000000"


@dataclass(frozen=True, slots=True)
class Submit:
    """SUBMIT (7.4.3.1) to one number: for several the gateway gives one answer, and one bad number fails all.

    `number` 1..`total` of a long message. `source` is what the citizen sees and answers to.
    """

    sp_id: str
    source: str
    destination: str
    payload: bytes
    message_format: int
    has_header: bool = False
    total: int = 1
    number: int = 1
    tariff: Tariff = Tariff()

    def encode(self, version: Version) -> bytes:
        layout = LAYOUTS[version]
        if len(self.payload) > (MAX_ASCII if self.message_format == 0 else MAX_OCTETS):
            raise WireError(f"Msg_Content of {len(self.payload)} octets")
        nobody = bytes(layout.terminal + layout.terminal_type)
        return b"".join(
            (
                bytes(8),  # Msg_Id: the gateway gives it
                bytes((self.total, self.number)),
                b"\x01\x00",  # Registered_Delivery: report wanted; Msg_level
                _fixed(self.tariff.service_id, 10),
                b"\x02",  # Fee_UserType: the service provider pays
                nobody,  # Fee_terminal_Id and its type
                b"\x00",  # TP_pId
                bytes((self.has_header, self.message_format)),  # TP_udhi, Msg_Fmt
                _fixed(self.sp_id, 6),
                _fixed(self.tariff.fee_type, 2) + _fixed(self.tariff.fee_code, 6),
                bytes(17 + 17),  # ValId_Time, At_Time: the carrier's usual, now
                _fixed(self.source, 21),
                b"\x01",  # DestUsr_tl
                _fixed(self.destination, layout.terminal) + bytes(layout.terminal_type),
                bytes((len(self.payload),)),
                self.payload,
                bytes(layout.tail),
            )
        )


@dataclass(frozen=True, slots=True)
class SubmitAnswer:
    """SUBMIT_RESP (7.4.3.2). `message_id` is unsigned: month, day, time, gateway, count; without a year."""

    message_id: int
    result: int

    SIZES = frozenset(layout.result + 8 for layout in LAYOUTS.values())

    @classmethod
    def decode(cls, body: bytes) -> "SubmitAnswer":
        if len(body) not in cls.SIZES:
            raise WireError(f"submit answer of {len(body)} octets")
        return cls(int.from_bytes(body[:8]), int.from_bytes(body[8:]))


# ------------------------------------------------------------------- from the citizen

# Msg_Id, Dest_Id, (Service_Id, TP_pid), TP_udhi, Msg_Fmt, Src_terminal_Id, (its type), Registered_Delivery,
# Msg_Length
DELIVER_HEADS: Mapping[Version, Struct] = {
    version: Struct(f"!Q21s11xBB{layout.terminal}s{layout.terminal_type}xBB")
    for version, layout in LAYOUTS.items()
}
REPORT_HEAD = Struct("!Q7s10s10s")  # Msg_Id, Stat, Submit_time, Done_time; then the recipient
SMSC_SEQUENCE = 4  # octets at the end


def _text(octets: bytes) -> str:
    """Octet string, filled up with NUL."""
    return octets.split(b"\0", 1)[0].decode("latin-1")


@dataclass(frozen=True, slots=True)
class Deliver:
    """DELIVER (7.4.5.1): a citizen's message, or the report on one of ours."""

    message_id: int
    to: str
    sender: str
    message_format: int
    has_header: bool
    is_report: bool
    content: bytes

    @classmethod
    def decode(cls, body: bytes, version: Version) -> "Deliver":
        """Raises `WireError` for a body that is not exactly as long as its own fields say."""
        head, tail = DELIVER_HEADS[version], LAYOUTS[version].tail
        if len(body) < head.size:
            raise WireError(f"message of {len(body)} octets")
        message_id, to, has_header, message_format, sender, report, length = head.unpack_from(body)
        end = head.size + length
        if len(body) != end + tail:
            raise WireError(f"{len(body) - end} octets after Msg_Content, expected {tail}")
        content = body[head.size : end]
        return cls(
            message_id, _text(to), _text(sender), message_format, bool(has_header), report == 1, content
        )


def deliver_answer(message_id: bytes, result: int, version: Version) -> bytes:
    """Body of DELIVER_RESP (7.4.5.2); `message_id` as it came, eight octets."""
    return message_id.ljust(8, b"\0") + result.to_bytes(LAYOUTS[version].result)


@dataclass(frozen=True, slots=True)
class Report:
    """What Msg_Content of a report holds (7.4.5.1). `message_id` is the one of our SUBMIT_RESP; times are
    YYMMDDhhmm of the carrier's clock.
    """

    message_id: int
    stat: str
    submitted: str
    done: str
    recipient: str

    @classmethod
    def decode(cls, content: bytes) -> "Report":
        """60 octets in 2.0 and 71 in 3.0, yet gateways send 60 on 3.0 links too: the length decides how wide
        the recipient is, not the version.
        """
        if len(content) < REPORT_HEAD.size + SMSC_SEQUENCE:
            raise WireError(f"report of {len(content)} octets")
        message_id, stat, submitted, done = REPORT_HEAD.unpack_from(content)
        recipient = content[REPORT_HEAD.size : -SMSC_SEQUENCE]
        return cls(message_id, _text(stat).strip(), _text(submitted), _text(done), _text(recipient))
