"""Ways to citizens and from them. One file here is one kind of account, named after its module; it offers

    build(name, options, around) -> Channel

and nothing else in the system names it. `name` is what the rows of the books call this account.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from callcenter.ports import Channel, Clock, Fragments, Inbox, MediaStore


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a channel may need from the outside. `reactor` is Twisted's, for protocols that use it."""

    inbox: Inbox
    fragments: Fragments
    media: MediaStore
    clock: Clock
    reactor: Any
    zone: tzinfo  # of the city


class UnknownKindError(ValueError):
    """The settings name a kind of channel that no file here offers."""


def kinds() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def build(kind: str, name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    """A channel, not yet opened. Raises `UnknownKindError`, or pydantic's error for bad options."""
    if kind not in kinds():
        raise UnknownKindError(f"channel {name!r}: no kind {kind!r}, there are: {', '.join(kinds())}")
    module = importlib.import_module(f"{__name__}.{kind}")
    channel: Channel = module.build(name, options, around)
    return channel
