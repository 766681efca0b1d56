"""Texts in pieces that Telegram takes. Pure.

Limits count UTF-16 units (Bot API, sendMessage: 4,096; captions 1,024). A piece never ends inside a character
as people see it: a surrogate pair, an emoji with its modifiers, a letter with its marks.
"""

import unicodedata

TEXT_UNITS = 4_096
CAPTION_UNITS = 1_024

JOINER = "\u200d"
SKIN_TONES = range(0x1F3FB, 0x1F400)
SELECTORS = range(0xFE00, 0xFE10)
ENDS = ("\n", "。！？!?；;", " ，,")
"""Where a text may be cut, best first."""

LOOK_BACK = 4
"""A good place is looked for in the last quarter of a piece: shorter ones would make more messages."""


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def pieces(text: str, limit: int = TEXT_UNITS) -> list[str]:
    """The text in order, each piece of at most `limit` units; nothing is lost but blanks at the cuts."""
    found = []
    rest = text.strip()
    while rest:
        cut = _cut(rest, limit)
        if piece := rest[:cut].rstrip():
            found.append(piece)
        rest = rest[cut:].lstrip()
    return found


def _cut(text: str, limit: int) -> int:
    """Characters of the first piece."""
    most = _fitting(text, limit)
    if most == len(text):
        return most
    for letters in ENDS:
        best = max(text.rfind(letter, most - most // LOOK_BACK, most) for letter in letters)
        if best >= 0:
            return best + 1
    whole = next((at for at in range(most, most // 2, -1) if not _joined(text[at - 1], text[at])), most)
    return max(whole, 1)


def _fitting(text: str, limit: int) -> int:
    """How many characters have at most `limit` units together."""
    length = 0
    for at, letter in enumerate(text):
        length += 2 if letter > "\uffff" else 1
        if length > limit:
            return at
    return len(text)


def _joined(left: str, right: str) -> bool:
    """Whether two characters are seen as one; flags of two letters are not looked at."""
    code = ord(right)
    return (
        JOINER in {left, right} or code in SKIN_TONES or code in SELECTORS or unicodedata.combining(right) > 0
    )
