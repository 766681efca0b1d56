"""One installation's Asterisk configuration: from settings, the found Asterisk and the seats that exist."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from callcenter.config import Settings
from callcenter.db.engine import open_engine, session_factory
from callcenter.db.uow import SqlUnitOfWork
from callcenter.setup.asterisk_root import AsteriskInstall, find_asterisk
from callcenter.usecases.seats import HANDSET
from ivr.site_config import Address, Credentials, Folders, SiteConfig
from ivr.site_layout import lay_out


def write_site(settings: Settings) -> Path:
    """Bring Asterisk's folders up to date; returns the `asterisk.conf` to start it with."""
    install = find_asterisk(settings.asterisk.root)
    seats = asyncio.run(seat_numbers(settings.database))
    return lay_out(site_config(settings, install, seats))


def site_config(settings: Settings, install: AsteriskInstall, seats: Sequence[str]) -> SiteConfig:
    """`SiteConfig` of these settings. Raises ValueError for what Asterisk's files cannot hold."""
    asterisk, secrets = settings.asterisk, settings.secrets
    return SiteConfig(
        folders=folders(settings, install),
        ami=Address(asterisk.http_host, asterisk.ami_port),
        ami_user=Credentials(asterisk.ami_user, secrets.ami.get_secret_value()),
        http=Address(asterisk.http_host, asterisk.http_port),
        ari_user=Credentials(asterisk.ari_user, secrets.ari.get_secret_value()),
        fastagi=Address(settings.fastagi.host, settings.fastagi.port),
        sip=Address(settings.sip.host, settings.sip.port),
        rtp_ports=(settings.sip.rtp_start, settings.sip.rtp_end),
        system_name=asterisk.system_name,
        numbers=tuple(settings.numbers),
        trunk_peers=tuple(settings.sip.trunks),
        trunk_out=_address(settings.sip.outbound),
        seats=tuple(seats),
        handset=HANDSET if settings.demo else "",
        duty_phones=(*settings.sip.duty_numbers, *settings.sip.emergency),
    )


def folders(settings: Settings, install: AsteriskInstall) -> Folders:
    """Where Asterisk keeps and leaves things; the service reads recordings, messages and calls there."""
    state = settings.state_dir.resolve()
    return Folders(
        home=asterisk_home(settings),
        modules=install.modules,
        data=install.data,
        sounds=sounds_folder(settings),
        recordings=settings.recordings.resolve(),
        messages=state / "messages",
        finished=settings.spool.resolve(),
    )


def asterisk_home(settings: Settings) -> Path:
    return settings.state_dir.resolve() / "asterisk"


def sounds_folder(settings: Settings) -> Path:
    return settings.state_dir.resolve() / "sounds"


async def seat_numbers(database: str) -> list[str]:
    """Staff numbers that have a seat, in order."""
    engine = open_engine(database)
    try:
        async with SqlUnitOfWork(session_factory(engine)) as uow:
            everybody = await uow.staff.everybody()
    finally:
        await engine.dispose()
    return sorted(user.staff_no for user in everybody if user.active and user.queues)


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return Address(host, int(port))
