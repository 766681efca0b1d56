"""Telephones for tests: SIPp processes on their own ports, ended by their own process id.

`Telephones` hands out ports, runs scenarios and ends whatever is left when the test is over.
"""

import asyncio
import itertools
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.setup.asterisk_root import sipp_command
from tests.asterisk_kit import scenario
from tests.asterisk_kit.dtmf import write_keys
from tests.asterisk_kit.scenario import Step
from tests.asterisk_kit.waiting import eventually

LOCAL = "127.0.0.1"
MEDIA_PORTS_EACH = 8
ENV = {"TERM": "dumb", "PATH": os.environ.get("PATH", "")}


def _listens(port: int) -> bool:
    """Somebody is bound to this UDP port. Looked up, not tried: trying would take it from SIPp."""
    rows = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(int(row.split()[1].rpartition(":")[2], 16) == port for row in rows)


class TelephoneError(AssertionError):
    """The telephone's scenario did not go as told; the text is SIPp's own."""


@dataclass(frozen=True)
class Ports:
    """SIP and media ports that this set of telephones may use."""

    sip: int
    sip_last: int
    media: int
    media_last: int


class Telephone:
    """One running SIPp. Await `done()` for a scenario that ends by itself."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process = process
        self._folder = folder

    async def done(self, within: float = 30) -> None:
        """Wait for the end; `TelephoneError` when the call did not go as told."""
        try:
            code = await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            raise TelephoneError(f"the call still goes on after {within} s\n{self.trouble()}") from None
        if code != 0:
            raise TelephoneError(f"SIPp ended with {code}\n{self.trouble()}")

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    async def unplug(self) -> None:
        """End the process without a word to the other side, as a power cut does."""
        if self.running:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    def trouble(self) -> str:
        texts = [path.read_text(errors="replace")[-3000:] for path in sorted(self._folder.glob("*.err"))]
        return "\n".join(texts) or "(no error text)"


class Telephones:
    """Makes telephones. `root` holds SIPp, `asterisk` is host:port of Asterisk's SIP."""

    def __init__(self, root: Path, folder: Path, asterisk: str, ports: Ports) -> None:
        self._sipp = sipp_command(root)
        self._folder = folder
        self._asterisk = asterisk
        self._sip_ports = itertools.cycle(range(ports.sip, ports.sip_last + 1))
        self._media_ports = itertools.cycle(range(ports.media, ports.media_last + 1, MEDIA_PORTS_EACH))
        self._numbers = itertools.count(1)
        self._made: list[Telephone] = []

    async def call(self, called: str, *steps: Step, number: str = "13800138000") -> Telephone:
        """A citizen calls and does the steps once answered."""
        return await self._start(scenario.caller(called, number, steps), target=True)

    async def call_in_vain(self, called: str, status: int, number: str = "13800138000") -> Telephone:
        """A citizen calls and must be refused with this SIP status."""
        return await self._start(scenario.refused(called, number, status), target=True)

    async def call_and_give_up(self, called: str, after: float, number: str = "13800138000") -> Telephone:
        """A citizen calls and leaves before anybody answered."""
        return await self._start(scenario.gives_up(called, number, after), target=True)

    async def answer(self, port: int, *steps: Step, rings: float = 0.1, calls: int = 1) -> Telephone:
        """A telephone on `port` that takes so many calls and does the steps in each."""
        text = scenario.answerer(steps, rings)
        return await self._start(text, port=port, calls=calls)

    async def decline(self, port: int, status: str = "486 Busy Here", calls: int = 1) -> Telephone:
        return await self._start(scenario.decliner(status), port=port, calls=calls)

    async def unplug_all(self) -> None:
        for telephone in self._made:
            await telephone.unplug()
        self._made.clear()

    async def _start(
        self, text: str, *, target: bool = False, port: int | None = None, calls: int = 1
    ) -> Telephone:
        folder = self._folder / f"telephone-{next(self._numbers)}"
        folder.mkdir(parents=True)
        (folder / "scenario.xml").write_text(text)
        write_keys(folder, text)
        port = port or next(self._sip_ports)
        words = [*self._sipp, *self._options(folder, port, calls), *([self._asterisk] if target else [])]
        with (folder / "screen.txt").open("wb") as screen:
            process = await asyncio.create_subprocess_exec(
                *words, cwd=folder, env=ENV, stdin=asyncio.subprocess.DEVNULL, stdout=screen, stderr=screen
            )
        telephone = Telephone(process, folder)
        self._made.append(telephone)
        if port is not None:  # SIPp needs a moment; a call before that would find nobody at home
            await eventually(lambda: not telephone.running or _listens(port))
        return telephone

    def _options(self, folder: Path, port: int, calls: int) -> Sequence[str]:
        media = next(self._media_ports)
        return [
            *("-sf", str(folder / "scenario.xml"), "-m", str(calls), "-l", str(max(calls, 1))),
            *("-i", LOCAL, "-p", str(port), "-mi", LOCAL, "-mp", str(media)),
            *("-min_rtp_port", str(media), "-max_rtp_port", str(media + MEDIA_PORTS_EACH - 1)),
            *("-nostdin", "-aa", "-r", "1", "-timeout", "120s", "-timeout_error"),
            *("-trace_err", "-error_file", str(folder / "sipp.err")),
            *("-trace_msg", "-message_file", str(folder / "messages.txt")),
        ]
