"""The doctor names what is broken and how to mend it, and is quiet about what is well."""

import io
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console

from callcenter import doctor
from callcenter.config import Settings
from callcenter.doctor import Finding, Health

HOST = "127.0.0.1"


class Usage(NamedTuple):
    """What the doctor reads of `shutil.disk_usage`."""

    free: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation of which nothing runs."""
    return Settings.model_validate(
        {
            "state_dir": tmp_path,
            "asterisk": {"ami_port": free_port(), "http_port": free_port(), "root": tmp_path / "none"},
            "fastagi": {"port": free_port()},
            "console": {"port": free_port()},
            "sip": {"port": free_port()},
        }
    )


def only(findings: Iterator[Finding]) -> Finding:
    (finding,) = findings
    return finding


@contextmanager
def peer(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads once, answers once and closes."""
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(4096))
            connection.sendall(answer)

    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join(10)


def test_whatever_does_not_answer_is_broken_with_a_remedy(settings: Settings) -> None:
    for check in (doctor.ami, doctor.ari, doctor.fastagi):
        finding = only(check(settings))
        assert finding.health is Health.BROKEN
        assert "make run" in finding.remedy


def test_an_ami_login_is_seen(settings: Settings) -> None:
    with peer(b"Asterisk Call Manager/9.0.0\r\nResponse: Success\r\n\r\n") as (port, heard):
        settings.asterisk.ami_port = port
        assert only(doctor.ami(settings)).health is Health.GOOD
    assert heard[0].startswith(b"Action: Login\r\nUsername: hotline\r\n")


def test_a_refused_ami_login_points_at_the_secrets(settings: Settings) -> None:
    with peer(b"Asterisk Call Manager/9.0.0\r\nResponse: Error\r\n\r\n") as (port, _heard):
        settings.asterisk.ami_port = port
        finding = only(doctor.ami(settings))
    assert (finding.health, "secrets.toml" in finding.remedy) == (Health.BROKEN, True)


def test_an_empty_database_is_not_the_newest(settings: Settings) -> None:
    finding = only(doctor.the_database(settings))
    assert (finding.health, "db upgrade" in finding.remedy) == (Health.BROKEN, True)


def test_missing_prompts_are_named(settings: Settings) -> None:
    assert "welcome" in only(doctor.prompts(settings)).detail


def test_a_full_disk_is_broken_and_a_low_one_is_said(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free_mb, health in ((100, Health.BROKEN), (1_000, Health.POOR), (50_000, Health.GOOD)):
        usage = Usage(free_mb * doctor.MEBIBYTE)
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path, usage=usage: usage)
        assert {finding.health for finding in doctor.disk(settings)} == {health}


def test_data_from_the_future_means_the_clock_went_back(settings: Settings) -> None:
    database = settings.state_dir / "hotline.db"
    database.touch()
    tomorrow = datetime.now(UTC).timestamp() + 86_400
    os.utime(database, (tomorrow, tomorrow))
    assert only(doctor.clock(settings)).health is Health.BROKEN


def test_a_strangers_port_is_broken_and_a_free_one_is_fine(settings: Settings) -> None:
    with socket.create_server((HOST, 0)) as stranger:
        settings.console.port = stranger.getsockname()[1]
        findings = {finding.check: finding for finding in doctor.the_ports(settings)}
    assert findings["端口 The console"].health is Health.BROKEN
    assert "HOTLINE_CONSOLE__PORT" in findings["端口 The console"].remedy
    assert findings["端口 AMI"].health is Health.GOOD


def test_the_exit_status_is_one_when_something_is_broken(settings: Settings) -> None:
    screen = io.StringIO()
    assert doctor.doctor(settings, Console(file=screen, width=160)) == 1
    assert "make run" in screen.getvalue()


def test_the_modules_to_look_for_are_those_of_the_configuration() -> None:
    wanted = doctor.wanted_modules()
    assert {"app_queue.so", "chan_pjsip.so", "res_agi.so"} <= set(wanted)
