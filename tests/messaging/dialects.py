"""CMPP and SMPP with one face, for what both must stand alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from messaging.cmpp import wire as cmpp
from messaging.cmpp.protocol import CmppProtocol
from messaging.smpp import wire as smpp
from messaging.smpp.protocol import SmppProtocol
from tests.messaging.cmpp import frames as cmpp_frames
from tests.messaging.smpp import frames as smpp_frames
from tests.peers.cmpp import tables

RESPONSE = 0x8000_0000
CITIZEN, OUR_NUMBER = "13800000001", "10690012345"


@dataclass(frozen=True)
class Dialect:
    """`answer(pdu, body)` is a good one, `refused` one to a wrong password; `taken(id)` the body of one to a
    submit, 0 = without an id; `text` a citizen's; `recorded` what a real peer sent, `served` of it worked on.
    """

    kind: str
    options: dict[str, Any]
    framer: Callable[[], Any]
    pdu: Callable[..., Any]
    answer: Callable[[Any, bytes], Any]
    link: Callable[..., Any]
    login: int
    welcome: bytes
    refused: Callable[[Any], Any]
    submit: int
    taken: Callable[[int], bytes]
    throttled: Callable[[Any], Any]
    test: int
    deliver: int
    goodbye: int
    text: Callable[[bytes, int], Any]
    report: Callable[[bytes, int], Any]
    last_sequence: int
    recorded: bytes = field(repr=False)
    served: int

    def __str__(self) -> str:
        return self.kind


def _cmpp_deliver(content: bytes, sequence: int, **fields: Any) -> cmpp.Pdu:
    values = {"Msg_Id": sequence, "Dest_Id": OUR_NUMBER.encode(), "Src_terminal_Id": CITIZEN.encode()}
    values |= {"Msg_Length": len(content), "Msg_Content": content}
    body = tables.pack(tables.DELIVER_TABLE, tables.CMPP2, **values, **fields)
    return cmpp.Pdu(cmpp.Command.DELIVER, sequence, body)


def _cmpp_link(serve: Callable[..., Any], clock: Any, sequence: int = 0) -> CmppProtocol:
    return CmppProtocol(lambda pdu, _version: serve(pdu), clock, 60, sequence)


def _smpp_deliver(content: bytes, sequence: int, **fields: Any) -> smpp.Pdu:
    message = smpp.Message(smpp.Party(CITIZEN, 1, 1), smpp.Party(OUR_NUMBER), content, **fields)
    return smpp.Pdu(smpp.Command.DELIVER_SM, sequence, 0, message.encode())


def _smpp_link(serve: Callable[..., Any], clock: Any, sequence: int = 0) -> SmppProtocol:
    link = SmppProtocol(serve, clock, 60)
    link._sequence = sequence
    return link


CMPP = Dialect(
    kind="sms_cmpp",
    options={"sp_id": "900001", "secret": "secret", "source": OUR_NUMBER, "idle_s": 60},
    framer=cmpp.Framer,
    pdu=cmpp.Pdu,
    answer=lambda pdu, body=b"": pdu.answer(body),
    link=_cmpp_link,
    login=cmpp.Command.CONNECT,
    welcome=bytes(17) + b"\x20",
    refused=lambda pdu: pdu.answer(b"\x03" + bytes(16) + b"\x20"),
    submit=cmpp.Command.SUBMIT,
    taken=lambda number: number.to_bytes(8) + b"\0",
    throttled=lambda pdu: pdu.answer(bytes(8) + b"\x08"),
    test=cmpp.Command.ACTIVE_TEST,
    deliver=cmpp.Command.DELIVER,
    goodbye=cmpp.Command.TERMINATE,
    text=_cmpp_deliver,
    report=lambda content, sequence: _cmpp_deliver(content, sequence, Registered_Delivery=1),
    last_sequence=cmpp.LAST_SEQUENCE,
    recorded=b"".join(bytes.fromhex(frame) for frame in cmpp_frames.FROM_GATEWAY[3]),
    served=3,
)
SMPP = Dialect(
    kind="sms_smpp",
    options={"system_id": "hotline", "password": "secret", "source": OUR_NUMBER, "enquire_every_s": 60},
    framer=smpp.Framer,
    pdu=lambda command, sequence=1, body=b"": smpp.Pdu(command, sequence, 0, body),
    answer=lambda pdu, body=b"": pdu.answer(smpp.Status.OK, body),
    link=_smpp_link,
    login=smpp.Command.BIND_TRANSCEIVER,
    welcome=b"EVIL\0",
    refused=lambda pdu: pdu.answer(smpp.Status.INVALID_PASSWORD),
    submit=smpp.Command.SUBMIT_SM,
    taken=lambda number: f"{number:x}\0".encode() if number else b"\0",
    throttled=lambda pdu: pdu.answer(smpp.Status.THROTTLED),
    test=smpp.Command.ENQUIRE_LINK,
    deliver=smpp.Command.DELIVER_SM,
    goodbye=smpp.Command.UNBIND,
    text=_smpp_deliver,
    report=lambda content, sequence: _smpp_deliver(content, sequence, esm_class=4),
    last_sequence=smpp.LAST_SEQUENCE,
    recorded=smpp_frames.STREAM,
    served=5,
)
BOTH = (CMPP, SMPP)
