"""Frames that begin with their own length. Pure: bytes in, PDUs out, no I/O.

SMPP 3.4 and CMPP both put a 32-bit length, itself included, in front of every PDU. Knows neither of them.
"""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

LENGTH_SIZE = 4

P = TypeVar("P")


class WireError(ValueError):
    """The bytes are not what the protocol says. Says what is wrong, never what was in them."""


class Framer(Generic[P]):
    """Cuts a byte stream into PDUs, however the network cut it. Holds at most one PDU's bytes."""

    def __init__(self, shortest: int, longest: int, decode: Callable[[bytes], P]) -> None:
        self._shortest = shortest
        self._longest = longest
        self._decode = decode
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[P]:
        """Complete PDUs so far. Raises `WireError` when the stream cannot be followed any more."""
        self._buffer += data
        while len(self._buffer) >= LENGTH_SIZE:
            length = self._checked_length()
            if len(self._buffer) < length:
                return
            frame = bytes(self._buffer[:length])
            del self._buffer[:length]
            yield self._decode(frame)

    def _checked_length(self) -> int:
        """The length, refused before a single byte is waited for on its account."""
        length = int.from_bytes(self._buffer[:LENGTH_SIZE])
        if not self._shortest <= length <= self._longest:
            raise WireError(f"PDU length {length} is outside {self._shortest}..{self._longest}")
        return length
