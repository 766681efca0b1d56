"""What the platform's numbers mean to the hotline (全局返回码). One table, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import NamedTuple

from callcenter.domain.messages import Fault, Outcome, SendResult

WINDOW_CLOSED, QUOTA_USED = 45015, 45047
WINDOW = frozenset({WINDOW_CLOSED, QUOTA_USED})
BAD_TOKEN = frozenset({40001, 40014, 42001})
MEDIA_GONE = 40007
NO_MENU = 46003


class RefusedError(Exception):
    """The platform answered with a number: it took nothing."""

    def __init__(self, number: int) -> None:
        super().__init__(f"wechat_{number}")
        self.number = number


class NotReachedError(Exception):
    """The request never left, so nothing was taken."""


class InDoubtError(Exception):
    """The request left and no readable answer came."""


@dataclass(frozen=True, slots=True)
class Until:
    """How long the account rests: a time, or until the day's quota begins again."""

    pause: timedelta | None = None
    midnight: bool = False


class Meaning(NamedTuple):
    outcome: Outcome
    fault: Fault
    code: str
    rest: Until = Until()


_RETRY, _REJECTED = Outcome.RETRY, Outcome.REJECTED
_MESSAGE, _RECIPIENT, _ACCOUNT = Fault.MESSAGE, Fault.RECIPIENT, Fault.ACCOUNT
_MINUTE, _QUARTER = Until(timedelta(minutes=1)), Until(timedelta(minutes=15))

MEANINGS: Mapping[int, Meaning] = {
    # "busy, try again": says nothing about the account, but five tries are enough before an SMS goes instead
    -1: Meaning(_RETRY, _MESSAGE, "busy"),
    # the token, after it was fetched anew once: somebody else fetches tokens for this account, or the secret
    # was changed
    40001: Meaning(_RETRY, _ACCOUNT, "token_refused"),
    40014: Meaning(_RETRY, _ACCOUNT, "token_refused"),
    42001: Meaning(_RETRY, _ACCOUNT, "token_refused"),
    41001: Meaning(_RETRY, _ACCOUNT, "token_refused"),
    # the account: every message would fail alike, so none is burnt for it
    40013: Meaning(_RETRY, _ACCOUNT, "bad_app_id", _QUARTER),
    40125: Meaning(_RETRY, _ACCOUNT, "bad_secret", _QUARTER),
    40164: Meaning(_RETRY, _ACCOUNT, "address_not_listed", _QUARTER),
    40243: Meaning(_RETRY, _ACCOUNT, "secret_frozen", _QUARTER),
    45009: Meaning(_RETRY, _ACCOUNT, "daily_quota", Until(midnight=True)),
    45011: Meaning(_RETRY, _ACCOUNT, "too_frequent", _MINUTE),
    48001: Meaning(_RETRY, _ACCOUNT, "not_permitted", _QUARTER),
    48004: Meaning(_RETRY, _ACCOUNT, "banned", _QUARTER),
    50001: Meaning(_RETRY, _ACCOUNT, "not_permitted", _QUARTER),
    50002: Meaning(_RETRY, _ACCOUNT, "account_limited", _QUARTER),
    # the citizen
    40003: Meaning(_REJECTED, _RECIPIENT, "bad_address"),
    43004: Meaning(_REJECTED, _RECIPIENT, "not_following"),
    43019: Meaning(_REJECTED, _RECIPIENT, "blocked"),
    43101: Meaning(_REJECTED, _RECIPIENT, "no_consent"),
    WINDOW_CLOSED: Meaning(_REJECTED, _RECIPIENT, "window_closed"),
    QUOTA_USED: Meaning(_REJECTED, _RECIPIENT, "quota_used"),
    48002: Meaning(_REJECTED, _RECIPIENT, "blocked"),
    # the message
    40004: Meaning(_REJECTED, _MESSAGE, "bad_file"),
    40005: Meaning(_REJECTED, _MESSAGE, "bad_file"),
    40006: Meaning(_REJECTED, _MESSAGE, "too_large"),
    MEDIA_GONE: Meaning(_REJECTED, _MESSAGE, "bad_file"),
    40008: Meaning(_REJECTED, _MESSAGE, "kind_not_taken"),
    40009: Meaning(_REJECTED, _MESSAGE, "too_large"),
    40010: Meaning(_REJECTED, _MESSAGE, "too_large"),
    40011: Meaning(_REJECTED, _MESSAGE, "too_large"),
    40037: Meaning(_REJECTED, _MESSAGE, "bad_template"),
    40137: Meaning(_REJECTED, _MESSAGE, "bad_file"),
    44004: Meaning(_REJECTED, _MESSAGE, "empty"),
    45001: Meaning(_REJECTED, _MESSAGE, "too_large"),
    45002: Meaning(_REJECTED, _MESSAGE, "too_long"),
    47003: Meaning(_REJECTED, _MESSAGE, "template_fields"),
}


def fate(error: Exception, now: datetime, zone: tzinfo) -> SendResult:
    """What a failed request means for the part that was to be sent."""
    if isinstance(error, NotReachedError):
        return SendResult(Outcome.RETRY, code="not_reached", fault=Fault.LINK)
    if isinstance(error, RefusedError):
        return _refusal(error.number, now, zone)
    return SendResult(Outcome.UNKNOWN, code="no_answer", fault=Fault.LINK)


def _refusal(number: int, now: datetime, zone: tzinfo) -> SendResult:
    """A number that is not in the table is a fault of the message and final."""
    meaning = MEANINGS.get(number, Meaning(_REJECTED, _MESSAGE, f"wechat_{number}"))
    rest = _until_midnight(now, zone) if meaning.rest.midnight else meaning.rest.pause
    return SendResult(meaning.outcome, code=meaning.code, fault=meaning.fault, retry_after=rest)


def _until_midnight(now: datetime, zone: tzinfo) -> timedelta:
    local = now.astimezone(zone)
    return datetime.combine(local.date() + timedelta(days=1), time(), zone) - local
