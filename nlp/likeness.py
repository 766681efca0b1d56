"""How alike two complaint texts are, 0 to 1, to tell duplicates from neighbours.

Half from the words both share (rare ones are not weighted: there is no corpus yet), half from the
order of characters. Place and time distance are judged elsewhere.
"""

from rapidfuzz import fuzz

from nlp.normalise import normalise
from nlp.words import words

LONGEST = 500  # characters; what the matter is stands in front


def likeness(first: str, second: str) -> float:
    """Symmetric; 1 for the same text, 0 when a text is empty."""
    a, b = (normalise(text[:LONGEST]).text for text in (first, second))
    if not a.strip() or not b.strip():
        return 0.0
    if a == b:
        return 1.0
    characters = max(fuzz.ratio(a, b), fuzz.ratio(b, a)) / 100
    return round((_shared(set(words(a)), set(words(b))) + characters) / 2, 3)


def _shared(first: set[str], second: set[str]) -> float:
    """Dice's coefficient: also a short text can be like a long one."""
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))
