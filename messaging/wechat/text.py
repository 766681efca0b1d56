"""Long texts in pieces that one message takes. Pure.

The documentation names no limit; the platform answers 45002 above 2,048 octets of UTF-8.
"""

import unicodedata
from collections.abc import Iterator

MOST = 2_048
"""Octets of UTF-8 in one text, by customer-service message as in the reply to a request."""

_STOPS = "\n。！？；!?;"
_JOINER = "\u200d"


def pieces(text: str) -> Iterator[str]:
    """In order, none longer than `MOST`; cut behind a sentence where one ends in the last third, and never
    inside what a reader takes for one character.
    """
    while len(text.encode()) > MOST:
        end = _cut(text)
        yield text[:end]
        text = text[end:]
    yield text


def _cut(text: str) -> int:
    end = len(text.encode()[:MOST].decode(errors="ignore"))
    stop = max(text.rfind(mark, end * 2 // 3, end) for mark in _STOPS)
    if stop >= 0:
        return stop + 1
    whole = end
    while whole > 1 and _belongs_together(text, whole):
        whole -= 1
    return whole if whole > 1 else end


def _belongs_together(text: str, at: int) -> bool:
    """Whether the character at this place is seen as one with the one before it."""
    here = text[at]
    return (
        unicodedata.combining(here) > 0
        or unicodedata.category(here) in {"Mn", "Me", "Sk"}
        or _JOINER in (here, text[at - 1])
    )
