"""The process that learns (`python -m nlp.school.pupil`), so that the service never waits for it.

Reads one JSON object from stdin and writes one to stdout; texts never touch the disk. Gives way to
everything else on the machine.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from callcenter.domain.errors import HotlineError
from nlp.classify import Keyword, KeywordTable
from nlp.learning.samples import Sample
from nlp.school.lesson import Task, study

POLITE = 15


def main() -> None:
    os.nice(POLITE)
    try:
        answer = asdict(study(_task(json.load(sys.stdin))))
    except HotlineError as error:
        answer = {"error": str(error)}
    json.dump(answer, sys.stdout)


def _task(asked: dict[str, Any]) -> Task:
    return Task(
        samples=[Sample(label, text) for label, text in asked["choices"]],
        table=KeywordTable("", tuple(Keyword(*word) for word in asked["words"])),
        in_force=Path(asked["in_force"]),
        candidate=Path(asked["candidate"]),
    )


if __name__ == "__main__":
    main()
