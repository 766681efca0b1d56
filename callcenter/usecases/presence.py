"""Who has which conversation open, and which waits were alarmed already. In memory: it lives for seconds."""

from collections import defaultdict
from datetime import datetime, timedelta

VIEWING = timedelta(seconds=15)  # a page that is open says so more often
MOST_ALARMS = 10_000


class Presence:
    def __init__(self) -> None:
        self._viewers: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
        self._alarmed: dict[tuple[str, datetime], None] = {}

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

    def leaves(self, talk_id: str, user_id: str) -> None:
        self._viewers.get(talk_id, {}).pop(user_id, None)

    def alarm_once(self, talk_id: str, waiting_since: datetime) -> bool:
        """False = this wait was alarmed before."""
        key = (talk_id, waiting_since)
        if key in self._alarmed:
            return False
        self._alarmed[key] = None
        while len(self._alarmed) > MOST_ALARMS:
            del self._alarmed[next(iter(self._alarmed))]
        return True
