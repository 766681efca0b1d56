"""`callcenter suggest`: JSON lines in, JSON lines out, so that the classifier can be measured from outside.

A broken line is reported on stderr with its number and skipped; nothing stops the run.
"""

import json
import re
import sys
from io import TextIOWrapper
from math import isfinite
from typing import Any, TextIO

from callcenter.domain.suggestions import Suggestion
from callcenter.ports import Classifier

LONGEST_LINE = 8 * 1024 * 1024
_SURROGATE = re.compile("[\ud800-\udfff]")


def suggestion_as_json(identity: Any, suggestion: Suggestion) -> dict[str, Any]:
    return {
        "id": identity,
        "categories": [
            {
                "code": category.code,
                "name": category.name,
                "confidence": category.confidence,
                "because": list(category.because),
            }
            for category in suggestion.categories
        ],
        "locations": [
            {"text": span.text, "start": span.start, "end": span.end} for span in suggestion.locations
        ],
        "urgency": str(suggestion.urgency),
        "appeal": str(suggestion.appeal),
    }


def run(stdin: TextIO, stdout: TextIO, classifier: Classifier, stderr: TextIO | None = None) -> int:
    """Answers every good line; returns how many were broken."""
    errors = stderr or sys.stderr
    if isinstance(stdin, TextIOWrapper):
        stdin.reconfigure(encoding="utf-8", errors="surrogateescape")  # bad bytes spoil their line only
    broken = 0
    for number, line in enumerate(stdin, 1):
        if not line.strip():
            continue
        try:
            identity, text = _read(line)
        except ValueError as error:
            broken += 1
            errors.write(f"line {number}: {error}\n")
            continue
        stdout.write(_written(suggestion_as_json(identity, classifier.suggest(text))) + "\n")
    stdout.flush()
    return broken


def _read(line: str) -> tuple[Any, str]:
    """Raises `ValueError` with what is wrong; never quotes the line, which may hold personal data."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"longer than {LONGEST_LINE} characters")
    if _SURROGATE.search(line):
        raise ValueError("not UTF-8")
    try:
        record = json.loads(line.lstrip("\ufeff"), parse_constant=_number, parse_float=_number)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one kind of error for one kind of cause
    if not isinstance(record.get("text"), str):
        raise ValueError('no "text" of type string')  # noqa: TRY004 - the same
    return record.get("id"), record["text"]


def _number(text: str) -> float:
    """Raises `ValueError` for what JSON cannot say again: NaN, and what is beyond a float."""
    value = float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value


def _written(answer: dict[str, Any]) -> str:
    """Readable Chinese; half of a surrogate pair, which UTF-8 cannot carry, is escaped."""
    text = json.dumps(answer, ensure_ascii=False)
    return text if text.isascii() or not _SURROGATE.search(text) else json.dumps(answer)
