"""What a push is made of: XML or JSON, as the account's owner chose, to one mapping of fields. No I/O.

xmltodict is the reader that wechatpy's own `parse_message` uses, with entities turned off; that function
itself reads no JSON and drops the names of events that are newer than it is.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

MOST = 1_048_576
"""Octets; a push is a few kilobytes, in the compatible mode three times as much."""


# blanks are bounded and never given back: this is looked for before anybody has proved who they are
_SEALED = re.compile(rb"<Encrypt>\s{0,16}+(?:<!\[CDATA\[)?+\s{0,16}+([A-Za-z0-9+/=]+)")


class UnreadableError(ValueError):
    """Neither the XML nor the JSON of a push."""


def is_json(raw: bytes | str) -> bool:
    return raw.lstrip()[:1] in (b"{", "{")


def fields(raw: bytes | str) -> Mapping[str, Any]:
    """Raises `UnreadableError`, for entities and other bombs as well."""
    if len(raw) > MOST:
        raise UnreadableError("too large")
    try:
        found = json.loads(raw) if is_json(raw) else xmltodict.parse(raw)["xml"]
    except (ValueError, KeyError, TypeError, ExpatError, RecursionError) as error:
        raise UnreadableError(type(error).__name__) from error
    if not isinstance(found, Mapping):
        raise UnreadableError("no fields")
    return found


def sealed(raw: bytes) -> str:
    """The sealed text in a push, '' for none. Whose push it is, is not known yet: no more is read of it than
    that, for a megabyte of nested XML takes its time.
    """
    if is_json(raw):
        found = fields(raw).get("Encrypt")
        return found if isinstance(found, str) else ""
    match = _SEALED.search(raw)
    return match[1].decode() if match else ""
