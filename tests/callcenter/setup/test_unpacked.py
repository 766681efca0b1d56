from pathlib import Path

import pytest

from callcenter.setup import unpacked
from callcenter.setup.commands import Commands
from callcenter.setup.failures import SetupError
from callcenter.setup.unpacked import Unpacked


class Recorder(Commands):
    """Writes down what would run; a download brings one archive, unpacking it the program."""

    def __init__(self, folder: Path) -> None:
        super().__init__("Peer", folder / "log")
        self.ran: list[list[str]] = []

    def run(self, command, *, cwd=None, env=None) -> None:
        self.ran.append([str(part) for part in command])
        if command[0] == "apt-get":
            (cwd / "kannel.deb").touch()
        elif command[0] == "dpkg":
            (command[3] / "usr").mkdir(parents=True)
            (command[3] / "usr/box").touch()


def test_a_package_is_downloaded_with_what_the_machine_lacks_and_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked, "wanted", lambda package: [package, "libother"])
    monkeypatch.setattr(unpacked.shutil, "which", lambda _: "/usr/bin/there")
    monkeypatch.setattr(unpacked.apt, "candidate", lambda _: "1.4.5")
    monkeypatch.setattr(unpacked.os, "geteuid", lambda: 1000)
    commands, peer = Recorder(tmp_path), Unpacked("kannel", "usr/box", tmp_path / "kannel")
    (tmp_path / "kannel").mkdir()  # of an attempt that was cut short
    assert not peer.is_done()
    peer.install(commands)
    assert peer.is_done()
    assert commands.ran[0] == ["apt-get", "download", "kannel", "libother"]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["kannel"]


def test_empty_lists_are_filled_first(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked, "wanted", lambda package: [package])
    monkeypatch.setattr(unpacked.shutil, "which", lambda _: "/usr/bin/there")
    monkeypatch.setattr(unpacked.apt, "candidate", lambda _: "")
    commands = Recorder(tmp_path)
    commands.run_as_root = lambda command, **_: commands.ran.append(list(command))
    Unpacked("kannel", "usr/box", tmp_path / "kannel").install(commands)
    assert commands.ran[0] == ["apt-get", "update"]


def test_without_apt_the_reason_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked.shutil, "which", lambda _: None)
    with pytest.raises(SetupError, match="no apt-get"):
        Unpacked("kannel", "usr/box", tmp_path / "kannel").install(Recorder(tmp_path))
