"""Characters that sound alike, so that a name typed by its sound is found: 文长路 for 文昌路.

Only characters that are frequent in names of places; tones are not told apart, nor n and ng at the end,
as typists in the south do not.
"""

from functools import cache
from importlib.resources import files


def by_sound(text: str) -> str:
    """The same text, each character replaced by the first of those that sound like it; length is kept."""
    return text.translate(_sounds())


@cache
def _sounds() -> dict[int, str]:
    lines = files("callcenter.geo").joinpath("homophones.txt").read_text("utf-8").splitlines()
    return {ord(one): group[0] for group in lines if not group.startswith("#") for one in group}
