"""A step's commands: logged, shown, and explained when they fail."""

import sys
from pathlib import Path

import pytest

from callcenter.setup import commands
from callcenter.setup.commands import Commands
from callcenter.setup.failures import SetupError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log" / "step.log"


def test_output_goes_to_the_log_and_line_by_line_to_the_display(log: Path) -> None:
    shown: list[str] = []
    Commands("Step", log, shown.append).run(["sh", "-c", "echo one; echo two >&2"])
    assert shown == ["one", "two"]
    assert log.read_text().endswith("one\ntwo\n")


def test_a_failing_command_is_one_sentence_that_names_the_log(log: Path) -> None:
    with pytest.raises(SetupError) as failed:
        Commands("Packages", log).run(["sh", "-c", "echo 'No space left on device'; exit 1"])
    assert str(failed.value) == (
        "Packages failed because the disk is full; free some space and run the same command again."
        f" (log: {log})"
    )


def test_an_earlier_command_is_not_taken_for_the_cause(log: Path) -> None:
    step = Commands("Packages", log)
    step.run(["sh", "-c", "echo 'W: Temporary failure resolving'"])
    with pytest.raises(SetupError, match="Packages failed: broken"):
        step.run(["sh", "-c", "echo broken; exit 1"])


def test_a_missing_command_is_named(log: Path) -> None:
    with pytest.raises(SetupError, match="needs 'no-such-command-45', which is not installed"):
        Commands("Sounds", log).run(["no-such-command-45"])


def test_bytes_that_are_no_text_do_not_break_a_step(log: Path) -> None:
    code = r"import sys; sys.stdout.buffer.write(b'\xff\xfe ok\n')"
    Commands("Step", log).run([sys.executable, "-c", code])
    assert "ok" in log.read_text()


def test_without_root_and_sudo_the_need_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SetupError, match="Packages needs root's rights; run the same command as root"):
        commands.root_prefix("Packages")


def test_a_sudo_that_refuses_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sudo = tmp_path / "sudo"
    sudo.write_text("#!/bin/sh\nexit 1\n")
    sudo.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(commands.os, "geteuid", lambda: 1000)
    with pytest.raises(
        SetupError, match="Packages needs root's rights and sudo refused; run the same command"
    ):
        commands.ask_for_root("Packages")
