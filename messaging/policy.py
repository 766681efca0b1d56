"""When a message may go out, when it is tried again, how long an account rests. Pure; jitter is an argument.

Jitter is a number in 0..1; 0 gives the shortest pause. Knows nothing of tables, channels or clocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from callcenter.domain.messages import Fault, Outbound, Outcome, Purpose, SendResult
from callcenter.ports import Claimed

MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class Ladder:
    """Pauses that double from `first` to `longest`; jitter takes up to half away, so that peers spread."""

    first: timedelta
    longest: timedelta

    def pause(self, failures: int, jitter: float) -> timedelta:
        """After the n-th failure in a row, n from 1."""
        doubled = self.first * float(1 << min(failures - 1, 16))
        return min(doubled, self.longest) * (0.5 + jitter / 2)


MESSAGE_RETRY = Ladder(timedelta(seconds=30), timedelta(hours=1))
ACCOUNT_PAUSE = Ladder(timedelta(seconds=2), timedelta(minutes=2))


@dataclass(frozen=True, slots=True)
class Cap:
    """How many messages of a purpose one citizen gets; the providers' own limits are of this order."""

    per_minute: int
    per_hour: int
    per_day: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a purpose allows. `hours` None = any time. `doubt` is how long a receipt may still clear up an
    unknown outcome before the message is sent once more; None = never. `always_resend`: not just once.
    `refusable`: whoever wants no messages gets none of these.
    """

    hours: tuple[time, time] | None
    doubt: timedelta | None
    always_resend: bool = False
    refusable: bool = True
    cap: Cap | None = None


TERMS: Mapping[Purpose, Terms] = {
    # asked for just now: at any hour, and twice is better than never
    Purpose.REPLY: Terms(hours=None, doubt=timedelta(minutes=10), refusable=False),
    # no law names hours for notices; 08:00 to 21:00 is what Chinese providers keep to
    Purpose.SERVICE: Terms(hours=(time(8), time(21)), doubt=timedelta(minutes=10), cap=Cap(5, 20, 50)),
    # the grey zone of advertising rules, and a second identical question only annoys
    Purpose.SURVEY: Terms(hours=(time(9), time(20)), doubt=None, cap=Cap(1, 5, 10)),
    # doubled is harmless, late is not
    Purpose.EMERGENCY: Terms(hours=None, doubt=timedelta(0), always_resend=True, refusable=False),
}


def allowed_from(purpose: Purpose, now: datetime, zone: tzinfo) -> datetime:
    """`now` if the purpose may be sent at this hour of the city, else when its hours begin next."""
    hours = TERMS[purpose].hours
    if hours is None:
        return now
    local = now.astimezone(zone)
    opens = datetime.combine(local.date(), hours[0], zone)
    if local.time() >= hours[1]:
        opens = datetime.combine(local.date() + timedelta(days=1), hours[0], zone)
    return max(now, opens.astimezone(now.tzinfo))


def barred(claimed: Claimed) -> str:
    """Why this message must not go out at all; '' = it may. MIIT order 31: who refuses gets no more."""
    refused = claimed.opted_out and TERMS[claimed.message.purpose].refusable
    return "opted_out" if refused else ""


def capped_until(claimed: Claimed, now: datetime) -> datetime | None:
    """When the citizen has had enough of this purpose for now: when the next may go; None = now."""
    cap = TERMS[claimed.message.purpose].cap
    if cap is None:
        return None
    if claimed.last_day >= cap.per_day:
        return now + timedelta(hours=12)
    if claimed.last_hour >= cap.per_hour:
        return now + timedelta(minutes=30)
    return now + timedelta(minutes=1) if claimed.last_minute >= cap.per_minute else None


def again_at(message: Outbound, result: SendResult, now: datetime, jitter: float) -> datetime | None:
    """When this message is due again after `result`; None = that was the last try."""
    if message.attempt >= MAX_TRIES:
        return None
    if result.outcome is Outcome.RETRY:
        return now + max(result.retry_after or timedelta(0), MESSAGE_RETRY.pause(message.attempt, jitter))
    if result.outcome is Outcome.UNKNOWN:
        return _after_doubt(message, now)
    return None


def _after_doubt(message: Outbound, now: datetime) -> datetime | None:
    terms = TERMS[message.purpose]
    if terms.doubt is None or (message.resent and not terms.always_resend):
        return None
    return now + terms.doubt


def concerns_account(result: SendResult) -> bool:
    """The refusal says nothing about the message: the whole account rests and no try is counted."""
    return result.fault in {Fault.ACCOUNT, Fault.LINK} and result.outcome in {Outcome.RETRY, Outcome.UNKNOWN}


def account_pause(failures: int, hint: timedelta | None, jitter: float) -> timedelta:
    """How long the account rests after its n-th failure in a row; the peer's own hint is a minimum."""
    return max(hint or timedelta(0), ACCOUNT_PAUSE.pause(failures, jitter))
