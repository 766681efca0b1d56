"""The hotline's prompts: id -> Mandarin text. The id is the name of the sound below `sounds/zh`.

Texts are data (`prompts.csv`, columns id and text); set-up speaks them, and a studio recording with the
same id replaces one. Ids with a slash or the words `queue-` and `pbx-` are asked for by Asterisk itself.
"""

import csv
import wave
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

LONGEST_S = 30.0
"""Taken for the length of a prompt that cannot be measured; no prompt may be longer."""


def prompt_texts() -> Mapping[str, str]:
    """Every spoken prompt, in the order of the table."""
    with (files(__name__) / "prompts.csv").open(encoding="utf-8") as table:
        return {row["id"]: row["text"] for row in csv.DictReader(table)}


def prompt_lengths(folder: Path) -> Callable[[str], float]:
    """Id -> seconds, of the sounds below `folder` as they are now: studio recordings come any day."""

    def length(prompt: str) -> float:
        try:
            with wave.open(str(folder / f"{prompt}.wav"), "rb") as sound:
                return sound.getnframes() / sound.getframerate()
        except (OSError, EOFError, wave.Error):
            return LONGEST_S

    return length
