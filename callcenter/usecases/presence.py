"""Who has which conversation open, which waits were alarmed, who handed on what. In memory, for a while."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

VIEWING = timedelta(seconds=15)  # a page that is open says so more often
REMEMBERED = 10_000  # alarms, and conversations handed on


class Presence:
    def __init__(self) -> None:
        self._viewers: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
        self._alarmed: dict[tuple[str, datetime], None] = {}
        self._handed_on: dict[str, str] = {}

    def views(self, talk_id: str, user_id: str, now: datetime) -> bool:
        """True = this user was not there before."""
        fresh = user_id not in self.viewers(talk_id, now)
        self._viewers[talk_id][user_id] = now
        return fresh

    def viewers(self, talk_id: str, now: datetime) -> list[str]:
        """Ids of users, in the order in which they came."""
        there = self._viewers.get(talk_id, {})
        for user_id in [user_id for user_id, at in there.items() if now - at > VIEWING]:
            del there[user_id]
        if not there:
            self._viewers.pop(talk_id, None)
        return list(there)

    def alarm_once(self, talk_id: str, waiting_since: datetime) -> bool:
        """False = this wait was alarmed before."""
        key = (talk_id, waiting_since)
        if key in self._alarmed:
            return False
        self._alarmed[key] = None
        _forget_oldest(self._alarmed)
        return True

    def handed_on(self, talk_id: str, seat: str) -> None:
        self._handed_on[talk_id] = seat
        _forget_oldest(self._handed_on)

    def handed_on_by(self, talk_id: str) -> str:
        """The seat that passed it on last, '' = none."""
        return self._handed_on.get(talk_id, "")


def _forget_oldest(kept: dict[Any, Any]) -> None:
    while len(kept) > REMEMBERED:
        del kept[next(iter(kept))]
