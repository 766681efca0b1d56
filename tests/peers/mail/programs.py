"""Where others' mail programs are: postfix's smtp-sink and dovecot's imap, unpacked by the test set-up."""

import os
import pwd
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).parents[3] / ".tools"
NOBODY = "nobody"


def program(package: str, path: str) -> tuple[str, dict[str, str]]:
    """A program of an unpacked package and the environment in which it finds its libraries."""
    root = TOOLS / package
    if not (root / path).exists():
        pytest.fail(f"{root / path} is missing; `make test` fetches it")
    libraries = [root / "usr/lib" / package, *root.glob("usr/lib/*-linux-gnu")]
    return str(root / path), {"LD_LIBRARY_PATH": ":".join(map(str, libraries)), "PATH": "/usr/bin:/bin"}


def unprivileged() -> dict[str, Any]:
    """Arguments for a subprocess that must not be root; nothing when we are not."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []}
