"""What providers post to us: JSON or forms, one item or many. Pure; raises `HookError` for what is neither.

Knows no provider's fields.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import parse_qsl

from callcenter.ports import WebRequest

MOST_ITEMS = 1000
LOCAL_TIME = "%Y-%m-%d %H:%M:%S"


class HookError(ValueError):
    """The content cannot be read. Says what is wrong, never what was in it."""


def json_body(request: WebRequest) -> Any:
    return parse_json(request.body)


def parse_json(text: bytes | str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise HookError("not JSON") from None


def form(request: WebRequest) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=MOST_ITEMS)
    except ValueError:
        raise HookError("not a form") from None
    return dict(pairs)


def items(content: Any) -> Sequence[Mapping[str, Any]]:
    """One object or a list of them. What is no object among them is passed over."""
    found = content if isinstance(content, list) else [content]
    if len(found) > MOST_ITEMS:
        raise HookError(f"{len(found)} items")
    objects = [one for one in found if isinstance(one, dict)]
    if found and not objects:
        raise HookError("no objects")
    return objects


def word(item: Mapping[str, Any], key: str) -> str:
    """A field as text; '' where it is missing or no plain value."""
    return plain(item.get(key))


def key(item: Mapping[str, Any], *fields: str) -> str:
    """The same for every repeat of one item: not every provider gives a text an id."""
    return hashlib.sha256(repr([word(item, field) for field in fields]).encode()).hexdigest()[:32]


def plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def point(document: Any, pointer: str) -> Any:
    """JSON pointer (RFC 6901); None where it leads nowhere."""
    here = document
    for step in _steps(pointer):
        if isinstance(here, dict):
            here = here.get(step)
        elif isinstance(here, list) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            return None
    return here


def _steps(pointer: str) -> Iterator[str]:
    for step in pointer.split("/")[1:]:
        yield step.replace("~1", "/").replace("~0", "~")


def moment(value: str, pattern: str, zone: tzinfo) -> datetime | None:
    """`pattern` of strptime, or 'unix' for seconds, 'unix_ms' for milliseconds. Nonsense is left out."""
    try:
        if pattern in {"unix", "unix_ms"}:
            return datetime.fromtimestamp(float(value) / (1000 if pattern == "unix_ms" else 1), UTC)
        return datetime.strptime(value, pattern).replace(tzinfo=zone)
    except (ValueError, OverflowError, OSError):
        return None
