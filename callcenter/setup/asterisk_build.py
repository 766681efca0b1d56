"""Builds the private root with Asterisk and SIPp, once, for machines whose own Asterisk is too old.

The packages are only unpacked, no script of theirs runs: programs of the root are started through
its own loader (`asterisk_root.py`), so neither root rights nor mounts are needed. The root appears
under its final name when it is whole, never before.
"""

import re
import shutil
from pathlib import Path

from callcenter.setup import apt
from callcenter.setup.asterisk_root import OLDEST, find_asterisk
from callcenter.setup.commands import Commands
from callcenter.setup.failures import SetupError
from callcenter.setup.stamps import digest_of

PACKAGES = ("asterisk", "asterisk-modules", "sip-tester")
DEBIAN_SUITE = "forky"
"""Debian release with Asterisk 22; 12 and 13 have none."""

ATTEMPTS = 3
MARK = ".complete"
"""File in a whole root; holds the digest of the recipe."""

OPTIONS = (
    'Acquire::Check-Valid-Until "false"',  # a mirror may be some weeks old
    'Acquire::Languages "none"',
    'Acquire::Retries "5"',
)


def recipe() -> str:
    return digest_of(*PACKAGES, DEBIAN_SUITE)


def is_whole(root: Path) -> bool:
    mark = root / MARK
    return mark.exists() and mark.read_text() == recipe()


def own_is_enough() -> bool:
    """Whether the machine brings an Asterisk that we can use."""
    try:
        find_asterisk(Path("/nonexistent"))
    except SetupError:
        return False
    return True


def source() -> tuple[str, str, str]:
    """Suite, components and mirror to take the packages from, by the machine's own apt sources."""
    release = apt.os_release()
    codename = release.get("VERSION_CODENAME", "")
    uri = apt.mirror(codename)
    if uri and _major(apt.candidate("asterisk")) >= OLDEST:
        return codename, "main,universe" if release.get("ID") == "ubuntu" else "main", uri
    if uri and release.get("ID") == "debian":
        return DEBIAN_SUITE, "main", uri
    raise SetupError(
        f"Asterisk {OLDEST} or newer is not here and the apt sources have none; "
        "install it by hand and run the same command again."
    )


def build(commands: Commands, root: Path) -> None:
    """Fetch and unpack into a sibling folder, then give it the final name."""
    suite, components, uri = source()
    partial = root.with_name(root.name + ".partial")
    for attempt in range(1, ATTEMPTS + 1):
        shutil.rmtree(partial, ignore_errors=True)
        try:
            commands.run(_mmdebstrap(suite, components, uri, partial))
            break
        except SetupError:
            if attempt == ATTEMPTS:
                raise
            commands.tell(f"download broke off, attempt {attempt + 1} of {ATTEMPTS}")
    find_asterisk(partial)
    (partial / MARK).write_text(recipe())
    _put_in_place(partial, root)


def _mmdebstrap(suite: str, components: str, uri: str, folder: Path) -> list[str]:
    return [
        *("mmdebstrap", "--mode=chrootless", "--variant=extract", "--format=directory"),
        f"--components={components}",
        f"--include={','.join(PACKAGES)}",
        *(f"--aptopt={option}" for option in OPTIONS),
        *(suite, str(folder), uri),
    ]


def _put_in_place(partial: Path, root: Path) -> None:
    old = root.with_name(root.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if root.exists():
        root.rename(old)
    partial.rename(root)
    shutil.rmtree(old, ignore_errors=True)


def _major(version: str) -> int:
    """Major version of a Debian package version: '1:20.6.0~dfsg-2' is 20."""
    found = re.match(r"(?:\d+:)?(\d+)", version)
    return int(found[1]) if found else 0
