"""What the machine says in a dialogue, by name and medium, from `sentences.toml`."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from callcenter.domain.dialogue.terms import Say

_SOURCE: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text("utf-8"))
SHORT = "sms"  # the medium where words cost: two short messages, signature included
LONGEST_SHORT = 116  # UTF-16 units: 2 x 67 less the longest signature

# parameter -> longest value in characters: on text messages, elsewhere
LENGTHS: Mapping[str, tuple[int, int]] = {
    "answer": (84, 400),
    "code": (6, 6),
    "number": (15, 15),
    "numbers": (47, 47),
    "place": (22, 60),
    "promised": (16, 16),
    "question": (34, 60),
    "result": (44, 300),
    "state": (14, 20),
    "title": (16, 40),
    "what": (26, 300),
    "word": (2, 2),
}
_PLACE = re.compile(r"\{(\w+)\}")
_GAPS = re.compile(r"\s+")


def said(says: Sequence[Say], medium: str) -> str:
    """One message of all of them; '' for none. A text message keeps within its length."""
    lines = [_said(say, medium) for say in says]
    text = "\n".join(dict.fromkeys(lines))
    return _cut(text, LONGEST_SHORT) if medium == SHORT else text


def names() -> frozenset[str]:
    return frozenset(name for name, text in _SOURCE.items() if isinstance(text, str))


def _said(say: Say, medium: str) -> str:
    own = _SOURCE.get(medium, {})
    text: str = own.get(say.name) or _SOURCE[say.name]
    return _PLACE.sub(lambda found: _fitted(found[1], say.params[found[1]], medium), text)


def _fitted(name: str, value: str, medium: str) -> str:
    short, usual = LENGTHS[name]
    plain = _GAPS.sub(" ", value).strip("。.；;，, ").translate(_BRACKETS)
    return _cut(plain, short if medium == SHORT else usual)


_BRACKETS = str.maketrans("【】", "[]")  # carriers take a second 【 for a forged signature


def _cut(text: str, longest: int) -> str:
    """At most so many UTF-16 units, with an ellipsis, no character halved."""
    while len(text.encode("utf-16-le")) // 2 > longest:
        text = text[: -2 if text.endswith("…") else -1] + "…"
    return text
