"""A short title from place and category: '文昌路与澜东大道路口路面塌陷'."""

LONGEST = 50  # characters, limit of the work order's title
ELLIPSIS = "…"


def title(place: str, category: str, text: str = "") -> str:
    """Place and category when known, else the first sentence of the text; at most `LONGEST` characters."""
    words = f"{place.strip()}{category.strip()}" or _first_sentence(text)
    words = " ".join(words.split())
    return words if len(words) <= LONGEST else _shortened(place.strip(), category.strip(), words)


def _shortened(place: str, category: str, words: str) -> str:
    """The category says what it is about and is kept; the place gives way."""
    room = LONGEST - len(category) - len(ELLIPSIS)
    if place and category and room > 0:
        return f"{place[:room]}{ELLIPSIS}{category}"
    return words[: LONGEST - len(ELLIPSIS)] + ELLIPSIS


def _first_sentence(text: str) -> str:
    for mark in "。！？!?；;\n":
        text = text.partition(mark)[0]
    return text.removeprefix("市民反映").lstrip("：:，, ")
