"""A relay over an outbox in memory and a channel that answers as told."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from callcenter.domain.messages import (
    DeliveryState,
    Fault,
    Outbound,
    Outcome,
    Part,
    PlanError,
    SendResult,
)
from callcenter.ports import Rate
from messaging.account import AccountBase
from messaging.dispatch import Pace, Relay
from tests.messaging.fake_outbox import FakeOutbox, ManualClock
from tests.messaging.waiting import eventually

USUAL = Rate()
CITY = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
NIGHT = datetime(2026, 11, 20, 15, tzinfo=UTC)
SOON = timedelta(milliseconds=10)
PACE = Pace(poll=SOON, recover_every=timedelta(0), after_error=SOON, send_limit=timedelta(seconds=30))

TAKEN = SendResult(Outcome.ACCEPTED, "a1")
THROTTLED = SendResult(Outcome.RETRY, fault=Fault.ACCOUNT, code="0x58", retry_after=timedelta(seconds=9))
LINK_DOWN = SendResult(Outcome.RETRY, fault=Fault.LINK, code="not_bound")


class Scripted(AccountBase):
    """A channel whose answers are written down beforehand; the last one stays."""

    medium = "sms"
    trouble = ""
    away = False

    @property
    def ready(self) -> bool:
        return not self.away

    def __init__(
        self, *answers: SendResult | Exception | Callable, name: str = "sms", rate: Rate = USUAL
    ) -> None:
        super().__init__(name, rate)
        self.answers = list(answers) or [TAKEN]
        self.sent: list[str] = []
        self.parts: list[int] = []

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def plan(self, message: Outbound) -> Sequence[Part]:
        """One part a line."""
        if not message.text:
            raise PlanError("empty")
        return [Part(number, line) for number, line in enumerate(message.text.splitlines())]

    async def send(self, message: Outbound, part: Part) -> SendResult:
        self.sent.append(message.id)
        self.parts.append(part.number)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return await answer(message) if callable(answer) else answer


class Hotline:
    def __init__(self, channel: Scripted, now: datetime, pace: Pace) -> None:
        self.channel, self.outbox, self.clock = channel, FakeOutbox(), ManualClock(now)
        self.relay = Relay(channel, self.outbox, self.clock, CITY, pace, jitter=lambda: 1.0)

    def put(self, *messages: Outbound) -> None:
        for message in messages:
            self.outbox.put(message, self.clock.now())
        self.relay.wake()

    def row(self, key: str = "m1"):
        return self.outbox.rows[key]

    async def state(self, state: DeliveryState, key: str = "m1"):
        await eventually(lambda: self.row(key).state is state)
        return self.row(key)

    async def rounds(self, count: int = 5) -> None:
        """Let the relay look around some times, so that "nothing happens" means something."""
        await asyncio.sleep(SOON.total_seconds() * count)


@asynccontextmanager
async def hotline(*answers, now: datetime = NOON, pace: Pace = PACE, rate: Rate = USUAL):
    one = Hotline(Scripted(*answers, rate=rate), now, pace)
    run = asyncio.create_task(one.relay.run())
    try:
        yield one
    finally:
        run.cancel()
        await asyncio.wait([run])
