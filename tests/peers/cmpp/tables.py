"""The specification's tables of SUBMIT and DELIVER for the test gateway; shares no code with `messaging`."""

from dataclasses import dataclass

RESP = 0x80000000
CONNECT, TERMINATE, SUBMIT, DELIVER, ACTIVE_TEST = 1, 2, 4, 5, 8
CMPP2, CMPP3 = 0x20, 0x30
SHORT_STATUS = {CMPP2: 1, CMPP3: 4}

# Field, octets in 2.0, octets in 3.0; 0 = as long as the field before says. One number per SUBMIT.
SUBMIT_TABLE = (
    ("Msg_Id", 8, 8),
    ("Pk_total", 1, 1),
    ("Pk_number", 1, 1),
    ("Registered_Delivery", 1, 1),
    ("Msg_level", 1, 1),
    ("Service_Id", 10, 10),
    ("Fee_UserType", 1, 1),
    ("Fee_terminal_Id", 21, 32),
    ("Fee_terminal_type", None, 1),
    ("TP_pId", 1, 1),
    ("TP_udhi", 1, 1),
    ("Msg_Fmt", 1, 1),
    ("Msg_src", 6, 6),
    ("FeeType", 2, 2),
    ("FeeCode", 6, 6),
    ("ValId_Time", 17, 17),
    ("At_Time", 17, 17),
    ("Src_Id", 21, 21),
    ("DestUsr_tl", 1, 1),
    ("Dest_terminal_Id", 21, 32),
    ("Dest_terminal_type", None, 1),
    ("Msg_Length", 1, 1),
    ("Msg_Content", 0, 0),
    ("Reserve", 8, 20),
)
DELIVER_TABLE = (
    ("Msg_Id", 8, 8),
    ("Dest_Id", 21, 21),
    ("Service_Id", 10, 10),
    ("TP_pid", 1, 1),
    ("TP_udhi", 1, 1),
    ("Msg_Fmt", 1, 1),
    ("Src_terminal_Id", 21, 32),
    ("Src_terminal_type", None, 1),
    ("Registered_Delivery", 1, 1),
    ("Msg_Length", 1, 1),
    ("Msg_Content", 0, 0),
    ("Reserved", 8, 20),
)


def widths(table, version):
    for name, two, three in table:
        width = two if version == CMPP2 else three
        if width is not None:
            yield name, width


def unpack(table, version, body):
    fields, at = {}, 0
    for name, width in widths(table, version):
        end = at + (width or fields["Msg_Length"][0])
        fields[name] = body[at:end]
        at = end
    assert at == len(body), f"{len(body)} octets, the table says {at}"
    return fields


def pack(table, version, **fields):
    out = []
    for name, width in widths(table, version):
        value = fields.get(name, b"")
        value = value.to_bytes(width) if isinstance(value, int) else value
        out.append(value.ljust(width, b"\0"))
    return b"".join(out)


def words(octets):
    return octets.rstrip(b"\0").decode("ascii")


@dataclass
class Submitted:
    message_id: int
    source: str
    to: str
    coding: int
    text: str
    part: list[int] | None  # reference, total, number
    total: int
    number: int
    wants_report: int
    sp_id: str
    tariff: list[str]
    sequence: int


def received(fields: dict[str, bytes], message_id: int, sequence: int) -> Submitted:
    content, header = fields["Msg_Content"], None
    if fields["TP_udhi"][0]:
        assert content[:3] == b"\x05\0\x03"
        header, content = list(content[3:6]), content[6:]
    coding = fields["Msg_Fmt"][0]
    assert len(fields["Msg_Content"]) <= (159 if coding == 0 else 140)
    return Submitted(
        message_id=message_id,
        source=words(fields["Src_Id"]),
        to=words(fields["Dest_terminal_Id"]),
        coding=coding,
        text=content.decode({8: "utf-16-be", 0: "ascii"}[coding]),  # raises on half a character
        part=header,
        total=fields["Pk_total"][0],
        number=fields["Pk_number"][0],
        wants_report=fields["Registered_Delivery"][0],
        sp_id=words(fields["Msg_src"]),
        tariff=[words(fields[name]) for name in ("Service_Id", "FeeType", "FeeCode")],
        sequence=sequence,
    )
