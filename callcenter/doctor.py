"""`callcenter doctor`: is everything there, does it answer, and if not, what to do.

It looks from outside and uses nothing of the parts that it examines: AMI is spoken by hand, ARI and
FastAGI are asked over their ports. No check raises; each gives findings.
"""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from callcenter.config import Settings
from callcenter.setup import database
from callcenter.setup.asterisk_root import AsteriskInstall, find_asterisk
from callcenter.setup.failures import SetupError
from callcenter.setup.main import LANGUAGE
from callcenter.setup.ports import Holder, Port, holder, try_to_bind, why_not
from callcenter.setup.site import asterisk_home, sounds_folder
from callcenter.setup.sounds import Sounds
from callcenter.setup.up import ports
from ivr.prompts import prompt_texts
from ivr.site_layout import SHIPPED

ANSWER_S = 3.0
MEBIBYTE = 2**20
DISK_BROKEN_MB = 500
DISK_LOW_MB = 5_000
FIRST_SANE_YEAR, LAST_SANE_YEAR = 2026, 2100
CLOCK_SLACK_S = 60.0
START = "未启动就用 make run 启动 / start it with 'make run'"
SETUP = "运行 make setup / run 'make setup'"


class Health(Enum):
    """How a check ended, with its sign for the table."""

    GOOD = "[green]✓ 正常[/]"
    POOR = "[yellow]! 注意[/]"
    BROKEN = "[red]✗ 故障[/]"


@dataclass(frozen=True)
class Finding:
    """`remedy` says how to mend what is not good."""

    check: str
    health: Health
    detail: str
    remedy: str = ""


Check = Callable[[Settings], Iterable[Finding]]


def doctor(settings: Settings, console: Console) -> int:
    """Print all findings; exit status 1 when something is broken."""
    findings = examine(settings)
    console.print(as_table(findings))
    broken = sum(finding.health is Health.BROKEN for finding in findings)
    console.print(f"  故障 {broken} 项 / {broken} broken" if broken else "  一切正常 / nothing is broken")
    return int(broken > 0)


def examine(settings: Settings) -> list[Finding]:
    return [finding for check in CHECKS for finding in check(settings)]


def as_table(findings: Iterable[Finding]) -> Table:
    table = Table(
        "检查 Check", "结果", "说明 Detail", "怎么办 Remedy", title="市民热线体检  callcenter doctor"
    )
    for finding in findings:
        table.add_row(finding.check, finding.health.value, finding.detail, finding.remedy)
    return table


def good(check: str, detail: str) -> Finding:
    return Finding(check, Health.GOOD, detail)


def poor(check: str, detail: str, remedy: str) -> Finding:
    return Finding(check, Health.POOR, detail, remedy)


def broken(check: str, detail: str, remedy: str) -> Finding:
    return Finding(check, Health.BROKEN, detail, remedy)


# ----------------------------------------------------------------------------- Asterisk


def asterisk_build(settings: Settings) -> Iterator[Finding]:
    """The program, its version, and the module files that the configuration loads."""
    try:
        install = find_asterisk(settings.asterisk.root)
    except SetupError as error:
        yield broken("Asterisk", str(error), SETUP)
        return
    yield good("Asterisk", install.version)
    yield _module_files(install)


def _module_files(install: AsteriskInstall) -> Finding:
    wanted = wanted_modules()
    missing = [name for name in wanted if not (install.modules / name).exists()]
    if missing:
        remedy = "安装 asterisk-modules 包，或删除私有目录后 make setup / install asterisk-modules"
        return broken("Asterisk 模块 files", f"缺 missing: {', '.join(missing)}", remedy)
    return good("Asterisk 模块 files", f"{len(wanted)} 个齐全 / all there")


def wanted_modules(conf: Path = SHIPPED / "modules.conf") -> list[str]:
    """Modules that our configuration loads."""
    return re.findall(r"^load\s*=>?\s*(\S+\.so)", conf.read_text(encoding="utf-8"), re.MULTILINE)


def ami(settings: Settings) -> Iterator[Finding]:
    """Log in as the service does."""
    host, port = settings.asterisk.http_host, settings.asterisk.ami_port
    try:
        answer = ami_login(host, port, settings.asterisk.ami_user, settings.secrets.ami.get_secret_value())
    except OSError as error:
        yield broken("AMI", f"{host}:{port} 连不上 ({error})", START)
        return
    if "Response: Success" in answer:
        yield good("AMI", f"{host}:{port} 登录成功 / logged in")
    else:
        remedy = "密码与 secrets.toml 不一致：重启 make run / secrets differ: restart with 'make run'"
        yield broken("AMI", "登录被拒 / login refused", remedy)


