"""Something that is fetched rarely and used often: the access token, the ticket of the JS-SDK.

However many ask, one fetches. It is renewed before it ends, and when the platform refused it: only if it is
still the one that was refused, and not again and again, since fetching has a quota of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from callcenter.ports import Clock

log = structlog.get_logger(__name__)

RENEW_AT = 0.9  # of its life: long before the platform's own last five minutes
FAILURE_LASTS = timedelta(seconds=2)
"""Whoever asks meanwhile hears the same, instead of asking the platform as well."""

GAP = timedelta(seconds=30)
"""Between two fetches because of a refusal. A token that is refused right after it was fetched will not get
better by fetching; the platform allows forced renewals no more often either.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Compared by identity: the platform may well give out the same text again."""

    text: str
    renew_at: datetime
    ends_at: datetime


class Kept:
    """`fetch` gives the text and its life in seconds; what it raises goes to whoever asked."""

    def __init__(self, what: str, fetch: Callable[[], Awaitable[tuple[str, float]]], clock: Clock) -> None:
        self._what = what
        self._fetch = fetch
        self._clock = clock
        self._turn = asyncio.Lock()
        self._held: Held | None = None
        self._refetched_at: datetime | None = None
        self._failed: tuple[datetime, Exception] | None = None

    async def current(self) -> Held:
        async with self._turn:
            held = self._held
            if held is None or self._clock.now() >= held.renew_at:
                self._held = held = await self._renewed(held)
            return held

    async def instead_of(self, refused: Held) -> Held | None:
        """Another one for a refused one, or None when the next would be refused alike."""
        async with self._turn:
            if self._held is None or self._held is refused:
                now = self._clock.now()
                if self._refetched_at is not None and now - self._refetched_at < GAP:
                    return None
                self._held, self._refetched_at = None, now
                self._held = await self._fetched()
            return self._held

    async def _renewed(self, held: Held | None) -> Held:
        """When it cannot be renewed, the old one serves until its end."""
        try:
            return await self._fetched()
        except Exception as error:
            if held is None or self._clock.now() >= held.ends_at:
                raise
            log.warning("wechat_not_renewed", what=self._what, reason=str(error))
            return held

    async def _fetched(self) -> Held:
        asked_at = self._clock.now()
        if self._failed is not None and asked_at - self._failed[0] < FAILURE_LASTS:
            raise self._failed[1]
        try:
            text, life_s = await self._fetch()
        except Exception as error:
            self._failed = (asked_at, error)
            raise
        log.info("wechat_fetched", what=self._what, life_s=life_s)
        life = timedelta(seconds=life_s)
        return Held(text, asked_at + life * RENEW_AT, asked_at + life)
