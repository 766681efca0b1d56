"""The relay: takes due messages from the outbox, sends them, writes down what became of them.

One relay per account, so that a resting account holds nothing else up; of several accounts of a medium the
next takes over when a better one is out of action. No database transaction is open while a channel sends.
Knows no protocol; what to do about an outcome is decided in `policy`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from weakref import WeakValueDictionary

import structlog

from callcenter.batches import Batches
from callcenter.domain.messages import (
    Attempt,
    Fault,
    Outbound,
    Outcome,
    Part,
    PlanError,
    SendResult,
    Settlement,
)
from callcenter.ports import Channel, Claimed, Clock, Outbox, Rate
from messaging import policy
from messaging.pacing import Pacer

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """A row is ours for the lease, and every send ends well inside it: only a dead relay lets one run out."""

    lease: timedelta = timedelta(minutes=3)
    send_limit: timedelta = timedelta(minutes=1)  # of one part
    poll: timedelta = timedelta(seconds=1)
    recover_every: timedelta = timedelta(seconds=15)
    after_error: timedelta = timedelta(seconds=2)
    failover_after: timedelta = timedelta(seconds=10)  # an account that is gone for less comes back by itself


PACE = Pace()
TAKEN_BEFORE = SendResult(Outcome.ACCEPTED)  # every part was taken in earlier tries


def _at_a_time(pace: Pace, rate: Rate) -> int:
    """Twice the window: enough to keep it full, few enough that a crash leaves few in doubt; and no more
    than a slow account sends well within the lease.
    """
    most = 2 * rate.window
    in_time = rate.per_second * pace.lease.total_seconds() / 4
    return max(1, min(most, int(in_time))) if rate.per_second else most


class Relay:
    """`run` until cancelled, or until `stop` was called and what is in the air has come down.

    `better` are the relays of accounts that come first; `flying` holds the messages that any relay of this
    medium is sending; `next_account` is offered what this one can never carry; `siblings` are all accounts of
    the medium.
    """

    def __init__(
        self,
        channel: Channel,
        outbox: Outbox,
        clock: Clock,
        zone: tzinfo,
        pace: Pace = PACE,
        jitter: Callable[[], float] = random.random,
        better: Sequence["Relay"] = (),
        flying: dict[str, asyncio.Task[None]] | None = None,
        next_account: str = "",
        siblings: frozenset[str] = frozenset(),
    ) -> None:
        self._channel = channel
        self._outbox = outbox
        self._clock = clock
        self._zone = zone
        self._pace = pace
        self._jitter = jitter
        self._better = better
        # what this account can never carry waits for the next one, or for the better one that is away
        self._next_account = next_account or (better[0].name if better else "")
        self._siblings = siblings
        self._log = log.bind(account=channel.name)
        self._wake = asyncio.Event()
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._flying_anywhere = self._flying if flying is None else flying
        self._limit = _at_a_time(pace, channel.rate)
        self._pacer = Pacer(channel.rate, lambda: asyncio.get_running_loop().time())
        self._books: Batches[Settlement, None] = Batches(self._settle, self._limit)
        # messages to one person keep their order, however many are in the air
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._failures = 0
        self._stopping = False
        self._next_recovery: datetime | None = None
        self._down_since: datetime | None = None
        self.paused_until: datetime | None = None

    @property
    def name(self) -> str:
        return self._channel.name

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
        """Until woken, the next poll, or the end of the account's pause."""
        wait = self._pace.poll
        if self.paused_until is not None:
            wait = min(wait, max(self.paused_until - self._clock.now(), timedelta(milliseconds=10)))
        try:
            async with asyncio.timeout(wait.total_seconds()):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _round(self) -> None:
        try:
            now = self._clock.now()
            await self._recover(now)
            if self._able(now):
                await self._take_off(now)
        except Exception:
            log.exception("relay_round_failed", account=self._channel.name)
            await asyncio.sleep(self._pace.after_error.total_seconds())

    # ------------------------------------------------------------------- whose turn it is

    def _able(self, now: datetime) -> bool:
        idle = self._resting(now) or not self._channel.ready
        self._down_since = (self._down_since or now) if idle else None
        return not idle

    def _on_duty(self, now: datetime) -> bool:
        """No better account is there to carry what any may carry."""
        return all(one.gone(now) for one in self._better)

    def gone(self, now: datetime) -> bool:
        """Out of action for so long that others take over."""
        return self._down_since is not None and now - self._down_since >= self._pace.failover_after

    def _resting(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until

    async def _recover(self, now: datetime) -> None:
        """Messages of a relay that died while sending: nobody knows whether they went out."""
        if self._next_recovery is not None and now < self._next_recovery:
            return
        self._next_recovery = now + self._pace.recover_every
        died = SendResult(Outcome.UNKNOWN, code="relay_died")
        lost = [
            one
            for one in await self._outbox.expired(self._channel.medium, now)
            if one.id not in self._flying_anywhere and self._sees_to(one.account)
        ]
        for message in lost:
            self._log.warning("outbox_lease_expired", message=message.id)
        if lost:
            tries = [Attempt(message, died, self._parts_of(message)) for message in lost]
            await self._settle([self._settlement(attempt) for attempt in tries])

    def _sees_to(self, account: str) -> bool:
        """Each its own; the first of the medium also the rows of accounts that are not set up any more."""
        return account == self.name or (not self._better and account not in self._siblings)

    def _parts_of(self, message: Outbound) -> int:
        """One receipt must not pass for that of a whole long text."""
        try:
            return len(self._channel.plan(message))
        except PlanError:
            return 1

    # ------------------------------------------------------------------- many messages

    async def _take_off(self, now: datetime) -> None:
        room = self._limit - len(self._flying)
        if room < (self._limit + 1) // 2:
            return
        claimed = await self._outbox.claim(
            self._channel.medium, self.name, room, now, self._pace.lease, shared=self._on_duty(now)
        )
        ready = await self._sift(claimed, now)
        for message in ready:
            flight = asyncio.create_task(self._fly(message, now))
            self._flying[message.id] = self._flying_anywhere[message.id] = flight
            flight.add_done_callback(partial(self._landed, message.id))
        if claimed and not ready:
            self._wake.set()  # behind those that must wait others may be due

    async def _sift(self, claimed: Sequence[Claimed], now: datetime) -> Sequence[Outbound]:
        """Those that may go now. The others are put back until then, or ended."""
        ready: list[Outbound] = []
        later: dict[datetime, list[str]] = {}
        ended: list[Settlement] = []
        for one in claimed:
            until = policy.capped_until(one, now) or policy.allowed_from(one.message.purpose, now, self._zone)
            if code := policy.barred(one):
                refused = Attempt(one.message, SendResult(Outcome.REJECTED, code=code))
                ended.append(Settlement(refused, None))
            elif until > now:
                later.setdefault(until, []).append(one.message.id)
            else:
                ready.append(one.message)
        await self._put_back(later)
        if ended:
            await self._settle(ended)
        return ready

    async def _put_back(self, later: dict[datetime, list[str]]) -> None:
        for until, ids in later.items():
            await self._insist(partial(self._outbox.defer, ids, until))

    def _landed(self, message_id: str, _: asyncio.Task[None]) -> None:
        self._flying.pop(message_id, None)
        self._flying_anywhere.pop(message_id, None)
        if len(self._flying) <= self._limit // 2:
            self._wake.set()

    # ------------------------------------------------------------------- one message

    async def _fly(self, message: Outbound, claimed: datetime) -> None:
        lane = self._lanes.setdefault(message.to, asyncio.Lock())
        async with lane:
            if self._too_late(claimed):
                await self._put_back({self._clock.now(): [message.id]})
                return
            try:
                parts = self._channel.plan(message)
            except PlanError as error:
                await self._cannot_carry(message, error)
                return
            attempt = await self._try(message, parts)
            self._judge_account(attempt.result)
            await self._books.put(self._settlement(attempt))

    async def _cannot_carry(self, message: Outbound, error: PlanError) -> None:
        """Another account may have it on file, or take what this one does not."""
        if self._next_account and not message.bound and error.fault is not Fault.RECIPIENT:
            await self._insist(partial(self._outbox.hand_over, message.id, self._next_account))
            return
        refused = SendResult(Outcome.REJECTED, code=error.code, fault=error.fault)
        await self._books.put(self._settlement(Attempt(message, refused)))

    def _too_late(self, claimed: datetime) -> bool:
        """The account rests meanwhile, or too little is left of the lease."""
        now = self._clock.now()
        return self._resting(now) or now - claimed > self._pace.lease - 2 * self._pace.send_limit

    async def _try(self, message: Outbound, parts: Sequence[Part]) -> Attempt:
        """Part after part, without those that a peer took before; the first that is not taken ends it."""
        refs: dict[int, str] = {}
        result = TAKEN_BEFORE
        for part in self._left(message, parts):
            result = await self._send(message, part)
            if result.outcome is not Outcome.ACCEPTED:
                break
            refs[part.number] = result.ref
        return Attempt(message, result, len(parts), refs)

    def _left(self, message: Outbound, parts: Sequence[Part]) -> Iterable[Part]:
        return (part for part in parts if part.number not in message.taken)

    async def _send(self, message: Outbound, part: Part) -> SendResult:
        """Whatever goes wrong between the first octet and the answer leaves the outcome unknown."""
        await self._pacer.turn(message.to)
        try:
            async with asyncio.timeout(self._pace.send_limit.total_seconds()):
                return await self._channel.send(message, part)
        except TimeoutError:
            return SendResult(Outcome.UNKNOWN, code="send_limit")
        except Exception:
            log.exception("channel_send_failed", account=self._channel.name, message=message.id)
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
            self._log.warning("account_paused", code=result.code, fault=result.fault, seconds=pause.seconds)
        elif result.outcome is Outcome.ACCEPTED and self._failures:
            self._failures, self.paused_until = 0, None
            self._log.info("account_resumed")

    # ------------------------------------------------------------------- the books

    def _settlement(self, attempt: Attempt) -> Settlement:
        """Not taken because of the account: the message waits and loses no try. Else the try counts."""
        now, result = self._clock.now(), attempt.result
        if policy.concerns_account(result) and result.outcome is Outcome.RETRY:
            return Settlement(attempt, now, counts=False)  # another account may take it while this one rests
        return Settlement(attempt, policy.again_at(attempt.message, result, now, self._jitter()))

    async def _settle(self, settlements: Sequence[Settlement]) -> Sequence[None]:
        await self._insist(lambda: self._outbox.settle(settlements, self._clock.now()))
        for one in settlements:
            result = one.attempt.result
            self._log.info(
                "message_sent" if result.outcome is Outcome.ACCEPTED else "message_not_sent",
                message=one.attempt.message.id,
                outcome=result.outcome,
                code=result.code,
                again=one.again_at is not None,
            )
        return [None] * len(settlements)

    async def _insist(self, write: Callable[[], Awaitable[None]]) -> None:
        """What became of a message must reach the books, however long the database is away."""
        while True:
            try:
                return await write()
            except Exception:
                log.exception("outbox_write_failed", account=self._channel.name)
                await asyncio.sleep(self._pace.after_error.total_seconds())
