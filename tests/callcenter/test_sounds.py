"""Voice messages become something that browsers play; what is no sound is said to be none. With real sox."""

import subprocess
import wave
from io import BytesIO

import pytest

from callcenter.ports import NotASoundError
from callcenter.sounds import LONGEST_S, SoxSounds


def a_voice(kind: str, rate: int) -> bytes:
    """A second of a tone, as a telephone records it."""
    command = ["sox", "-n", "-r", str(rate), "-c", "1", "-t", kind, "-", "synth", "1", "sine", "440"]
    return subprocess.run(command, check=True, capture_output=True).stdout


async def test_what_a_telephone_records_becomes_wav_of_the_same_length():
    rate = 8_000
    sound = await SoxSounds().playable(a_voice("amr-nb", rate))
    assert sound.mime == "audio/wav"
    with wave.open(BytesIO(sound.content)) as heard:
        frames = len(heard.readframes(10 * rate))  # sox cannot know the length beforehand: the head lies
        assert (heard.getframerate(), heard.getnchannels()) == (rate, 1)
    assert 0.9 < frames / 2 / rate < 1.2


@pytest.mark.parametrize(
    ("content", "mime"),
    [(b"OggS rest", "audio/ogg"), (b"ID3 rest", "audio/mpeg"), (b"\0\0\0\x20ftypM4A ", "audio/mp4")],
)
async def test_what_browsers_play_stays_as_it_is(content: bytes, mime: str):
    sound = await SoxSounds().playable(content)
    assert (sound.content, sound.mime) == (content, mime)


@pytest.mark.parametrize("content", [b"", b"<html>", b"#!AMR\n"])
async def test_what_is_no_sound_is_refused(content: bytes):
    with pytest.raises(NotASoundError):
        await SoxSounds().playable(content)


async def test_silence_without_end_ends():
    """Frames of nothing take an octet each and last for 20 ms."""
    sound = await SoxSounds().playable(b"#!AMR\n" + b"\x7c" * 100_000)
    assert len(sound.content) <= LONGEST_S * 8_000 * 2 + 100
