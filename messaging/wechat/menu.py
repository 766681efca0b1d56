"""The menu under the conversation: three keys, five below each. Pure.

Phones keep it for up to a day, so that it is written only when it is another one.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_KEYS, MOST_BELOW = 3, 5
NAME_MOST, NAME_BELOW_MOST = 16, 60  # octets
_OURS = ("name", "type", "key", "url")


class Leaf(BaseModel):
    """A key that says `key` to us (`menu:<key>`), or opens `url`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    key: str = Field("", max_length=70)
    url: str = Field("", max_length=1024)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if len(self.name.encode()) > NAME_BELOW_MOST:
            raise ValueError("the name of a key is at most 60 octets long")
        if bool(self.key) == bool(self.url) and not getattr(self, "below", ()):
            raise ValueError("a key has either key or url")
        return self

    def wire(self) -> Mapping[str, Any]:
        if self.url:
            return {"name": self.name, "type": "view", "url": self.url}
        return {"name": self.name, "type": "click", "key": self.key}


class Key(Leaf):
    """One of the three; with keys `below` it only opens them."""

    below: Annotated[tuple[Leaf, ...], Field(max_length=MOST_BELOW)] = ()

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        if len(self.name.encode()) > NAME_MOST:
            raise ValueError("the name of a top key is at most 16 octets long")
        if self.below and (self.key or self.url):
            raise ValueError("a key with others below it says nothing itself")
        return self

    def wire(self) -> Mapping[str, Any]:
        if self.below:
            return {"name": self.name, "sub_button": [leaf.wire() for leaf in self.below]}
        return super().wire()


def request(keys: Sequence[Key]) -> Mapping[str, Any]:
    return {"button": [key.wire() for key in keys]}


def same(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Whether the platform's menu is this one; it adds fields of its own."""
    return _plain(wanted.get("button")) == _plain(there.get("menu", {}).get("button"))


def _plain(buttons: Any) -> list[Any]:
    return [
        ({name: button[name] for name in _OURS if button.get(name)}, _plain(button.get("sub_button")))
        for button in buttons or ()
    ]
