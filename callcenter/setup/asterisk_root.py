"""Where Asterisk and SIPp are, and how to start them: the machine's own, or those of a private root.

A program of the private root is started through the root's own dynamic loader with the root's
libraries, so no chroot, no mount and no right is needed, and a path means the same inside and
outside. Knows nothing of configuration or of what is run.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from callcenter.setup.failures import SetupError

OLDEST = 20
"""Oldest major version whose PJSIP, ARI and Queue behave as the dialplan needs."""

LIBRARY_FOLDERS = ("usr/lib/*-linux-gnu", "usr/lib64", "usr/lib")
ANSWERS_WITHIN_S = 20


@dataclass(frozen=True)
class AsteriskInstall:
    """What a generated configuration has to know of the Asterisk that will read it."""

    command: tuple[str, ...]
    version: str
    modules: Path
    data: Path


def find_asterisk(root: Path) -> AsteriskInstall:
    """The machine's Asterisk when it is new enough, else the one in `root`; `SetupError` if none."""
    own = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if own and _major(version := _version((own,))) >= OLDEST:
        return AsteriskInstall((own,), version, _modules(Path("/")), _data(Path("/")))
    if not (root / "usr/sbin/asterisk").exists():
        raise SetupError(
            f"there is no Asterisk {OLDEST} or newer, neither here nor in {root}; run 'make run'."
        )
    command = _from_root(root, "usr/sbin/asterisk")
    return AsteriskInstall(command, _version(command), _modules(root), _data(root))


def asterisk_command(root: Path) -> list[str]:
    """The words that start Asterisk; append `-C <asterisk.conf>` and more."""
    return list(find_asterisk(root).command)


def sipp_command(root: Path) -> list[str]:
    """The words that start SIPp 3.7 or newer: from `root` when it has one, else the machine's."""
    if (root / "usr/bin/sipp").exists():
        return list(_from_root(root, "usr/bin/sipp"))
    if own := shutil.which("sipp"):
        return [own]
    raise SetupError(f"there is no SIPp, neither here nor in {root}; run 'make test'.")


def _from_root(root: Path, program: str) -> tuple[str, ...]:
    root = root.resolve()
    loaders = sorted(root.glob("usr/lib/*-linux-gnu/ld-linux*.so.*"))
    if not loaders:
        raise SetupError(f"{root} is not complete (no dynamic loader); delete it and run 'make run' again.")
    libraries = [str(folder) for pattern in LIBRARY_FOLDERS for folder in sorted(root.glob(pattern))]
    return (str(loaders[0]), "--library-path", ":".join(libraries), str(root / program))


def _version(command: tuple[str, ...]) -> str:
    """First line of `asterisk -V`, '' when it does not even start."""
    try:
        ran = subprocess.run(  # noqa: S603 - the command is the one found above
            [*command, "-V"], capture_output=True, text=True, timeout=ANSWERS_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip()


def _major(version: str) -> int:
    found = re.search(r"Asterisk\s+(?:certified/)?(\d+)", version)
    return int(found[1]) if found else 0


def _modules(prefix: Path) -> Path:
    for pattern in (*LIBRARY_FOLDERS, "usr/local/lib"):
        for folder in sorted(prefix.glob(f"{pattern}/asterisk/modules")):
            return folder.resolve()
    raise SetupError(f"Asterisk's modules are not below {prefix}; install the package asterisk-modules.")


def _data(prefix: Path) -> Path:
    """Folder with `documentation` and `rest-api`, which Asterisk reads at its start."""
    for folder in (prefix / "usr/share/asterisk", prefix / "var/lib/asterisk"):
        if (folder / "documentation").is_dir():
            return folder.resolve()
    raise SetupError(f"Asterisk's documentation folder is not below {prefix}; install the whole package.")
