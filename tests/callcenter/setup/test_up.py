"""Before anything is started: one copy per state folder, every port with its setting."""

import io
import json
import os
from pathlib import Path

import pytest
from rich.console import Console

from callcenter.config import Settings
from callcenter.setup.failures import SetupError
from callcenter.setup.up import only_one, ports
from callcenter.setup.welcome import welcome


def test_a_second_copy_from_the_same_folder_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "up.lock"
    refused = pytest.raises(SetupError, match=rf"already runs .* \(pid {os.getpid()}\)")
    with only_one(lock), refused, only_one(lock):
        pass
    with only_one(lock):
        assert lock.read_text() == str(os.getpid())


def test_every_port_names_the_setting_that_moves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, port in enumerate(ports(Settings()), start=45100):
        monkeypatch.setenv(port.setting, str(number))
    assert [port.number for port in ports(Settings())] == [45100, 45101, 45102, 45103, 45104]


@pytest.mark.parametrize("demo", [True, False])
def test_passwords_are_shown_in_demo_mode_only(tmp_path: Path, *, demo: bool) -> None:
    account = {"role": "座席", "name": "测试", "username": "1027", "password": "lanjiang-0000"}
    (tmp_path / "demo-accounts.json").write_text(json.dumps([account]))
    console = Console(width=120, record=True, file=io.StringIO())
    welcome(Settings.model_validate({"state_dir": tmp_path, "demo": demo}), console)
    shown = console.export_text()
    assert ("lanjiang-0000" in shown) is demo
    assert "http://127.0.0.1:8000" in shown
    assert "sip:12345@127.0.0.1:5060" in shown
