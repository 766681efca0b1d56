"""A whole hotline for measurements: seats on plain SIP telephones, load instead of single calls."""

import asyncio
import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callcenter.setup.asterisk_root import find_asterisk, sipp_command
from callcenter.setup.site import site_config
from ivr.site_config import Address, PlainSeat, SiteConfig
from ivr.site_layout import lay_out
from tests.asterisk_kit import scenario
from tests.asterisk_kit.asterisk import DEFAULT_ROOT
from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Step, Waits
from tests.asterisk_kit.sipp import ENV
from tests.e2e.hotline import LOCAL, Hotline

SEATS_PORT = 6  # from the base on: the one SIPp that answers for all seats
CALLERS_PORT = 7
MEDIA = 700
MEDIA_PORTS = 100
CALL_LIMIT_S = 60


class LoadHotline(Hotline):
    """`seats` are SIP telephones that need no registration; all ring at one SIPp."""

    seats: tuple[str, ...] = ()

    def site(self) -> SiteConfig:
        phone = Address(LOCAL, self.settings.console.port + SEATS_PORT)
        plain = tuple(PlainSeat(seat, phone) for seat in self.seats)
        return replace(
            site_config(self.settings, find_asterisk(DEFAULT_ROOT), ()),
            plain_seats=plain,
        )

    def lay_out(self) -> Path:
        return lay_out(self.site())

    async def seats_answer(self, rings: float) -> "Load":
        """Start the telephones of all seats: ring, answer, wait for the other side to hang up."""
        text = scenario.answerer([IsHungUpOn(within=CALL_LIMIT_S)], rings)
        return await self._load("seats", text, SEATS_PORT, MEDIA, [])

    async def citizens_call(self, called: str, numbers: Sequence[str], rate: float, *steps: Step) -> "Load":
        """One call per number, `rate` calls a second. The first step begins when Asterisk answers, which
        is before the greeting: by default a citizen hangs up three seconds later.
        """
        text = scenario.caller(called, "[field0]", steps or (Waits(3), HangsUp()))
        more = [
            *("-r", f"{rate * 10:.0f}", "-rp", "10s", "-m", str(len(numbers))),
            *("-l", str(len(numbers)), "-inf", "numbers.csv"),
        ]
        files = {"numbers.csv": "SEQUENTIAL\n" + "\n".join(numbers) + "\n"}
        address = f"{LOCAL}:{self.settings.sip.port}"
        return await self._load("citizens", text, CALLERS_PORT, MEDIA + MEDIA_PORTS, [*more, address], files)

    async def _load(
        self,
        name: str,
        text: str,
        port: int,
        media: int,
        more: Sequence[str],
        files: dict[str, str] | None = None,
    ) -> "Load":
        base = self.settings.console.port
        folder = (
            self.settings.state_dir / "load" / f"{name}-{len(list(self.settings.state_dir.glob('load/*')))}"
        )
        folder.mkdir(parents=True)
        for file, content in {"scenario.xml": text, **(files or {})}.items():
            (folder / file).write_text(content)
        words = [
            *sipp_command(DEFAULT_ROOT),
            *("-sf", "scenario.xml", "-i", LOCAL, "-p", str(base + port), "-mi", LOCAL),
            *("-min_rtp_port", str(base + media), "-max_rtp_port", str(base + media + MEDIA_PORTS - 1)),
            *("-nostdin", "-trace_stat", "-stf", "stat.csv", "-fd", "1"),
            *("-trace_err", "-error_file", "errors.txt", "-timeout", "500s"),
            *more,
        ]
        with (folder / "screen.txt").open("wb") as screen:
            process = await asyncio.create_subprocess_exec(
                *words, cwd=folder, env=ENV, stdin=asyncio.subprocess.DEVNULL, stdout=screen, stderr=screen
            )
        return Load(process, folder)


@dataclass
class Load:
    """One running SIPp under load."""

    process: asyncio.subprocess.Process
    folder: Path

    async def done(self, within: float) -> None:
        await asyncio.wait_for(self.process.wait(), within)

    async def end(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def counted(self, *columns: str) -> tuple[float, ...]:
        """The newest line of SIPp's statistics, cumulative columns such as `SuccessfulCall(C)`."""
        with (self.folder / "stat.csv").open() as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        return tuple(float(last[column]) for column in columns)

    def trouble(self) -> str:
        errors = self.folder / "errors.txt"
        return (errors if errors.exists() else self.folder / "screen.txt").read_text(errors="replace")[-2000:]
