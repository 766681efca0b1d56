"""Prompts are made when missing or changed; a recording of somebody else is kept."""

import shutil
import wave
from pathlib import Path

import pytest

from callcenter.setup.commands import silent
from callcenter.setup.failures import SetupError
from callcenter.setup.sounds import Sounds

needs_voice = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("sox")), reason="espeak-ng and sox come with `make setup`"
)
TEXTS = {"greeting": "您好", "digits/1": "一"}


@needs_voice
def test_a_prompt_is_eight_kilohertz_mono_and_not_empty(tmp_path: Path) -> None:
    Sounds(TEXTS, tmp_path).make(silent)
    with wave.open(str(tmp_path / "digits" / "1.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        assert sound.getnframes() > 800


@needs_voice
def test_only_a_changed_text_is_spoken_again(tmp_path: Path) -> None:
    Sounds(TEXTS, tmp_path).make(silent)
    assert Sounds(TEXTS, tmp_path).missing() == []
    assert Sounds(TEXTS | {"greeting": "再见", "new": "新"}, tmp_path).missing() == ["greeting", "new"]


@needs_voice
def test_a_studio_recording_is_never_overwritten(tmp_path: Path) -> None:
    Sounds(TEXTS, tmp_path).make(silent)
    recording = tmp_path / "greeting.wav"
    recording.write_bytes(b"studio")
    Sounds(TEXTS | {"greeting": "再见"}, tmp_path).make(silent)
    assert recording.read_bytes() == b"studio"


@needs_voice
def test_no_half_made_file_stays_behind(tmp_path: Path) -> None:
    Sounds(TEXTS, tmp_path).make(silent)
    assert sorted(path.name for path in tmp_path.rglob("*.wav")) == ["1.wav", "greeting.wav"]


def test_without_espeak_the_need_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SetupError, match="Prompts need 'espeak-ng', which is not installed"):
        Sounds(TEXTS, tmp_path).make(silent)
