"""What a citizen's or a seat's telephone does, told in steps, turned into a SIPp scenario.

Pure text. Digits are RFC 4733 events as a carrier sends them (`dtmf.py`).
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from tests.asterisk_kit import dtmf

FOREVER = -1


@dataclass(frozen=True)
class Says:
    """Send the sound (8 kHz A-law wav), looped by default, and go on at once."""

    wav: Path
    times: int = FOREVER


@dataclass(frozen=True)
class Presses:
    """Send the keys and go on at once; a key lasts 240 ms."""

    keys: str


@dataclass(frozen=True)
class Waits:
    seconds: float


@dataclass(frozen=True)
class HangsUp:
    """BYE, and wait until it is answered."""


@dataclass(frozen=True)
class IsHungUpOn:
    """Wait for the other side's BYE."""

    within: float = 30


Step = Says | Presses | Waits | HangsUp | IsHungUpOn

SDP = """v=0
o=phone 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [{port}] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
"""

HEAD = """Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: {caller};tag=[pid]c[call_number]
To: <sip:{called}@[remote_ip]:[remote_port]>{to_tag}
Call-ID: [call_id]
CSeq: {cseq}
Contact: <sip:phone@[local_ip]:[local_port]>
Max-Forwards: 70
"""

ENDED = "Content-Length: 0\n"
BODY = "Content-Type: application/sdp\nContent-Length: [len]\n\n"

BETWEEN_KEYS = '<pause milliseconds="600"/>\n'
PROVISIONAL = "".join(f'<recv response="{code}" optional="true"/>\n' for code in (100, 180, 183))

ACK_WITH_NAMES = """<recv request="ACK"><action>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="1"/>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="2"/>
</action></recv>
<Reference variables="1,2"/>
"""
"""Who is who in this dialog, for a BYE of ours: then From and To change places."""


def caller(called: str, number: str, steps: Sequence[Step]) -> str:
    """Call, be answered, then the steps. `number` is the user part of From, '' = none."""
    sdp = SDP.format(port=_port(steps))
    who = f"<sip:{number}@[local_ip]:[local_port]>" if number else "<sip:[local_ip]:[local_port]>"
    dialog = _OurDialog(called, who)
    return _scenario(
        _send(
            f"INVITE sip:{called}@[remote_ip]:[remote_port] SIP/2.0\n"
            + dialog.head("1 INVITE", "")
            + BODY
            + sdp,
            retransmit=True,
        ),
        PROVISIONAL,
        '<recv response="200" rrs="true" timeout="40000"/>\n',
        _send("ACK [next_url] SIP/2.0\n" + dialog.head("1 ACK") + ENDED),
        *_steps(steps, dialog),
    )


def refused(called: str, number: str, status: int) -> str:
    """Call and be refused with this SIP status."""
    dialog = _OurDialog(called, f"<sip:{number}@[local_ip]:[local_port]>")
    return _scenario(
        _send(
            f"INVITE sip:{called}@[remote_ip]:[remote_port] SIP/2.0\n"
            + dialog.head("1 INVITE", "")
            + BODY
            + SDP.format(port="media_port"),
            retransmit=True,
        ),
        '<recv response="100" optional="true"/>\n',
        f'<recv response="{status}" timeout="10000"/>\n',
        _send(f"ACK sip:{called}@[remote_ip]:[remote_port] SIP/2.0\n" + dialog.head("1 ACK") + ENDED),
    )


def gives_up(called: str, number: str, after: float) -> str:
    """Call, and hang up after some seconds of ringing, before anybody answered."""
    dialog = _OurDialog(called, f"<sip:{number}@[local_ip]:[local_port]>")
    return _scenario(
        _send(
            f"INVITE sip:{called}@[remote_ip]:[remote_port] SIP/2.0\n"
            + dialog.head("1 INVITE", "")
            + BODY
            + SDP.format(port="media_port"),
            retransmit=True,
        ),
        '<recv response="100"/>\n',
        f'<pause milliseconds="{_ms(after)}"/>\n',
        _send(
            f"CANCEL sip:{called}@[remote_ip]:[remote_port] SIP/2.0\n" + dialog.head("1 CANCEL", "") + ENDED,
            retransmit=True,
        ),
        '<recv response="180" optional="true"/>\n<recv response="200"/>\n<recv response="487"/>\n',
        _send(f"ACK sip:{called}@[remote_ip]:[remote_port] SIP/2.0\n" + dialog.head("1 ACK") + ENDED),
    )


