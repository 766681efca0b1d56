"""Which inbound message is the resend of an earlier one. Pure; time and link number are arguments.

SMPP gives an inbound message no id, some CMPP gateways give it none either, and both send it again when our
answer was late, said "later", or was lost with the link. A citizen, on the other hand, may well text "1"
twice. So: the same bytes are a resend as long as the earlier answer cannot have arrived cleanly, and a new
message otherwise. The key holds the time only roughly, so that a resend after our own restart meets the
same key in the inbox.
"""

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# How long an SMSC may take to send again, and how rough the time in a key is.
MEMORY = timedelta(minutes=15)
# An answer that took longer may have crossed the SMSC's own resend.
PROMPT = timedelta(seconds=5)
SWEEP_EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class Sighting:
    """One message, however often it was sent. The caller sets `handled` once the inbox has it, and holds
    `turn` until then: a resend waits for the first one's end instead of doing its work again.
    """

    bucket: str
    occurrence: int
    seen: datetime
    link: int
    handled: datetime | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def key(self) -> str:
        return f"{self.bucket}-{self.occurrence}"

    def answered_cleanly(self, link: int) -> bool:
        """Promptly, and on the link that still stands: the SMSC has that answer."""
        return self.handled is not None and self.link == link and self.handled - self.seen <= PROMPT


class Repeats:
    """Remembers the last quarter of an hour."""

    def __init__(self) -> None:
        self._last: dict[str, Sighting] = {}
        self._next_sweep: datetime | None = None

    def see(self, body: bytes, link: int, now: datetime, *, named: bool = False) -> Sighting:
        """The earlier sighting if this is a resend of it, else a fresh one.

        `named`: an id of the peer's is among the bytes, so the same ones are always a resend.
        """
        self._sweep(now)
        digest = hashlib.sha256(body).hexdigest()[:32]
        last = self._last.get(digest)
        if last is not None and (named or not last.answered_cleanly(link)):
            last.seen, last.link = now, link  # this time the answer goes out at once
            return last
        bucket = f"{digest}-{int(now.timestamp() // MEMORY.total_seconds())}"
        again = last is not None and last.bucket == bucket
        self._last[digest] = Sighting(bucket, last.occurrence + 1 if last and again else 0, now, link)
        return self._last[digest]

    def _sweep(self, now: datetime) -> None:
        if self._next_sweep is None or now >= self._next_sweep:
            self._next_sweep = now + SWEEP_EVERY
            self._last = {digest: one for digest, one in self._last.items() if now - one.seen < MEMORY}
