"""What Telegram's refusals and lost answers mean to the hotline, and requests that tell them apart.

The library folds every status but a few into one exception and never says whether a request left; here the
status stays known. Knows nothing of messages.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)
from telegram.request import HTTPXRequest

from callcenter.domain.messages import Fault, Outcome, SendResult

TOO_LARGE, THROTTLED, SERVER_ERROR = 413, 429, 500
WITHOUT_A_TIME = 30
"""Seconds to rest after a 429 that names none."""

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

# Descriptions are English sentences without codes; a part of each that has been the same for years.
REFUSED_RECIPIENT: Mapping[str, str] = {
    "blocked": "blocked",
    "deactivated": "user_gone",
    "initiate conversation": "not_started",
    "chat not found": "chat_not_found",
    "user not found": "chat_not_found",
    "peer_id_invalid": "bad_address",
    "have no rights": "blocked",
    "migrated": "bad_address",
}
REFUSED_MESSAGE: Mapping[str, str] = {
    "too long": "too_long",
    "text is empty": "empty",
    "too big": "too_large",
    "wrong file": "bad_file",
    "photo_invalid_dimensions": "bad_file",
    "image_process_failed": "bad_file",
}


class StatusError(TelegramError):
    """An answer that the library does not tell apart from others."""

    def __init__(self, status: int, retry_after: timedelta | None = None) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.retry_after = retry_after


class Requests(HTTPXRequest):
    """The library's requests; 413, 429 and server errors keep their status."""

    async def do_request(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        status, body = await super().do_request(*args, **options)
        if status == THROTTLED:
            raise StatusError(status, _retry_after(body))
        if status == TOO_LARGE or status >= SERVER_ERROR:
            raise StatusError(status)
        return status, body


def _retry_after(body: bytes) -> timedelta:
    """ResponseParameters.retry_after of a 429."""
    try:
        seconds = int(json.loads(body)["parameters"]["retry_after"])
    except (ValueError, KeyError, TypeError):
        seconds = WITHOUT_A_TIME
    return timedelta(seconds=max(seconds, 1))


def fate(error: TelegramError) -> SendResult:
    """What became of the request that ended so."""
    match error:
        case StatusError():
            return _by_status(error)
        case Forbidden() | BadRequest() | ChatMigrated():
            return _refused(error)
        case InvalidToken() | EndPointNotFound():
            return SendResult(Outcome.RETRY, code="unauthorized", fault=Fault.ACCOUNT)
        case Conflict():
            return SendResult(Outcome.RETRY, code="conflict", fault=Fault.ACCOUNT)
        case NetworkError() if isinstance(error.__cause__, NEVER_LEFT):
            return SendResult(Outcome.RETRY, code="not_connected", fault=Fault.LINK)
        case _:
            return SendResult(Outcome.UNKNOWN, code="no_answer", fault=Fault.LINK)


def _by_status(error: StatusError) -> SendResult:
    if error.status == THROTTLED:
        return SendResult(Outcome.RETRY, code="throttled", fault=Fault.ACCOUNT, retry_after=error.retry_after)
    if error.status == TOO_LARGE:
        return SendResult(Outcome.REJECTED, code="too_large")
    return SendResult(Outcome.UNKNOWN, code=f"telegram_{error.status}", fault=Fault.LINK)


def _refused(error: TelegramError) -> SendResult:
    """A 403 is always about the recipient, a 400 about either."""
    code = _word(error, REFUSED_RECIPIENT)
    if code or not isinstance(error, BadRequest):
        return SendResult(Outcome.REJECTED, code=code or "blocked", fault=Fault.RECIPIENT)
    return SendResult(Outcome.REJECTED, code=_word(error, REFUSED_MESSAGE) or "telegram_400")


def _word(error: TelegramError, words: Mapping[str, str]) -> str:
    said = error.message.lower()
    return next((code for part, code in words.items() if part in said), "")
