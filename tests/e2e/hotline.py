"""A whole hotline for end-to-end tests: real Asterisk, our service as its own process, a real SMSC.

Everything on ports and in a folder of its own; only what was started here is ended.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from callcenter.config import Account, Console, Fastagi, Secrets, Settings, Sip, Survey
from callcenter.config import Asterisk as AsteriskSettings
from callcenter.setup.site import write_site
from tests.asterisk_kit.asterisk import DEFAULT_ROOT, PROMPT_HZ, beeps_for_prompts
from tests.asterisk_kit.audio import short_beep
from tests.asterisk_kit.ports import free_base
from tests.asterisk_kit.sipp import Ports, Telephones
from tests.peers.smsc.peer import PASSWORD, SYSTEM_ID

LOCAL = "127.0.0.1"
ROOT = Path(__file__).parents[2]
START_LIMIT_S = 40
OUTBOUND_PORT = 5  # from the base on: the telephone that survey calls reach
SOURCE = "106912345"
CHANNEL_WORDS = 12


def midday_zone() -> str:
    """A time zone in which it is about noon now, so that no text waits for the morning."""
    offset = (12 - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


def settings_for(folder: Path, database_url: str, smsc_port: int, base: int) -> Settings:
    """`base` is the first of a hundred ports; the survey asks by telephone a few seconds after the text."""
    return Settings(
        state_dir=folder,
        database_url=database_url,
        time_zone=midday_zone(),
        console=Console(port=base),
        sip=Sip(
            port=base + 1,
            rtp_start=base + 400,
            rtp_end=base + 600,
            trunks=[LOCAL],
            outbound=f"{LOCAL}:{base + OUTBOUND_PORT}",
            duty_numbers=[],
        ),
        asterisk=AsteriskSettings(
            http_port=base + 2, ami_port=base + 3, system_name="e2e", root=DEFAULT_ROOT
        ),
        fastagi=Fastagi(port=base + 4),
        accounts={"sms": smsc_account(smsc_port)},
        survey=Survey(wait_minutes=0.1, gap_minutes=0.1, quiet_from="00:00", quiet_to="00:00"),
        secrets=Secrets(ami="e2e-ami-secret", ari="e2e-ari-secret", accounts={"sms": {"password": PASSWORD}}),
    )


def smsc_account(port: int) -> Account:
    return Account(kind="sms_smpp", host=LOCAL, port=port, system_id=SYSTEM_ID, source=SOURCE)


def without_texts(folder: Path) -> Settings:
    """On SQLite, texts stay in the house: for tests of calls."""
    return settings_for(folder, "", 0, free_base("e2e")).model_copy(
        update={"accounts": {}, "secrets": Secrets(ami="e2e-ami-secret", ari="e2e-ari-secret")}
    )


def environment(settings: Settings) -> dict[str, str]:
    """The same settings as environment variables for a process of its own."""
    flat = settings.model_dump(mode="json", exclude={"secrets"})
    env = {f"HOTLINE_{name.upper()}": _as_text(value) for name, value in flat.items()}
    env["HOTLINE_SECRETS__AMI"] = settings.secrets.ami.get_secret_value()
    env["HOTLINE_SECRETS__ARI"] = settings.secrets.ari.get_secret_value()
    for name, kept in settings.secrets.accounts.items():
        for option, secret in kept.items():
            env[f"HOTLINE_SECRETS__ACCOUNTS__{name.upper()}__{option.upper()}"] = secret.get_secret_value()
    env["HOTLINE_CONFIG"] = str(settings.state_dir / "none.toml")
    return {**os.environ, **env}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, slots=True)
class Channel:
    """One leg of a call as Asterisk's command line shows it."""

    name: str
    context: str
    state: str
    application: str
    data: str
    number: str
    bridge: str
    call_id: str

    @classmethod
    def parse(cls, line: str) -> "Channel":
        """A line of `core show channels concise`."""
        words = line.strip().split("!")
        return cls(words[0], words[1], words[4], words[5], words[6], words[7], words[12], words[13])


