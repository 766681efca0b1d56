"""The hotline's prompts: id -> Mandarin text. The id is the name of the sound below `sounds/zh`.

Texts are data (`prompts.csv`, columns id and text); set-up speaks them, and a studio recording with the
same id replaces one. Ids with a slash or the words `queue-` and `pbx-` are asked for by Asterisk itself.
"""

import csv
from collections.abc import Mapping
from importlib.resources import files


def prompt_texts() -> Mapping[str, str]:
    """Every spoken prompt, in the order of the table."""
    with (files(__name__) / "prompts.csv").open(encoding="utf-8") as table:
        return {row["id"]: row["text"] for row in csv.DictReader(table)}