def answerer(steps: Sequence[Step], rings: float = 0.1) -> str:
    """Be called, ring, answer, then the steps."""
    dialog = _TheirDialog()
    return _scenario(
        '<recv request="INVITE" rrs="true"/>\n',
        _send("SIP/2.0 180 Ringing\n" + dialog.reply() + ENDED),
        f'<pause milliseconds="{_ms(rings)}"/>\n',
        _send("SIP/2.0 200 OK\n" + dialog.reply() + BODY + SDP.format(port=_port(steps)), retransmit=True),
        ACK_WITH_NAMES,
        *_steps(steps, dialog),
    )


def decliner(status: str) -> str:
    """Be called and refuse, e.g. '486 Busy Here'."""
    dialog = _TheirDialog()
    return _scenario(
        '<recv request="INVITE"/>\n',
        _send(f"SIP/2.0 {status}\n" + dialog.reply() + ENDED),
        '<recv request="ACK"/>\n',
    )


@dataclass(frozen=True)
class _OurDialog:
    called: str
    who: str

    def head(self, cseq: str, to_tag: str = "[peer_tag_param]") -> str:
        return HEAD.format(caller=self.who, called=self.called, to_tag=to_tag, cseq=cseq)

    def bye(self) -> str:
        return "BYE [next_url] SIP/2.0\n" + self.head("2 BYE") + ENDED


@dataclass(frozen=True)
class _TheirDialog:
    """A dialog that the other side began: From and To change places in our own requests."""

    def reply(self) -> str:
        copied = "".join(f"[last_{name}:]\n" for name in ("Via", "From"))
        tail = "".join(f"[last_{name}:]\n" for name in ("Call-ID", "CSeq"))
        tagged = "[last_To:];tag=[pid]a[call_number]\n"
        return f"{copied}{tagged}{tail}Contact: <sip:phone@[local_ip]:[local_port]>\n"

    def bye(self) -> str:
        return (
            "BYE [next_url] SIP/2.0\n"
            "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n"
            "From:[$1]\nTo:[$2]\n[last_Call-ID:]\n"
            "CSeq: 1 BYE\nMax-Forwards: 70\n" + ENDED
        )


def _scenario(*parts: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="telephone">\n'
        + "".join(parts)
        + "</scenario>\n"
    )


def _send(message: str, *, retransmit: bool = False) -> str:
    again = ' retrans="500"' if retransmit else ""
    return f"<send{again}><![CDATA[\n{message}\n]]></send>\n"


def _steps(steps: Sequence[Step], dialog: "_OurDialog | _TheirDialog") -> Iterator[str]:
    places = itertools.count()
    for step in steps:
        yield _step(step, dialog, places)


def _step(step: Step, dialog: "_OurDialog | _TheirDialog", places: Iterator[int]) -> str:
    match step:
        case Says(wav, times):
            return _play("rtp_stream", f"{wav},{times},8,PCMA/8000")
        case Presses(keys):
            return BETWEEN_KEYS.join(_press(next(places), key) for key in keys)
        case Waits(seconds):
            return f'<pause milliseconds="{_ms(seconds)}"/>\n'
        case HangsUp():
            return _send(dialog.bye(), retransmit=True) + '<recv response="200"/>\n'
        case IsHungUpOn(within):
            replied = _send(
                "SIP/2.0 200 OK\n"
                + "".join(f"[last_{name}:]\n" for name in ("Via", "From", "To", "Call-ID", "CSeq"))
                + ENDED
            )
            return f'<recv request="BYE" timeout="{_ms(within)}"/>\n{replied}'


def _press(place: int, key: str) -> str:
    """The recordings are made beside the scenario, see `dtmf.py`."""
    return _play("play_pcap_audio", dtmf.file_name(place, key))


def _play(action: str, what: str) -> str:
    return f"<nop><action><exec {action}={quoteattr(what)}/></action></nop>\n"


def _port(steps: Sequence[Step]) -> str:
    """SIPp has two media ports; the one announced must be the one that sends."""
    return "rtpstream_audio_port" if any(isinstance(step, Says) for step in steps) else "media_port"


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
