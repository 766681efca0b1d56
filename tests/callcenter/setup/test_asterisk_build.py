"""The private root is whole or not there; a broken download is tried again."""

from pathlib import Path

import pytest

from callcenter.setup import asterisk_build
from callcenter.setup.commands import Commands
from callcenter.setup.failures import SetupError

# Stands for mmdebstrap: fails the first $FAILURES times, leaving a partial tree each time.
FAKE_MMDEBSTRAP = """#!/bin/sh
count=$(cat "$COUNTER" 2>/dev/null || echo 0)
echo $((count + 1)) > "$COUNTER"
for argument; do previous=$target; target=$last; last=$argument; done
mkdir -p "$target/usr/sbin"
[ "$count" -lt "$FAILURES" ] && { echo 'E: Failed to fetch'; exit 1; }
touch "$target/whole"
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tool = tmp_path / "bin" / "mmdebstrap"
    tool.parent.mkdir()
    tool.write_text(FAKE_MMDEBSTRAP)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
    monkeypatch.setenv("COUNTER", str(tmp_path / "count"))
    monkeypatch.setattr(asterisk_build, "source", lambda: ("suite", "main", "http://debian.example"))
    monkeypatch.setattr(asterisk_build, "find_asterisk", lambda _root: None)
    return tmp_path / "asterisk"


def build(root: Path) -> None:
    asterisk_build.build(Commands("Asterisk", root.parent / "log"), root)


def test_a_broken_download_is_tried_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILURES", "2")
    build(root)
    assert (root / "whole").exists()
    assert asterisk_build.is_whole(root)


def test_after_three_failures_there_is_no_root(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILURES", "3")
    with pytest.raises(SetupError, match="Asterisk failed because a download did not come through"):
        build(root)
    assert not root.exists()


def test_an_older_root_is_replaced(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILURES", "0")
    root.mkdir()
    (root / "old").touch()
    assert not asterisk_build.is_whole(root)
    build(root)
    assert not (root / "old").exists()
    assert sorted(path.name for path in root.parent.glob("asterisk*")) == ["asterisk"]
