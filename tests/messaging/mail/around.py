"""What a channel of these tests has around it."""

import hashlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from messaging.channels import Surroundings
from tests.messaging.fake_outbox import FakeFragments, FakeInbox, ManualClock

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


class FakeStore:
    """Files in memory. Implements `callcenter.ports.MediaStore`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    async def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.files[digest] = content
        return digest

    async def read(self, digest: str) -> bytes:
        return self.files[digest]

    async def drop(self, digest: str) -> None:
        self.files.pop(digest, None)


class Around:
    """`surroundings` for `build`, and the fakes in it to look at."""

    def __init__(self) -> None:
        self.inbox, self.store, self.clock = FakeInbox(), FakeStore(), ManualClock(NOON)
        zone = ZoneInfo("Asia/Shanghai")
        self.surroundings = Surroundings(self.inbox, FakeFragments(), self.store, self.clock, None, zone)