class Process:
    """One child process with its log."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str]) -> None:
        self._command, self._log, self._env = command, log, env
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self._env,
                cwd=ROOT,
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    async def end(self, with_signal: int = signal.SIGTERM, within: float = 15) -> int:
        process = self._process
        if process is None or process.returncode is not None:
            return 0 if process is None else process.returncode or 0
        process.send_signal(with_signal)
        try:
            await asyncio.wait_for(process.wait(), within)
        except TimeoutError:
            process.kill()
            await process.wait()
        return process.returncode or 0

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


class Hotline:
    """The running whole. `api(user)` is a signed-in client of the console's interface."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://{LOCAL}:{settings.console.port}"
        env = environment(settings)
        folder = settings.state_dir
        self._conf = folder / "not-yet"
        self.service = Process([sys.executable, "-m", "callcenter", "serve"], folder / "log/service.log", env)
        self.asterisk: Process | None = None
        self._env = env
        self.telephones = Telephones(
            DEFAULT_ROOT,
            folder / "telephones",
            f"{LOCAL}:{settings.sip.port}",
            Ports(
                settings.console.port + 10,
                settings.console.port + 60,
                settings.console.port + 700,
                settings.console.port + 990,
            ),
        )

    async def command(self, *words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter", *words),
            env=self._env,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode(errors="replace")
        return output.decode()

    async def prepare(self) -> None:
        await self.command("db", "upgrade")
        await self.command("demo", "seed")

    def lay_out(self) -> Path:
        return write_site(self.settings)

    async def start_asterisk(self) -> None:
        from callcenter.setup.asterisk_root import asterisk_command  # noqa: PLC0415 - after settings

        conf = await asyncio.to_thread(self.lay_out)
        beeps_for_prompts(self.settings.state_dir / "sounds")
        command = [*asterisk_command(DEFAULT_ROOT), "-C", str(conf)]
        self._cli = command
        self.asterisk = Process([*command, "-f"], self.settings.state_dir / "log/asterisk.log", os.environ)
        await self.asterisk.start()
        await self._until_booted()

    async def _until_booted(self) -> None:
        async with asyncio.timeout(START_LIMIT_S):
            while "fully booted" not in await self.asterisk_cli("core waitfullybooted"):
                await asyncio.sleep(0.1)

    async def asterisk_cli(self, words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *self._cli, "-rx", words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
        return output.decode(errors="replace")

    async def channels(self) -> list[Channel]:
        lines = (await self.asterisk_cli("core show channels concise")).splitlines()
        return [Channel.parse(line) for line in lines if line.count("!") > CHANNEL_WORDS]

    async def channel_of(self, number: str) -> Channel | None:
        """The citizen's own leg."""
        return next((one for one in await self.channels() if one.number == number), None)

    async def until_in(self, number: str, application: str, within: float = 20, data: str = "") -> Channel:
        """Wait until the citizen's call is in this application of the dialplan (with this in its data)."""

        async def there() -> Channel | None:
            at = await self.channel_of(number)
            return at if at and at.application == application and data in at.data else None

        return await eventually(there, within, f"a call in {application}")

    def prompt_lasts(self, prompt: str, seconds: float) -> None:
        short_beep(PROMPT_HZ, self.settings.state_dir / "sounds" / "zh" / f"{prompt}.wav", seconds)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Straight from the books (SQLite)."""
        with closing(sqlite3.connect(f"file:{self.settings.state_dir}/hotline.db?mode=ro", uri=True)) as db:
            return db.execute(sql).fetchall()

    def asterisk_log(self, name: str) -> str:
        path = self.settings.state_dir / "asterisk" / "log" / name
        return path.read_text(errors="replace") if path.exists() else ""

    async def start_service(self) -> None:
        await self.service.start()
        async with httpx.AsyncClient(base_url=self.url, timeout=2) as client:
            await self._until_ready(client)

    async def _until_ready(self, client: httpx.AsyncClient) -> None:
        try:
            async with asyncio.timeout(START_LIMIT_S):
                while not await _ready(client):
                    assert self.service.running, f"the service ended: {self.service.log()[-4000:]}"
                    await asyncio.sleep(0.1)
            assert self.service.running, "somebody else answers on our port"
        except TimeoutError:
            raise AssertionError(f"the service is not ready: {self.service.log()[-4000:]}") from None

    @property
    def outbound_port(self) -> int:
        return self.settings.console.port + OUTBOUND_PORT

    @property
    def password(self) -> str:
        accounts = json.loads((self.settings.state_dir / "demo-accounts.json").read_text(encoding="utf-8"))
        return str(accounts[0]["password"])

    @asynccontextmanager
    async def api(self, username: str) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(base_url=self.url, timeout=20) as client:
            answer = await client.post("/api/session", json={"username": username, "password": self.password})
            answer.raise_for_status()
            client.headers["X-CSRF-Token"] = answer.json()["csrf"]
            yield client

    async def stop(self) -> None:
        await self.telephones.unplug_all()
        await self.service.end()
        if self.asterisk is not None:
            await self.asterisk.end()


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def running_hotline(settings: Settings) -> AsyncIterator[Hotline]:
    hotline = Hotline(settings)
    try:
        await hotline.prepare()
        await hotline.start_asterisk()
        await hotline.start_service()
        yield hotline
    finally:
        await hotline.stop()


async def act(client: httpx.AsyncClient, number: str, action: str, **given: object) -> dict[str, Any]:
    """One workflow step as the page would send it: with the version that was just read."""
    case = (await client.get(f"/api/cases/{number}")).raise_for_status().json()
    answer = await client.post(
        f"/api/cases/{number}/actions/{action}", json={"version": case["version"], **given}
    )
    assert answer.is_success, answer.text
    return dict(answer.json())


async def eventually(look: Any, within: float = 20, what: str = "") -> Any:
    """The first true value of the async `look`; `AssertionError` after `within` seconds."""
    seen = None
    try:
        async with asyncio.timeout(within):
            while not (seen := await look()):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"still not so after {within} s: {what or look}, last {seen!r}") from None
    return seen
