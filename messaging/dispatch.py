"""The relay: takes due messages from the outbox, sends them, writes down what became of them.

One relay per channel, so that a resting account holds nothing else up. No database transaction is open
while a channel sends. Knows no protocol; what to do about an outcome is decided in `policy`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from weakref import WeakValueDictionary

import structlog

from callcenter.domain.messages import Outbound, Outcome, SendResult
from callcenter.ports import Channel, Clock, Outbox
from messaging import policy

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """A row is ours for the lease, and every send ends well inside it: only a dead relay lets one run out.

    `limit` is twice the usual window: enough to keep it full, few enough that a crash leaves few in doubt.
    """

    limit: int = 20
    lease: timedelta = timedelta(minutes=3)
    send_limit: timedelta = timedelta(minutes=1)
    poll: timedelta = timedelta(seconds=1)
    recover_every: timedelta = timedelta(seconds=15)
    after_error: timedelta = timedelta(seconds=2)


PACE = Pace()


class Relay:
    """`run` until cancelled, or until `stop` was called and what is in the air has come down."""

    def __init__(
        self,
        channel: Channel,
        outbox: Outbox,
        clock: Clock,
        zone: tzinfo,
        pace: Pace = PACE,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._channel = channel
        self._outbox = outbox
        self._clock = clock
        self._zone = zone
        self._pace = pace
        self._jitter = jitter
        self._log = log.bind(channel=channel.name)
        self._wake = asyncio.Event()
        self._flying: dict[str, asyncio.Task[None]] = {}
        # messages to one person keep their order, however many are in the air
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._failures = 0
        self._stopping = False
        self._next_recovery: datetime | None = None
        self.paused_until: datetime | None = None

    def wake(self) -> None:
        """Something was put into the outbox and committed."""
        self._wake.set()

    def stop(self) -> None:
        """Claim no more; `run` returns when the last send is written down."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        try:
            while not self._stopping:
                await self._round()
                await self._rest()
            if self._flying:
                await asyncio.wait(self._flying.values())
        finally:
            for flight in self._flying.values():
                flight.cancel()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._pace.poll.total_seconds()):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _round(self) -> None:
        """The database may be away for a while: say so, wait, go on."""
        try:
            now = self._clock.now()
            await self._recover(now)
            if not self._resting(now):
                await self._take_off(now)
        except Exception:
            log.exception("relay_round_failed", channel=self._channel.name)
            await asyncio.sleep(self._pace.after_error.total_seconds())

    async def _recover(self, now: datetime) -> None:
        """Messages of a relay that died while sending: nobody knows whether they went out."""
        if self._next_recovery is not None and now < self._next_recovery:
            return
        self._next_recovery = now + self._pace.recover_every
        for message in await self._outbox.expired(self._channel.name, now):
            if message.id not in self._flying:
                self._log.warning("outbox_lease_expired", message=message.id)
                await self._settle(message, SendResult(Outcome.UNKNOWN, code="relay_died"))

    def _resting(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until

    async def _take_off(self, now: datetime) -> None:
        room = self._pace.limit - len(self._flying)
        if room < self._pace.limit // 2:
            return
        for message in await self._outbox.claim(self._channel.name, room, now, self._pace.lease):
            flight = asyncio.create_task(self._fly(message, now))
            self._flying[message.id] = flight
            flight.add_done_callback(partial(self._landed, message.id))

    def _landed(self, message_id: str, _: asyncio.Task[None]) -> None:
        self._flying.pop(message_id, None)
        if len(self._flying) <= self._pace.limit // 2:
            self._wake.set()

    # ------------------------------------------------------------------- one message

    async def _fly(self, message: Outbound, claimed: datetime) -> None:
        lane = self._lanes.setdefault(message.to, asyncio.Lock())
        async with lane:
            if (until := self._not_before(message, claimed)) is not None:
                await self._insist(lambda: self._outbox.defer((message.id,), until))
                return
            result = await self._send(message)
            self._judge_account(result)
            await self._insist(lambda: self._write(message, result))

    def _not_before(self, message: Outbound, claimed: datetime) -> datetime | None:
        """None = now; else when: the account rests, the hour is wrong, or too little is left of the lease."""
        now = self._clock.now()
        if self._resting(now):
            return self.paused_until
        if now - claimed > self._pace.lease - 2 * self._pace.send_limit:
            return now
        allowed = policy.allowed_from(message.purpose, now, self._zone)
        return allowed if allowed > now else None

    async def _send(self, message: Outbound) -> SendResult:
        """Whatever goes wrong between the first octet and the answer leaves the outcome unknown."""
        try:
            async with asyncio.timeout(self._pace.send_limit.total_seconds()):
                return await self._channel.send(message)
        except TimeoutError:
            return SendResult(Outcome.UNKNOWN, code="send_limit")
        except Exception:
            log.exception("channel_send_failed", channel=self._channel.name, message=message.id)
            return SendResult(Outcome.UNKNOWN, code="channel_error")

    def _judge_account(self, result: SendResult) -> None:
        """A refusal of the account rests it; answers still in the air neither prolong nor end that."""
        now = self._clock.now()
        if self._resting(now):
            return
        if policy.concerns_account(result):
            self._failures += 1
            pause = policy.account_pause(self._failures, result.retry_after, self._jitter())
            self.paused_until = now + pause
            self._log.warning("channel_paused", code=result.code, fault=result.fault, seconds=pause.seconds)
        elif result.outcome is Outcome.ACCEPTED and self._failures:
            self._failures, self.paused_until = 0, None
            self._log.info("channel_resumed")

    async def _write(self, message: Outbound, result: SendResult) -> None:
        """Not taken because of the account: the message waits and loses no try. Else the try counts."""
        if policy.concerns_account(result) and result.outcome is Outcome.RETRY:
            await self._outbox.defer((message.id,), self.paused_until or self._clock.now())
        else:
            await self._settle(message, result)

    async def _settle(self, message: Outbound, result: SendResult) -> None:
        now = self._clock.now()
        again_at = policy.again_at(message, result, now, self._jitter())
        await self._outbox.settle(message.id, result, now, again_at)
        self._log.info(
            "message_sent" if result.outcome is Outcome.ACCEPTED else "message_not_sent",
            message=message.id,
            outcome=result.outcome,
            code=result.code,
            again=again_at is not None,
        )

    async def _insist(self, write: Callable[[], Awaitable[None]]) -> None:
        """What became of a message must reach the books, however long the database is away."""
        while True:
            try:
                return await write()
            except Exception:
                log.exception("outbox_write_failed", channel=self._channel.name)
                await asyncio.sleep(self._pace.after_error.total_seconds())
