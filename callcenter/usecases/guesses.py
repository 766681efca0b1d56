"""Wrong access codes, counted for each report over all conversations. In memory, for an hour."""

from datetime import datetime, timedelta

MOST, WITHIN = 10, timedelta(hours=1)
REMEMBERED = 10_000  # reports


class Guesses:
    def __init__(self) -> None:
        self._wrong: dict[str, list[datetime]] = {}

    def wrong(self, number: str, now: datetime) -> None:
        self._wrong[number] = [*self._recent(number, now), now]
        while len(self._wrong) > REMEMBERED:
            del self._wrong[next(iter(self._wrong))]

    def locked(self, number: str, now: datetime) -> bool:
        """No code opens this one for a while, not even the right one."""
        return len(self._recent(number, now)) >= MOST

    def _recent(self, number: str, now: datetime) -> list[datetime]:
        return [at for at in self._wrong.get(number, []) if now - at < WITHIN]
