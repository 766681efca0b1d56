"""The part of Asterisk's configuration that differs by installation, as texts.

`asterisk_conf/*.conf` are loaded as they are and include `site/<same name>.conf`; here those texts and
`asterisk.conf` are made from one `SiteConfig`. Pure: reads and writes nothing, and knows secrets only
as arguments. `ivr.site_layout` puts the result on disk.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

SAFE_WORD = re.compile(r"[0-9A-Za-z_.~+=/-]+")
SEAT = re.compile(r"[0-9A-Za-z]{1,32}")
NUMBER = re.compile(r"\+?[0-9]{1,32}")
PATTERN = re.compile(r"_?[0-9XZN.!\[\]+-]{1,32}")
SYSTEM_NAME = re.compile(r"[0-9A-Za-z-]{1,16}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where something listens, or where it is reached."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Folders:
    """`home` is Asterisk's own (etc, database, run, log); the others are shared with the service.

    `modules` and `data` belong to the Asterisk build, see `callcenter.setup.asterisk_root`.
    """

    home: Path
    modules: Path
    data: Path
    sounds: Path
    recordings: Path
    messages: Path
    finished: Path

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def queue_log(self) -> Path:
        return self.log / "queue_log"

    @property
    def own(self) -> tuple[Path, ...]:
        """Every folder that must exist before Asterisk starts."""
        names = ("lib", "run", "log", "spool", "cache", "keys", "data")
        shared = (self.sounds, self.recordings, self.messages, self.finished)
        return (*(self.home / name for name in names), self.etc / "site", *shared)


@dataclass(frozen=True, slots=True)
class PlainSeat:
    """A seat on a SIP phone without registration (tests, load measurements).

    `silence_limit` is the number of seconds without media after which its leg ends, 0 = none.
    """

    seat: str
    phone: Address
    silence_limit: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds."""

    ring_seat: int = 20
    ring_out: int = 45
    queue: int = 1800
    rejoin: int = 60
    message: int = 180
    message_silence: int = 5
    message_min: float = 0.5


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """One installation. `numbers` are the hotline's own, the first is shown on outgoing calls.

    `trunk_peers` are the carrier's addresses (IP or network), `trunk_out` is where calls are sent to.
    `duty_phones` are numbers or Asterisk patterns (`_8XXX`) that a seat may transfer to.
    `rtp_ports` is the first and the last port of media. `handset` names an endpoint that plays the citizen
    in a browser (demo): it calls in like the trunk and, while it is registered, takes what goes out.
    """

    folders: Folders
    ami: Address
    ami_user: Credentials
    http: Address
    ari_user: Credentials
    fastagi: Address
    sip: Address = Address("127.0.0.1", 5060)
    rtp_ports: tuple[int, int] = (20000, 20999)
    system_name: str = "ast1"
    numbers: tuple[str, ...] = ("12345", "12319")
    trunk_peers: tuple[str, ...] = ("127.0.0.1",)
    trunk_out: Address = Address("127.0.0.1", 5062)
    seats: tuple[str, ...] = ()
    plain_seats: tuple[PlainSeat, ...] = ()
    duty_phones: tuple[str, ...] = ()
    handset: str = ""
    default_queue: str = "general"
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        _require(SYSTEM_NAME, "system name", self.system_name)
        _require(
            SEAT, "seat", *self.seats, *(plain.seat for plain in self.plain_seats), self.handset or "none"
        )
        _require(NUMBER, "hotline number", *self.numbers)
        _require(PATTERN, "duty phone", *self.duty_phones)
        for credentials in (self.ami_user, self.ari_user):
            _require(SAFE_WORD, "user or secret", credentials.user, credentials.secret)
        for peer in self.trunk_peers:
            ipaddress.ip_network(peer, strict=False)


def _require(allowed: re.Pattern[str], what: str, *values: str) -> None:
    """Nothing that could end a line or start a comment gets into a file of Asterisk's."""
    if not all(allowed.fullmatch(value) for value in values):
        raise ValueError(f"a {what} has characters that Asterisk's configuration cannot hold")


def site_files(site: SiteConfig) -> dict[str, str]:
    """File name below Asterisk's configuration folder -> text. Some hold secrets."""
    return {
        "asterisk.conf": asterisk_conf(site),
        "site/globals.conf": globals_conf(site),
        "site/numbers.conf": numbers_conf(site),
        "site/seat-out.conf": seat_out_conf(site),
        "site/queues.conf": f"timeout = {site.limits.ring_seat}\n",
        "site/manager.conf": manager_conf(site),
        "site/http.conf": _lines(f"bindaddr = {site.http.host}", f"bindport = {site.http.port}"),
        "site/ari.conf": ari_conf(site),
        "site/musiconhold.conf": f"directory = {site.folders.sounds / 'moh'}\n",
        "site/rtp.conf": _lines(f"rtpstart = {site.rtp_ports[0]}", f"rtpend = {site.rtp_ports[1]}"),
        "site/pjsip.conf": pjsip_conf(site),
    }


