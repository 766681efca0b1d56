"""Secrets are made once and are nobody else's to read."""

import stat
from pathlib import Path

import pytest

from callcenter.setup.failures import SetupError
from callcenter.setup.secrets import ensure_secrets


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secrets.toml"
    ensure_secrets(path, ["ami", "ari"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_secrets_stay_the_same_and_missing_ones_are_added(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    first = ensure_secrets(path, ["ami"])
    second = ensure_secrets(path, ["ami", "ari"])
    assert second["ami"] == first["ami"]
    assert len({second["ami"], second["ari"]}) == 2
    assert min(map(len, second.values())) >= 32


def test_a_damaged_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text('ami = "cut o')
    with pytest.raises(SetupError, match="is damaged"):
        ensure_secrets(path, ["ami"])
    assert path.read_text() == 'ami = "cut o'
