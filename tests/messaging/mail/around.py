"""What a channel of these tests has around it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from messaging.channels import Surroundings
from tests.fakes import MemoryStore
from tests.messaging.fake_outbox import FakeFragments, FakeInbox, ManualClock

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


class Around:
    """`surroundings` for `build`, and the fakes in it to look at."""

    def __init__(self) -> None:
        self.inbox, self.store, self.clock = FakeInbox(), MemoryStore(), ManualClock(NOON)
        zone = ZoneInfo("Asia/Shanghai")
        self.surroundings = Surroundings(self.inbox, FakeFragments(), self.store, self.clock, None, zone)
