"""The machine's package manager: what is missing, install it, which mirror the machine itself uses.

Knows Debian and Ubuntu. A package counts as present when the thing it is wanted for is there, so
that a program installed in another way is taken as well.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.setup.commands import Commands
from callcenter.setup.failures import SetupError

SOURCES = Path("/etc/apt")
OS_RELEASE = Path("/etc/os-release")
LOCK_WAIT_S = 120
INSTALL_SETTINGS = {"DEBIAN_FRONTEND": "noninteractive"}


@dataclass(frozen=True)
class Package:
    """An apt package and how to see that what it brings is there already."""

    name: str
    is_there: Callable[[], bool]


def program(name: str, package: str | None = None) -> Package:
    """The package that brings a program."""
    return Package(package or name, lambda: shutil.which(name) is not None)


def folder_with(name: str, root: str, pattern: str) -> Package:
    """The package that brings a file somewhere below `root`."""
    return Package(name, lambda: next(Path(root).glob(pattern), None) is not None)


def missing(packages: Iterable[Package]) -> list[str]:
    return [package.name for package in packages if not package.is_there()]


def install(commands: Commands, names: Sequence[str]) -> None:
    """Install packages; `SetupError` where there is no apt, no right or no network."""
    if not shutil.which("apt-get"):
        wanted = ", ".join(names)
        raise SetupError(f"{commands.name} needs {wanted}, and there is no apt-get; install them by hand.")
    apt = ["apt-get", "-o", f"DPkg::Lock::Timeout={LOCK_WAIT_S}", "-o", "Acquire::Retries=3"]
    commands.run_as_root([*apt, "update"])
    commands.run_as_root([*apt, "install", "-y", "--no-install-recommends", *names], env=INSTALL_SETTINGS)


def candidate(name: str) -> str:
    """Version that apt would install, '' when it has none. Reads apt's lists, asks no network."""
    if not shutil.which("apt-cache"):
        return ""
    ran = subprocess.run(  # noqa: S603 - names come from this package
        ["apt-cache", "policy", name],  # noqa: S607 - the machine's own apt is meant
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    found = re.search(r"Candidate: (\S+)", ran.stdout)
    return "" if found is None or found[1] == "(none)" else found[1]


def os_release() -> dict[str, str]:
    """ID, VERSION_CODENAME and the rest of /etc/os-release; empty where there is none."""
    if not OS_RELEASE.exists():
        return {}
    pairs = (line.split("=", 1) for line in OS_RELEASE.read_text().splitlines() if "=" in line)
    return {key: value.strip('"') for key, value in pairs}


def mirror(suite: str, sources: Path = SOURCES) -> str | None:
    """Address that the machine's own apt sources give for `suite`, e.g. 'bookworm'."""
    files = [sources / "sources.list", *sorted(sources.glob("sources.list.d/*"))]
    for file in files:
        if not file.is_file():
            continue
        parse = _stanzas if file.suffix == ".sources" else _lines
        for uri, suites in parse(file.read_text()):
            if suite in suites:
                return uri
    return None


def _lines(text: str) -> Iterator[tuple[str, list[str]]]:
    """One-line style: `deb [options] uri suite components`."""
    for found in re.finditer(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)", text, re.MULTILINE):
        yield found[1], [found[2]]


def _stanzas(text: str) -> Iterator[tuple[str, list[str]]]:
    """Deb822 style: paragraphs of `Key: value`."""
    for paragraph in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^(\w[\w-]*):[ \t]*(.*)$", paragraph, re.MULTILINE))
        uris = fields.get("URIs", "").split()
        if "deb" in fields.get("Types", "").split() and uris and fields.get("Enabled", "yes") != "no":
            yield uris[0], fields.get("Suites", "").split()
