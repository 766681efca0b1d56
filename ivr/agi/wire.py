"""AGI on the wire: what Asterisk sends, what we send. Pure; knows no socket and no call flow.

A FastAGI connection begins with `agi_<name>: <value>` lines and an empty line; then we send one command
per line and get one reply each (`200 result=...`, `510`, `511`, `520` over several lines). At any time
Asterisk may put a line `HANGUP` between them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAX_LINE = 8192
MAX_ENVIRONMENT = 100
"""Lines of environment; Asterisk sends about 25."""

MAX_USAGE = 200
"""Lines of the usage text in a 520 reply."""

HANGUP = "HANGUP"
REPLY = re.compile(r"(\d{3})(?:\s+result=(-?[^\s(]*))?\s*(?:\((.*)\))?.*")
USAGE_BEGINS = "520-"
USAGE_ENDS = "520 "
NO_LINE = re.compile(r"[\r\n\0]")


class WireError(Exception):
    """The peer does not speak AGI; the text names what was wrong, without what it sent."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What Asterisk tells about the call at the start. Values are the caller's: not to be trusted."""

    script: str
    call_id: str
    number: str
    arguments: tuple[str, ...]

    @classmethod
    def parse(cls, lines: Sequence[str]) -> "Environment":
        values = dict(_pair(line) for line in lines)
        arguments = sorted((int(key[8:]), value) for key, value in values.items() if _is_argument(key))
        try:
            return cls(
                script=values["agi_network_script"],
                call_id=values["agi_uniqueid"],
                number=_known(values),
                arguments=tuple(value for _, value in arguments),
            )
        except KeyError as missing:
            raise WireError(f"environment without {missing.args[0]}") from None


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. `result` is '' for anything but 200; `data` is what stands in brackets."""

    code: int
    result: str = ""
    data: str = ""

    @property
    def hung_up(self) -> bool:
        """511: the channel is dead. -1 of a playing or reading command means the same."""
        return self.code == 511 or (self.result == "-1" and self.code == 200)  # noqa: PLR2004 - AGI's codes


class Lines:
    """Cuts a byte stream into lines; a line that never ends is an error, not a growing buffer."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        received = self._rest + data
        *whole, self._rest = received.split(b"\n")
        if len(received) > MAX_LINE and any(len(line) > MAX_LINE for line in (*whole, self._rest)):
            self._rest = b""
            raise WireError("line too long")
        return [line.rstrip(b"\r").decode("utf-8", "replace") for line in whole]


class Conversation:
    """The order of lines: environment first, then replies. Feed bytes, take what is complete.

    Yields the `Environment` once, then `Reply` objects and the word `HANGUP`.
    """

    def __init__(self) -> None:
        self._lines = Lines()
        self._environment: list[str] | None = []
        self._usage: int | None = None

    def feed(self, data: bytes) -> list["Environment | Reply | str"]:
        return [item for line in self._lines.feed(data) if (item := self._take(line)) is not None]

    def _take(self, line: str) -> "Environment | Reply | str | None":
        if self._environment is not None:
            return self._introduction(self._environment, line)
        if line == HANGUP:
            return HANGUP
        if self._usage is not None or line.startswith(USAGE_BEGINS):
            return self._usage_line(line)
        return parse_reply(line) if line else None

    def _introduction(self, lines: list[str], line: str) -> Environment | None:
        if line:
            if not line.startswith("agi_"):
                raise WireError("not an AGI environment")
            lines.append(line)
            if len(lines) > MAX_ENVIRONMENT:
                raise WireError("environment too long")
            return None
        self._environment = None
        return Environment.parse(lines)

    def _usage_line(self, line: str) -> Reply | None:
        self._usage = (self._usage or 0) + 1
        if self._usage > MAX_USAGE:
            raise WireError("reply too long")
        if not line.startswith(USAGE_ENDS):
            return None
        self._usage = None
        return Reply(code=520)


def parse_reply(line: str) -> Reply:
    """`200 result=1 (timeout) endpos=8000`; all after the code may be missing; `endpos` is not kept."""
    found = REPLY.fullmatch(line)
    if not found:
        raise WireError("not an AGI reply")
    code, result, data = found.groups()
    return Reply(int(code), result or "", data or "")


def format_command(*words: str | int) -> bytes:
    """One command line. The first word is sent bare, the others quoted; `ValueError` for a line break."""
    line = " ".join([str(words[0]), *[quote(str(word)) for word in words[1:]]])
    if NO_LINE.search(line):
        raise ValueError("an AGI command is one line")
    return f"{line}\n".encode()


def quote(argument: str) -> str:
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip()


def _is_argument(key: str) -> bool:
    """Asterisk counts them: agi_arg_1, agi_arg_2, ..."""
    return re.fullmatch(r"agi_arg_\d{1,3}", key) is not None


def _known(values: Mapping[str, str]) -> str:
    """Asterisk writes 'unknown' for a caller without a number."""
    number = values.get("agi_callerid", "")
    return "" if number == "unknown" else number
