"""Secrets of this installation, made once, kept in a file that only its owner can read."""

import os
import secrets
import tomllib
from collections.abc import Sequence
from pathlib import Path

from callcenter.setup.failures import SetupError

OWNER_ONLY = 0o600
BYTES = 24


def ensure_secrets(path: Path, names: Sequence[str]) -> dict[str, str]:
    """All secrets of the file; a name that it lacks is made up now. Existing ones never change."""
    known = read_secrets(path)
    missing = [name for name in names if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(BYTES) for name in missing}
        write_private(path, "".join(f'{name} = "{value}"\n' for name, value in sorted(known.items())))
    return known


def read_secrets(path: Path) -> dict[str, str]:
    try:
        return {name: str(value) for name, value in tomllib.loads(path.read_text()).items()}
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise SetupError(
            f"{path} is damaged ({error}); restore it, or delete it to have new secrets made."
        ) from error


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step; it is never readable for others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
