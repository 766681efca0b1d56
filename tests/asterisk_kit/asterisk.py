"""A private Asterisk for tests: own folder, own ports, short beeps instead of prompts, gone at the end.

Uses the same configuration and layout as production; only values of `SiteConfig` differ.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from callcenter.setup.asterisk_root import find_asterisk
from ivr.prompts import prompt_texts
from ivr.site_config import Address, Credentials, Folders, Limits, PlainSeat, SiteConfig
from ivr.site_layout import lay_out
from tests.asterisk_kit.audio import short_beep
from tests.asterisk_kit.waiting import eventually_so

LOCAL = "127.0.0.1"
BOOT_LIMIT_S = 20
STOP_LIMIT_S = 5
SILENCE_LIMIT_S = 4
"""A seat's telephone that sends nothing for so long is taken for dead (a page that was reloaded)."""

PROMPT_HZ = 1200.0
"""Every prompt is a beep of this pitch, so a recording shows whether one was played."""

DEFAULT_ROOT = Path(os.environ.get("HOTLINE_ASTERISK_ROOT", ".asterisk")).resolve()


@dataclass(frozen=True)
class AsteriskPorts:
    sip: int
    ami: int
    http: int
    fastagi: int
    trunk_out: int
    rtp: tuple[int, int]
    seats: int
    """First port of the plain seats' telephones; one port each."""


def site_for_tests(
    folder: Path, root: Path, ports: AsteriskPorts, *, plain: Sequence[str], web: Sequence[str] = ()
) -> SiteConfig:
    """A whole installation below `folder`. Keep its path short: Asterisk's socket name has a limit."""
    install = find_asterisk(root)
    folders = Folders(
        home=folder / "ast",
        modules=install.modules,
        data=install.data,
        sounds=folder / "sounds",
        recordings=folder / "recordings",
        messages=folder / "messages",
        finished=folder / "calls",
    )
    phones = (
        PlainSeat(seat, Address(LOCAL, ports.seats + n), silence_limit=SILENCE_LIMIT_S)
        for n, seat in enumerate(plain)
    )
    return SiteConfig(
        folders=folders,
        ami=Address(LOCAL, ports.ami),
        ami_user=Credentials("hotline", "test-ami"),
        http=Address(LOCAL, ports.http),
        ari_user=Credentials("hotline", "test-ari"),
        fastagi=Address(LOCAL, ports.fastagi),
        sip=Address(LOCAL, ports.sip),
        rtp_ports=ports.rtp,
        system_name="test",
        trunk_out=Address(LOCAL, ports.trunk_out),
        seats=tuple(web),
        plain_seats=tuple(phones),
        duty_phones=("_8XXX",),
        limits=Limits(ring_seat=5, rejoin=6, message=20, message_silence=1, message_min=0.2),
    )


class Asterisk:
    """A running Asterisk and its configuration."""

    def __init__(self, site: SiteConfig, command: Sequence[str], conf: Path) -> None:
        self.site = site
        self._command = [*command, "-C", str(conf)]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with (self.site.folders.log / "stdout.txt").open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, "-f", stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out
            )
        deadline = time.monotonic() + BOOT_LIMIT_S
        while "fully booted" not in await self.cli("core waitfullybooted"):
            assert self._process.returncode is None, f"Asterisk ended: {self.log()}"
            assert time.monotonic() < deadline, f"Asterisk is not up after {BOOT_LIMIT_S} s: {self.log()}"
            await asyncio.sleep(0.05)

    async def cli(self, command: str) -> str:
        """What Asterisk's command line answers."""
        process = await asyncio.create_subprocess_exec(
            *self._command, "-rx", command,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        return output.decode(errors="replace")

    async def hang_up_everything(self) -> None:
        await self.cli("channel request hangup all")

        async def quiet() -> bool:
            return "0 active channels" in await self.cli("core show channels count")

        await eventually_so(quiet)

    def log(self) -> str:
        """Asterisk's own log; empty before it is written."""
        path = self.site.folders.log / "messages.log"
        return path.read_text(errors="replace") if path.exists() else ""

    async def stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def start_asterisk(site: SiteConfig, root: Path = DEFAULT_ROOT) -> AsyncIterator[Asterisk]:
    """Lay out, start, and stop at the end."""
    conf = lay_out(site)
    beeps_for_prompts(site.folders.sounds)
    asterisk = Asterisk(site, find_asterisk(root).command, conf)
    try:
        await asterisk.start()
        yield asterisk
    finally:
        await asterisk.stop()


def beeps_for_prompts(sounds: Path) -> None:
    for prompt in prompt_texts():
        short_beep(PROMPT_HZ, sounds / "zh" / f"{prompt}.wav")


def with_limits(site: SiteConfig, **limits: float) -> SiteConfig:
    return replace(site, limits=replace(site.limits, **limits))