def ami_login(host: str, port: int, user: str, secret: str) -> str:
    """What Asterisk answers to a login. Raises OSError when it does not."""
    login = f"Action: Login\r\nUsername: {user}\r\nSecret: {secret}\r\nEvents: off\r\n\r\n"
    with socket.create_connection((host, port), timeout=ANSWER_S) as connection:
        connection.sendall(login.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            if not (more := connection.recv(4096)):
                break
            answer += more
    return answer.decode(errors="replace")


def ari(settings: Settings) -> Iterator[Finding]:
    """Version and running modules, as ARI tells them."""
    asterisk = settings.asterisk
    base = f"http://{asterisk.http_host}:{asterisk.http_port}/ari/asterisk"
    login = (asterisk.ari_user, settings.secrets.ari.get_secret_value())
    try:
        with httpx.Client(auth=login, timeout=ANSWER_S, trust_env=False) as client:
            info = client.get(f"{base}/info").raise_for_status().json()
            modules = client.get(f"{base}/modules").raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        yield broken("ARI", f"{base} {type(error).__name__}", START)
        return
    yield good("ARI", f"Asterisk {info['system']['version']}")
    running = {module["name"] for module in modules if module["status"] == "Running"}
    if missing := [name for name in wanted_modules() if name not in running]:
        remedy = "看 asterisk/log/messages.log 里的原因 / see the reason in messages.log"
        yield poor("Asterisk 模块 running", f"未运行 not running: {', '.join(missing)}", remedy)


def fastagi(settings: Settings) -> Iterator[Finding]:
    host, port = settings.fastagi.host, settings.fastagi.port
    try:
        socket.create_connection((host, port), timeout=ANSWER_S).close()
    except OSError as error:
        yield broken("FastAGI", f"{host}:{port} 连不上 ({error})", START)
    else:
        yield good("FastAGI", f"{host}:{port} 可连 / accepts calls")


# ----------------------------------------------------------------------------- our own side


def the_database(settings: Settings) -> Iterator[Finding]:
    try:
        newest = database.is_newest(settings)
    except SetupError as error:
        yield broken("数据库 Database", str(error), "检查 HOTLINE_DATABASE_URL / check the setting")
        return
    if newest:
        yield good("数据库 Database", "结构最新 / schema is the newest")
    else:
        remedy = "运行 callcenter db upgrade / run 'callcenter db upgrade'"
        yield broken("数据库 Database", "结构不是最新 / schema is not the newest", remedy)


def prompts(settings: Settings) -> Iterator[Finding]:
    texts = prompt_texts()
    missing = Sounds(texts, sounds_folder(settings) / LANGUAGE).missing()
    if missing:
        yield broken("语音提示 Prompts", f"缺或过时 missing or old: {', '.join(missing)}", SETUP)
    else:
        yield good("语音提示 Prompts", f"{len(texts)} 条齐全 / all there")


def disk(settings: Settings) -> Iterator[Finding]:
    """Free space where the database and where recordings are."""
    for folder in dict.fromkeys((settings.state_dir, settings.recordings)):
        there = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
        free = shutil.disk_usage(there).free // MEBIBYTE
        detail, remedy = f"{folder}: {free} MB", "清理磁盘或换目录 HOTLINE_STATE_DIR / free some space"
        if free < DISK_BROKEN_MB:
            yield broken("磁盘 Disk", detail, remedy)
        elif free < DISK_LOW_MB:
            yield poor("磁盘 Disk", detail, remedy)
        else:
            yield good("磁盘 Disk", detail)


def clock(settings: Settings) -> Iterator[Finding]:
    """Deadlines and reports live by the clock: a sane year, never behind what is written already."""
    now, remedy = datetime.now(UTC), "校准时间并启用 NTP：timedatectl set-ntp true / set the clock"
    written = [path.stat().st_mtime for path in settings.state_dir.glob("hotline.db*")]
    if not FIRST_SANE_YEAR <= now.year <= LAST_SANE_YEAR:
        yield broken("时钟 Clock", f"{now:%Y-%m-%d} 不可信 / not to be trusted", remedy)
    elif written and max(written) > time.time() + CLOCK_SLACK_S:
        yield broken("时钟 Clock", "比数据还早：时钟被拨回 / the clock went back", remedy)
    elif ntp_synchronised() == "no":
        yield poor("时钟 Clock", f"{now:%F %T}Z, NTP 未同步 / not synchronised", remedy)
    else:
        yield good("时钟 Clock", f"{now:%F %T}Z")


def ntp_synchronised() -> str:
    """'yes', 'no', or '' where nobody knows."""
    try:
        ran = subprocess.run(
            ["timedatectl", "show", "-p", "NTPSynchronized", "--value"],  # noqa: S607 - the machine's own
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip()


def the_ports(settings: Settings) -> Iterator[Finding]:
    """Free before the start, ours afterwards, never somebody else's."""
    for port in ports(settings):
        yield _port(port, settings)


def _port(port: Port, settings: Settings) -> Finding:
    name, where = f"端口 {port.purpose}", f"{port.host}:{port.number}/{port.kind}"
    if try_to_bind(port) == 0:
        return good(name, f"{where} 空闲 / free")
    by = holder(port.kind, port.number)
    if by is not None and _is_ours(by, settings):
        return good(name, f"{where} {by}")
    return broken(name, why_not(port) or where, f"换端口 {port.setting}，或结束占用者 / change the setting")


def _is_ours(by: Holder, settings: Settings) -> bool:
    words = " ".join(by.command)
    return str(asterisk_home(settings)) in words or re.search(r"(-m |bin/)callcenter ", words) is not None


CHECKS: tuple[Check, ...] = (
    asterisk_build,
    ami,
    ari,
    fastagi,
    the_database,
    prompts,
    disk,
    clock,
    the_ports,
)
