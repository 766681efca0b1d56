"""Prompts as sound files: espeak-ng speaks the text, sox brings it to 8 kHz for the telephone.

Only what is missing or whose text changed is made. A file that is not ours any more, a studio
recording put in its place, is never touched. Knows nothing of which prompts there are.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from callcenter.setup.commands import Tell
from callcenter.setup.failures import SetupError, explain
from callcenter.setup.stamps import digest_of

VOICE = "cmn"
WORDS_PER_MINUTE = "165"
TELEPHONE = ("-r", "8000", "-c", "1", "-b", "16")
LOUDNESS = ("gain", "-n", "-3")
"""Every prompt peaks 3 dB below full scale, so that none is louder than the next."""

LIST = ".made.json"
"""What we made: prompt id -> digest of its text and voice, digest of the file."""


@dataclass(frozen=True)
class Made:
    text: str
    file: str


class Sounds:
    """The prompts of `texts` as `<id>.wav` in `folder`."""

    def __init__(self, texts: Mapping[str, str], folder: Path) -> None:
        self._texts = texts
        self._folder = folder

    def missing(self) -> list[str]:
        """Ids that have no sound for their present text, in order."""
        made = self._made()
        return [prompt for prompt in self._texts if not self._is_good(prompt, made.get(prompt))]

    def make(self, tell: Tell) -> None:
        """Make what is missing, as many at a time as there are cores."""
        self._folder.mkdir(parents=True, exist_ok=True)
        made, wanted = self._made(), self.missing()
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            for count, (prompt, sound) in enumerate(
                zip(wanted, workers.map(self._speak, wanted), strict=True), 1
            ):
                made[prompt] = Made(self._recipe(prompt), sound)
                tell(f"{count} of {len(wanted)}")
        self._remember(made)

    def _is_good(self, prompt: str, made: Made | None) -> bool:
        path = self._path(prompt)
        if not path.exists():
            return False
        if made is None or digest_of_file(path) != made.file:
            return True  # somebody's own recording
        return made.text == self._recipe(prompt)

    def _speak(self, prompt: str) -> str:
        """Make one sound; returns the digest of the file."""
        path = self._path(prompt)
        path.parent.mkdir(parents=True, exist_ok=True)
        raw, partial = path.with_suffix(".raw.wav"), path.with_suffix(".partial.wav")
        run(["espeak-ng", "-v", VOICE, "-s", WORDS_PER_MINUTE, "-w", str(raw), "--", self._texts[prompt]])
        run(["sox", str(raw), *TELEPHONE, str(partial), *LOUDNESS])
        raw.unlink()
        partial.replace(path)
        return digest_of_file(path)

    def _recipe(self, prompt: str) -> str:
        return digest_of(VOICE, WORDS_PER_MINUTE, *TELEPHONE, *LOUDNESS, self._texts[prompt])

    def _path(self, prompt: str) -> Path:
        return self._folder / f"{prompt}.wav"

    def _made(self) -> dict[str, Made]:
        try:
            listed = json.loads((self._folder / LIST).read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return {prompt: Made(*digests) for prompt, digests in listed.items()}

    def _remember(self, made: Mapping[str, Made]) -> None:
        listed = {prompt: [sound.text, sound.file] for prompt, sound in sorted(made.items())}
        (self._folder / LIST).write_text(json.dumps(listed, indent=1))


def run(command: list[str]) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - two programs named above
    except FileNotFoundError as error:
        raise SetupError(f"Prompts need '{command[0]}', which is not installed.") from error
    if ran.returncode != 0:
        raise SetupError(explain("Prompts", ran.stderr))


def digest_of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
