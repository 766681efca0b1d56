"""Keys as RFC 4733 telephone events in pcap files, for SIPp's `play_pcap_audio`.

SIPp's own `play_dtmf` sends a payload type that nobody understands, and the recordings that come with
it carry fixed RTP timestamps: a key whose recording is older than the one before it counts as a repeat.
Here every key of a scenario is later than the one before.
"""

import re
import struct
from pathlib import Path

PAYLOAD_TYPE = 101
KEYS = "0123456789*#"
NAME = re.compile(r"key-(\d+)-(star|pound|\d)\.pcap")
NAMES = {"*": "star", "#": "pound"}
STEP = 160
"""Timestamp units of 20 ms at 8 kHz."""

STEPS = 12
REPEATED_END = 3
VOLUME = 10
SSRC = 0x12345


def file_name(place: int, key: str) -> str:
    """`place` counts the keys of one scenario from 0."""
    return f"key-{place}-{NAMES.get(key, key)}.pcap"


def write_keys(folder: Path, scenario: str) -> None:
    """Make the files that the scenario names."""
    keys = {name: key for key, name in NAMES.items()}
    for found in NAME.finditer(scenario):
        key = keys.get(found[2], found[2])
        (folder / found[0]).write_bytes(recording(int(found[1]), KEYS.index(key)))


def recording(place: int, event: int) -> bytes:
    """One pressed key of 240 ms: its event growing longer, and its end three times."""
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    durations = [(step, False) for step in range(1, STEPS + 1)] + [(STEPS, True)] * REPEATED_END
    frames = (
        _frame(_rtp(place, number, event, STEP * step, end=end))
        for number, (step, end) in enumerate(durations)
    )
    return header + b"".join(
        struct.pack("<IIII", 0, number * 20_000, len(frame), len(frame)) + frame
        for number, frame in enumerate(frames)
    )


def _rtp(place: int, number: int, event: int, duration: int, *, end: bool) -> bytes:
    marker = 0x80 if number == 0 else 0
    sequence, timestamp = 1000 + place * 100 + number, 160_000 + place * 16_000
    header = struct.pack("!BBHII", 0x80, marker | PAYLOAD_TYPE, sequence, timestamp, SSRC)
    return header + struct.pack("!BBH", event, (0x80 if end else 0) | VOLUME, duration)


def _frame(payload: bytes) -> bytes:
    """Ethernet, IPv4 and UDP around it; SIPp puts its own addresses in."""
    udp = struct.pack("!HHHH", 4000, 4000, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
    return b"\0" * 12 + b"\x08\x00" + ip + udp
