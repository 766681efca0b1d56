"""A Debian package unpacked into a folder of the checkout: for a test's peer whose installation would start a
service, and open its ports to everyone. Needs root's rights only where apt's lists are empty.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from callcenter.setup import apt
from callcenter.setup.commands import Commands
from callcenter.setup.failures import SetupError


class Unpacked:
    """`program` of a package, with the libraries that the machine lacks."""

    def __init__(self, package: str, program: str, folder: Path) -> None:
        self._package = package
        self._folder = folder
        self._program = folder / program

    def is_done(self) -> bool:
        return self._program.exists()

    def install(self, commands: Commands) -> None:
        if not shutil.which("apt-get") or not shutil.which("dpkg"):
            raise SetupError(f"{commands.name} is unpacked from a Debian package, and there is no apt-get.")
        if os.geteuid() == 0 or not apt.candidate(self._package):  # lists that are old name what is gone
            commands.run_as_root(("apt-get", "update"))
        downloads = self._folder.with_suffix(".debs")
        shutil.rmtree(downloads, ignore_errors=True)
        downloads.mkdir(parents=True)
        commands.run(("apt-get", "download", *wanted(self._package)), cwd=downloads)
        partial = self._folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        for archive in sorted(downloads.glob("*.deb")):
            commands.run(("dpkg", "-x", archive, partial))
        shutil.rmtree(self._folder, ignore_errors=True)
        partial.rename(self._folder)
        shutil.rmtree(downloads)


def wanted(package: str) -> Sequence[str]:
    """The package and what it needs that the machine has not. Reads apt's lists, asks no network."""
    ran = subprocess.run(  # noqa: S603 - names come from this package
        ["apt-get", "--simulate", "--no-install-recommends", "install", package],  # noqa: S607 - the machine's own
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    lines = (line.split() for line in ran.stdout.splitlines())
    return sorted({package, *(words[1] for words in lines if words[:1] == ["Inst"])})