def asterisk_conf(site: SiteConfig) -> str:
    """`systemname` makes call ids unique over restarts and machines."""
    home = site.folders.home
    return _section(
        "directories",
        f"astetcdir => {site.folders.etc}",
        f"astmoddir => {site.folders.modules}",
        f"astvarlibdir => {home / 'lib'}",
        f"astdbdir => {home / 'lib'}",
        f"astkeydir => {home}",
        f"astdatadir => {home / 'data'}",
        f"astagidir => {home / 'data'}",
        f"astcachedir => {home / 'cache'}",
        f"astspooldir => {home / 'spool'}",
        f"astrundir => {home / 'run'}",
        f"astlogdir => {site.folders.log}",
    ) + _section(
        "options",
        f"systemname = {site.system_name}",
        "defaultlanguage = zh",
        "transmit_silence = yes",
        "maxfiles = 65536",
        "nocolor = yes",
    )


def globals_conf(site: SiteConfig) -> str:
    """Values of the dialplan's capital letters. 16 bytes of wav are one millisecond of speech."""
    limits = site.limits
    wav_bytes = 44 + int(limits.message_min * 16000)
    return _lines(
        f"AGI_ADDRESS = {site.fastagi}",
        f"RECORDINGS = {site.folders.recordings}",
        f"MESSAGES = {site.folders.messages}",
        f"FINISHED = {site.folders.finished}",
        f"QUEUE_DEFAULT = {site.default_queue}",
        f"QUEUE_TIMEOUT = {limits.queue}",
        f"RING_SEAT_S = {limits.ring_seat}",
        f"RING_OUT_S = {limits.ring_out}",
        f"REJOIN_S = {limits.rejoin}",
        f"MESSAGE_MAX_S = {limits.message}",
        f"MESSAGE_SILENCE_S = {limits.message_silence}",
        f"MESSAGE_MIN_BYTES = {wav_bytes}",
        f"OUT_NUMBER = {site.numbers[0] if site.numbers else ''}",
        f"HANDSET = {site.handset or 'none'}",
        "; hang-up cause of a leg whose media stopped (Q.850 44, requested channel not available)",
        "LEG_DIED = 44",
    )


def numbers_conf(site: SiteConfig) -> str:
    return _lines(*(f"exten => {number},1,Gosub(citizen,s,1({number}))" for number in site.numbers))


def seat_out_conf(site: SiteConfig) -> str:
    seats = (*site.seats, *(plain.seat for plain in site.plain_seats))
    return _lines(
        *(f"exten => {seat},1,Goto(to-seat,{seat},1)" for seat in seats),
        *(f"exten => {phone},1,Goto(to-duty-phone,${{EXTEN}},1)" for phone in site.duty_phones),
    )


def manager_conf(site: SiteConfig) -> str:
    return _lines(f"bindaddr = {site.ami.host}", f"port = {site.ami.port}") + _section(
        site.ami_user.user,
        f"secret = {site.ami_user.secret}",
        "read = system,call,agent,user",
        "write = system,call,agent,originate",
        "writetimeout = 1000",
    )


def ari_conf(site: SiteConfig) -> str:
    user = site.ari_user
    return _section(user.user, "type = user", f"password = {user.secret}", "password_format = plain")


def pjsip_conf(site: SiteConfig) -> str:
    return "".join(
        (
            _section("global(hotline-global)", f"endpoint_identifier_order = {identifier_order(site)}"),
            _section("transport-udp", "type = transport", "protocol = udp", f"bind = {site.sip}"),
            _section("transport-ws", "type = transport", "protocol = ws", f"bind = {site.http}"),
            _trunk(site),
            *(_seat(seat) for seat in site.seats),
            *(_plain_seat(plain) for plain in site.plain_seats),
            _handset(site.handset) if site.handset else "",
        )
    )


def identifier_order(site: SiteConfig) -> str:
    """By address first, so that a caller whose number looks like a seat's is still a caller.

    Not when the trunk is on this machine: then a seat's REGISTER comes from the trunk's address, and
    would be taken for the trunk's.
    """
    local = any(ipaddress.ip_network(peer, strict=False).is_loopback for peer in site.trunk_peers)
    return "username,ip" if local else "ip,username"


def _trunk(site: SiteConfig) -> str:
    return (
        _section("trunk(trunk-endpoint)", "aors = trunk")
        + _section("trunk", "type = aor", f"contact = sip:{site.trunk_out}")
        + _section(
            "trunk", "type = identify", "endpoint = trunk", *(f"match = {peer}" for peer in site.trunk_peers)
        )
    )


def _seat(seat: str) -> str:
    return _section(f"{seat}(seat)", f"aors = {seat}", f"auth = {seat}") + _section(f"{seat}(seat-aor)")


def _handset(name: str) -> str:
    return _section(
        f"{name}(seat)", f"aors = {name}", f"auth = {name}", "context = from-trunk", "trust_id_inbound = yes"
    ) + _section(f"{name}(seat-aor)")


def _plain_seat(plain: PlainSeat) -> str:
    return _section(
        f"{plain.seat}(plain-seat)", f"aors = {plain.seat}", f"rtp_timeout = {plain.silence_limit}"
    ) + _section(plain.seat, "type = aor", f"contact = sip:{plain.seat}@{plain.phone}")


def _section(title: str, *lines: str) -> str:
    name, bracket, template = title.partition("(")
    return f"[{name}]{bracket}{template}\n" + _lines(*lines) + "\n"


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
