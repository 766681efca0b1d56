"""Sounds for tests: sentences that are spoken, tones, and how loud a tone is in a recording."""

import cmath
import math
import operator
import shutil
import subprocess
import wave
from array import array
from pathlib import Path

RATE = 8000
WINDOW = 1600


def spoken(text: str, path: Path) -> Path:
    """The Mandarin sentence as 8 kHz A-law wav, as SIPp sends it; needs espeak-ng and sox."""
    raw = path.with_suffix(".raw.wav")
    _run("espeak-ng", "-v", "cmn", "-s", "165", "-w", str(raw), text)
    _run("sox", str(raw), "-r", "8000", "-c", "1", "-e", "a-law", str(path))
    raw.unlink()
    return path


def tone(frequency: float, seconds: float, path: Path) -> Path:
    """A pure tone as 8 kHz A-law wav."""
    _run("sox", "-n", "-r", "8000", "-c", "1", "-e", "a-law", str(path),
         *("synth", str(seconds), "sine", str(frequency), "vol", "0.5"))  # fmt: skip
    return path


def short_beep(frequency: float, path: Path, seconds: float = 0.1) -> None:
    """A prompt for tests, 16 bit, made without any program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = array("h", (int(8000 * math.sin(2 * math.pi * frequency * n / RATE))
                          for n in range(int(seconds * RATE))))  # fmt: skip
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def level(path: Path, frequency: float) -> float:
    """Level of the frequency where it is loudest, in dB below full scale (0 = full), in 0.2 s steps.

    Not over the whole file: a looped tone changes its phase at every seam and would cancel itself.
    """
    with wave.open(str(path), "rb") as file:
        samples = array("h", file.readframes(file.getnframes()))
    turns = [cmath.exp(-2j * math.pi * frequency * n / RATE) * _hann(n) for n in range(WINDOW)]
    parts = (samples[start : start + WINDOW] for start in range(0, len(samples) - WINDOW, WINDOW))
    sums = (abs(sum(map(operator.mul, part, turns))) for part in parts)
    return 20 * math.log10(max(max(sums, default=0) * 4 / WINDOW / 32768, 1e-6))


def _hann(n: int) -> float:
    return 0.5 - 0.5 * math.cos(2 * math.pi * n / WINDOW)


def seconds(path: Path) -> float:
    with wave.open(str(path), "rb") as file:
        return file.getnframes() / file.getframerate()


def _run(*command: str) -> None:
    program = shutil.which(command[0])
    assert program, f"tests with sound need {command[0]}"
    subprocess.run([program, *command[1:]], check=True, capture_output=True)
