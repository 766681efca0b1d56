"""Content stamps: a step runs again only when what it was made from has changed.

A stamp is written after the step succeeded, so a step that was cut off is done again.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path


class Stamps:
    """Digests of finished steps, one small file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fresh(self, step: str, digest: str) -> bool:
        try:
            return (self._folder / step).read_text() == digest
        except FileNotFoundError:
            return False

    def put(self, step: str, digest: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / step).write_text(digest)


def digest_of(*parts: str | Path) -> str:
    """SHA-256 over texts and files; a folder counts with the names and contents of all its files."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            _add(total, "text", part.encode())
        else:
            for path in _files(part):
                _add(total, str(path.relative_to(part.parent)), path.read_bytes())
    return total.hexdigest()


def _add(total: "hashlib._Hash", name: str, content: bytes) -> None:
    total.update(f"{len(name)}:{name}:{len(content)}:".encode())
    total.update(content)


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    return sorted(found for found in path.rglob("*") if found.is_file() and not _ignored(found))


def _ignored(path: Path) -> bool:
    return "node_modules" in path.parts or "__pycache__" in path.parts
