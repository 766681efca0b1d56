"""Pin by text: a link that a seat sends during a call or a conversation, and what the citizen puts there.

The link dies with the call. Only the SHA-256 of its token is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

LIFE = timedelta(minutes=30)  # at the latest, should the end of the call be missed


@dataclass
class PositionLink:
    id: str  # 160 bits of the SHA-256 of the token, in hex
    created_at: datetime
    expires_at: datetime
    seat: str
    contact_id: str = ""
    call_id: str = ""
    conversation_id: str = ""
    opened_at: datetime | None = None
    sent_at: datetime | None = None  # when the citizen sent the position
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    ended_at: datetime | None = None

    def alive(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at
