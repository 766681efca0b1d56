"""Texts of the settings with words in braces, `{to}` or `{params.place}`, and what is signed of them. Pure.

Braces around anything else are left as they are, so that JSON may stand in a pattern.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from messaging.account import AccountOptions

WORD = re.compile(r"\{([a-z_]+)(?:\.([^{}]+))?\}")

# Word -> value, or word -> what gives the value of `{word.key}`.
Values = Mapping[str, str | Callable[[str], str]]


class Signing(AccountOptions):
    """`over` is a pattern of what is signed. HMAC's key is the secret; for MD5 it stands in `over`."""

    method: Literal["hmac-sha256", "md5"]
    over: str
    written: Literal["hex", "HEX", "base64"] = "hex"

    def sign(self, values: Values, secret: str) -> str:
        octets = filled(self.over, values).encode()
        if self.method == "md5":
            digest = hashlib.md5(octets, usedforsecurity=False).digest()  # what the provider asks for
        else:
            digest = hmac.digest(secret.encode(), octets, "sha256")
        if self.written == "base64":
            return base64.b64encode(digest).decode()
        return digest.hex().upper() if self.written == "HEX" else digest.hex()


def words(document: Any) -> Iterator[str]:
    """Every word in braces in a text, or in the texts of a table or list."""
    return (found[1] for found in _found(document))


def keys(document: Any, word: str) -> Iterator[str]:
    """What stands behind the dot of that word."""
    return (found[2] for found in _found(document) if found[1] == word and found[2])


def _found(document: Any) -> Iterator[re.Match[str]]:
    if isinstance(document, str):
        yield from WORD.finditer(document)
    elif isinstance(document, Mapping):
        yield from _found(list(document.values()))
    elif isinstance(document, list):
        for value in document:
            yield from _found(value)


def filled(pattern: str, values: Values) -> str:
    """All its words must be among `values`."""

    def value(found: re.Match[str]) -> str:
        one = values[found[1]]
        return one if isinstance(one, str) else one(found[2] or "")

    return WORD.sub(value, pattern)


def filled_all(document: Any, values: Values, objects: Mapping[str, Any]) -> Any:
    """The same with every text of it filled. A text that is one word of `objects` becomes that value."""
    if isinstance(document, str):
        whole = WORD.fullmatch(document)
        if whole and whole[1] in objects and not whole[2]:
            return objects[whole[1]]
        return filled(document, values)
    if isinstance(document, Mapping):
        return {key: filled_all(value, values, objects) for key, value in document.items()}
    if isinstance(document, list):
        return [filled_all(value, values, objects) for value in document]
    return document
