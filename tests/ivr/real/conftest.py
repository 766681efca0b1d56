"""One Asterisk for all tests of this folder; a fresh service, desk and set of telephones for each."""

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.control import AsteriskControl
from ivr.service import Account, AsteriskFiles, IvrService
from ivr.site_config import SiteConfig
from tests.asterisk_kit import audio
from tests.asterisk_kit.asterisk import (
    DEFAULT_ROOT,
    LOCAL,
    Asterisk,
    AsteriskPorts,
    site_for_tests,
    start_asterisk,
)
from tests.asterisk_kit.fakes import ListLedger, ScriptedDesk, SystemClock
from tests.asterisk_kit.ports import free_base
from tests.asterisk_kit.sipp import Ports, Telephones
from tests.asterisk_kit.waiting import eventually

BASE = free_base("ivr")
MEDIA = BASE + 200
PORTS = AsteriskPorts(
    sip=BASE,
    ami=BASE + 1,
    http=BASE + 2,
    fastagi=BASE + 3,
    trunk_out=BASE + 4,
    rtp=(MEDIA, MEDIA + 249),
    seats=BASE + 10,
)
PHONE_PORTS = Ports(sip=BASE + 30, sip_last=BASE + 90, media=MEDIA + 250, media_last=MEDIA + 490)
SEATS = ("1027", "1028", "1029")
CITIZEN_HZ, SEAT_HZ, OTHER_HZ = 440.0, 660.0, 880.0


@dataclass
class Hotline:
    """A whole telephony: Asterisk, our service, and what it told the core."""

    asterisk: Asterisk
    service: IvrService
    desk: ScriptedDesk
    ledger: ListLedger

    @property
    def control(self) -> AsteriskControl:
        return self.service.control

    @property
    def site(self) -> SiteConfig:
        return self.asterisk.site

    def phone_of(self, seat: str) -> int:
        """Port of the plain seat's telephone."""
        return next(plain.phone.port for plain in self.site.plain_seats if plain.seat == seat)

    async def sign_in(self, seat: str, *queues: str) -> None:
        await self.control.join_queues(seat, f"seat {seat}", dict.fromkeys(queues or ("general",), 0), "busy")
        await self.control.unpause(seat)


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """Not pytest's own: the name of Asterisk's control socket must stay short."""
    folder = Path(tempfile.mkdtemp(prefix="hl-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def asterisk(short_folder: Path) -> AsyncIterator[Asterisk]:
    site = site_for_tests(short_folder, DEFAULT_ROOT, PORTS, plain=SEATS, web=("1001",))
    async with start_asterisk(site) as running:
        await running.cli(f"logger add channel {site.folders.log}/verbose.log verbose(4)")
        yield running


@pytest.fixture
async def hotline(asterisk: Asterisk) -> AsyncIterator[Hotline]:
    site, desk, ledger = asterisk.site, ScriptedDesk(), ListLedger()
    service = make_service(site)
    await service.start(desk, ledger)
    try:
        await eventually(lambda: service.control.connected)
        yield Hotline(asterisk, service, desk, ledger)
        for seat in SEATS:
            await service.control.leave_queues(seat)
    finally:
        await service.stop()


def make_service(site: SiteConfig) -> IvrService:
    folders = site.folders
    return IvrService(
        fastagi=(LOCAL, site.fastagi.port),
        ami=Account(LOCAL, site.ami.port, site.ami_user.user, site.ami_user.secret),
        ari=Account(LOCAL, site.http.port, site.ari_user.user, site.ari_user.secret),
        files=AsteriskFiles(
            folders.queue_log, folders.finished, folders.recordings, folders.sounds / "zh", "test"
        ),
        own_number="12345",
        clock=SystemClock(),
        jitter=lambda: 0.0,
    )


_sets = itertools.count()


@pytest.fixture
async def phones(short_folder: Path, asterisk: Asterisk) -> AsyncIterator[Telephones]:
    folder = short_folder / f"phones-{next(_sets)}"
    telephones = Telephones(DEFAULT_ROOT, folder, str(asterisk.site.sip), PHONE_PORTS)
    yield telephones
    await asterisk.hang_up_everything()  # first: a BYE to a dead telephone would meet its successor
    await telephones.unplug_all()


@pytest.fixture(scope="session")
def voices(short_folder: Path) -> dict[str, Path]:
    """One pitch for each party, so that a recording shows who was heard."""
    pitches = {"citizen": CITIZEN_HZ, "seat": SEAT_HZ, "other": OTHER_HZ}
    return {who: audio.tone(hz, 2, short_folder / f"{who}.wav") for who, hz in pitches.items()}
