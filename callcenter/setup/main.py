"""`callcenter setup`: everything that must be there before the first start, in order, once.

What is there already is left alone, so the second run takes a second and no network.
"""

import asyncio
import fcntl
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from callcenter.config import Settings, load_settings
from callcenter.setup import apt, asterisk_build, database
from callcenter.setup.commands import Commands, Tell
from callcenter.setup.console_build import ConsoleBuild, NpmPackages
from callcenter.setup.node import find_node, install_node
from callcenter.setup.secrets import ensure_secrets, read_secrets
from callcenter.setup.site import seat_numbers, sounds_folder
from callcenter.setup.sounds import Sounds
from callcenter.setup.stamps import Stamps
from callcenter.setup.steps import Step, run_steps
from callcenter.setup.unpacked import Unpacked
from ivr.prompts import prompt_texts

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools"
CONSOLE = ROOT / "agent_console"
PEERS = ROOT / "tests" / "peers"
SECRETS = ("ami", "ari")
LANGUAGE = "zh"
OWNER_ONLY = 0o700
"""The state folder holds citizens' voices and data."""

SEED = (sys.executable, "-m", "callcenter", "demo", "seed")
"""A process of its own: seeding needs the composed application, which set-up must not know."""

FOR_RUN = (apt.program("espeak-ng"), apt.program("sox"))
FOR_ROOT = (apt.program("mmdebstrap"),)
FOR_TESTS = (
    apt.folder_with("postgresql", "/usr/lib/postgresql", "*/bin/initdb"),
    apt.folder_with("fonts-noto-cjk", "/usr/share/fonts", "**/NotoSansCJK-Regular.*"),
)
BROWSER = apt.program("chromium")
CHROMIUM = "Chromium"


def setup(console: Console, *, for_tests: bool) -> None:
    """Run every step that is not done. `SetupError` is one sentence with the remedy."""
    started = time.monotonic()
    with one_at_a_time(TOOLS / "setup.lock", console):
        settings = load_settings()
        settings.state_dir.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
        stamps = Stamps(TOOLS / "stamps")
        steps = [*machine_steps(settings, stamps, for_tests=for_tests), *state_steps(settings)]
        ran = run_steps(steps, console)
    words = "set up" if ran else "everything is there already"
    console.print(f"  [green]✓[/] {words}  [dim]{time.monotonic() - started:.1f} s[/]", highlight=False)


def machine_steps(settings: Settings, stamps: Stamps, *, for_tests: bool) -> list[Step]:
    """What the checkout needs, shared by all its state folders."""
    root = settings.asterisk.root
    wants_root = for_tests or not asterisk_build.own_is_enough()  # SIPp comes with the root
    web = NpmPackages(CONSOLE / "web", stamps, TOOLS)
    pages = ConsoleBuild(CONSOLE / "web", CONSOLE / "static", stamps, TOOLS)

    def built() -> bool:
        """Pages that are built need no tools any more, but their tests do."""
        return not for_tests and pages.is_done()

    return [
        packages(
            "System packages",
            [*FOR_RUN, *(FOR_ROOT if wants_root else ()), *(FOR_TESTS if for_tests else ())],
        ),
        *([browser()] if for_tests else ()),
        step(
            "Asterisk",
            lambda: not wants_root or asterisk_build.is_whole(root),
            lambda commands: asterisk_build.build(commands, root),
        ),
        step("Node.js", lambda: built() or find_node(TOOLS) is not None, lambda c: install_node(c, TOOLS)),
        step("Console packages", lambda: built() or web.is_done(), web.install),
        step("Console pages", pages.is_done, pages.build),
        *(peers(stamps) if for_tests else ()),
    ]


def state_steps(settings: Settings) -> list[Step]:
    """What one installation needs in its state folder."""
    sounds = Sounds(prompt_texts(), sounds_folder(settings) / LANGUAGE)
    secrets = settings.state_dir / "secrets.toml"
    return [
        Step(
            "Secrets",
            lambda: set(SECRETS) <= set(read_secrets(secrets)),
            lambda _tell: ignore(ensure_secrets(secrets, SECRETS)),
        ),
        Step("Prompts", lambda: not sounds.missing(), sounds.make),
        Step("Database", lambda: database.is_newest(settings), lambda _tell: database.upgrade(settings)),
        step("Demo city", lambda: not settings.demo or has_staff(settings), lambda c: c.run(SEED)),
    ]


def has_staff(settings: Settings) -> bool:
    return bool(asyncio.run(seat_numbers(settings.database)))


def step(
    name: str, is_done: Callable[[], bool], run: Callable[[Commands], None], *, needs_root: bool = False
) -> Step:
    """A step that runs commands; its log is named after it."""
    log = TOOLS / "log" / f"{name.lower().replace(' ', '-')}.log"

    def run_logged(tell: Tell) -> None:
        run(Commands(name, log, tell))

    return Step(name, is_done, run_logged, needs_root)


def packages(name: str, wanted: Sequence[apt.Package]) -> Step:
    return step(
        name,
        lambda: not apt.missing(wanted),
        lambda commands: apt.install(commands, apt.missing(wanted)),
        needs_root=True,
    )


def browser() -> Step:
    """Debian's Chromium; Ubuntu has none outside of snap, so Playwright brings its own there."""
    if apt.os_release().get("ID") == "ubuntu" and not BROWSER.is_there():
        home = Path.home() / ".cache" / "ms-playwright"
        install = [str(ROOT / ".venv/bin/playwright"), "install", "--with-deps", "chromium"]
        return step(CHROMIUM, lambda: any(home.glob("chromium*")), lambda commands: commands.run(install))
    return packages(CHROMIUM, [BROWSER])


def peers(stamps: Stamps) -> list[Step]:
    """Programs that tests talk to: npm packages, and others that are unpacked and not installed."""
    found = [NpmPackages(lock.parent, stamps, TOOLS) for lock in sorted(PEERS.glob("*/package-lock.json"))]
    kannel = Unpacked("kannel", "usr/sbin/bearerbox", TOOLS / "kannel")
    postfix = Unpacked("postfix", "usr/sbin/smtp-sink", TOOLS / "postfix")
    dovecot = Unpacked("dovecot-imapd", "usr/lib/dovecot/imap", TOOLS / "dovecot")
    return [
        *(step(f"Test peer {peer.name}", peer.is_done, peer.install) for peer in found),
        step("Test peer kannel", kannel.is_done, kannel.install),
        step("Test peer postfix", postfix.is_done, postfix.install),
        step("Test peer dovecot", dovecot.is_done, dovecot.install),
    ]


@contextmanager
def one_at_a_time(path: Path, console: Console) -> Iterator[None]:
    """Two set-ups of one checkout would tread on each other's files: the second one waits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.print("  another set-up works in this folder; waiting for it …", highlight=False)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ignore(_value: object) -> None:
    """For a `run` whose result nobody needs."""
