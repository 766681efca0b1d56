"""AMI on the wire: packets of `Key: Value` lines, an empty line after each. Pure; knows no socket.

A connection begins with one line of banner that no empty line follows.
"""

import hashlib
from collections.abc import Iterable, Mapping

MAX_LINE = 16 * 1024
MAX_PACKET_LINES = 2000
BANNER = "Asterisk Call Manager/"

Packet = Mapping[str, str]
"""Keys as Asterisk spells them; the values of a repeated key are joined by line breaks."""

Fields = Iterable[tuple[str, str | int]]


class WireError(Exception):
    """The peer does not speak AMI; the text names what was wrong, without what it sent."""


class Packets:
    """Cuts a byte stream into packets. What never ends is an error, not a growing buffer."""

    def __init__(self) -> None:
        self._rest = b""
        self._greeted = False
        self._lines: list[str] = []

    def feed(self, data: bytes) -> list[Packet]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE or any(len(line) > MAX_LINE for line in whole):
            self._rest = b""
            raise WireError("line too long")
        packets = (self._take(line.rstrip(b"\r").decode("utf-8", "replace")) for line in whole)
        return [packet for packet in packets if packet]

    def _take(self, line: str) -> Packet | None:
        if not self._greeted:
            if not line.startswith(BANNER):
                raise WireError("no AMI banner")
            self._greeted = True
            return None
        if line:
            self._lines.append(line)
            if len(self._lines) > MAX_PACKET_LINES:
                raise WireError("packet too long")
            return None
        lines, self._lines = self._lines, []
        return parse_packet(lines)


def parse_packet(lines: Iterable[str]) -> Packet:
    packet: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if not colon:
            raise WireError("a line without a key")
        value = value.removeprefix(" ")
        packet[key] = f"{packet[key]}\n{value}" if key in packet else value
    return packet


def format_action(name: str, action_id: str, fields: Fields) -> bytes:
    """One action; `ValueError` for a value that would begin another line."""
    lines = [f"{key}: {value}" for key, value in (("Action", name), ("ActionID", action_id), *fields)]
    if any(character in line for line in lines for character in "\r\n\0"):
        raise ValueError("a field of an AMI action is one line")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def login_key(challenge: str, secret: str) -> str:
    """Answer to an MD5 challenge: the secret itself never goes over the wire."""
    return hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
