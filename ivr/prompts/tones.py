"""Sounds that are not speech: beeps, short silences and the hold music, computed here.

Without them Asterisk does less than it says: an attended transfer over AMI answers 'Success' and does
nothing when `pbx-transfer` is missing. 8 kHz, 16 bit, mono, as the telephone has it.
"""

import math
import wave
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

RATE = 8000
LOUD = 9000
"""Peak of a beep: about 11 dB below full scale."""

Beep = tuple[float, float]
"""Frequency in Hz (0 = silence) and length in seconds."""

BEEPS: Mapping[str, tuple[Beep, ...]] = {
    "zh/beep": ((1000, 0.25),),
    "zh/beeperr": ((400, 0.2), (0, 0.1), (400, 0.2)),
    "zh/pbx-transfer": ((0, 0.06),),
    "zh/silence/1": ((0, 1.0),),
}

MUSIC = "moh/hold"
BEAT_S = 0.45
MELODY = (
    *(392.0, 440.0, 523.25, 587.33, 523.25, 440.0, 392.0, 0.0),
    *(329.63, 392.0, 440.0, 523.25, 440.0, 392.0, 329.63, 0.0),
    *(293.66, 329.63, 392.0, 440.0, 392.0, 329.63, 293.66, 0.0),
    *(261.63, 293.66, 329.63, 392.0, 329.63, 293.66, 261.63, 0.0),
)
"""A pentatonic line of our own (宫调式, C D E G A), soft enough to be spoken over."""


def make_tones(sounds: Path) -> None:
    """Write what is missing; a recording put in a tone's place stays."""
    for name, beeps in BEEPS.items():
        _write(sounds / f"{name}.wav", (sample for beep in beeps for sample in _beep(*beep)))
    _write(sounds / f"{MUSIC}.wav", (sample for note in MELODY for sample in _plucked(note)))


def _beep(frequency: float, seconds: float) -> Iterator[int]:
    for n in range(int(seconds * RATE)):
        yield int(LOUD * math.sin(2 * math.pi * frequency * n / RATE))


def _plucked(frequency: float) -> Iterator[int]:
    for n in range(int(BEAT_S * RATE)):
        t = n / RATE
        swell = min(1.0, t / 0.02) * math.exp(-3.5 * t)
        tone = math.sin(2 * math.pi * frequency * t) + 0.3 * math.sin(4 * math.pi * frequency * t)
        yield int(5000 * swell * tone)


def _write(path: Path, samples: Iterator[int]) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array("h", samples).tobytes())
