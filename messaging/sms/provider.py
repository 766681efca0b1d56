"""An SMS account at a provider that is spoken to over HTTP: what the cloud providers have in common.

A provider cuts long texts itself, so a message is one part and has one receipt. Requests go out by `_ask`;
receipts and citizens' texts come in by web hooks, are in the books before they are acknowledged, and prove
by a shared word in the address that they come from the provider. Knows no provider's fields.
"""

import asyncio
import hmac
import importlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

import httpx
import structlog
from pydantic import Field, SecretStr

from callcenter.domain.messages import Fault, Inbound, Outbound, Outcome, Part, PlanError, Receipt, SendResult
from callcenter.ports import Clock, Inbox, Rate, WebRequest, WebResponse, WebRoute
from messaging.account import AccountBase, AccountOptions
from messaging.seldom import SeldomLog
from messaging.sms import MEDIUM
from messaging.sms.carrier import NUMBER
from messaging.sms.hooks import HookError

log = structlog.get_logger(__name__)

NOT_CONNECTED = SendResult(Outcome.RETRY, code="not_connected", fault=Fault.LINK)
NO_ANSWER = SendResult(Outcome.UNKNOWN, code="no_answer", fault=Fault.LINK)
# Before one octet of the request was written; whatever else ends a request leaves it in doubt.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
LONGEST_CODE = 40  # what the books hold of one

T = TypeVar("T")


class MissingExtraError(RuntimeError):
    """The settings name a provider whose library is not installed."""


class ProviderOptions(AccountOptions):
    """Settings of an account, whatever the provider."""

    per_second: float = Field(0, ge=0)  # messages; 0 = no limit
    per_recipient_s: float = Field(0, ge=0)  # between two messages to one recipient; 0 = no limit
    answer_limit_s: float = Field(15, gt=0)
    # `?token=` of the addresses that are entered at the provider
    hook_token: Annotated[SecretStr, Field(min_length=16)] | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a provider's error code means. `code` is our word for it in the books."""

    code: str
    outcome: Literal[Outcome.RETRY, Outcome.REJECTED, Outcome.UNKNOWN] = Outcome.REJECTED
    fault: Fault = Fault.MESSAGE
    wait: timedelta | None = None

    def result(self) -> SendResult:
        return SendResult(self.outcome, code=self.code, fault=self.fault, retry_after=self.wait)


# What most providers know under names of their own.
BAD_ADDRESS = Refusal("bad_address", fault=Fault.RECIPIENT)
BLOCKED = Refusal("blocked", fault=Fault.RECIPIENT)  # on a list of people who want no texts
FORBIDDEN_WORDS = Refusal("forbidden_words")
BAD_TEMPLATE = Refusal("template_refused")  # not filed, stopped, or its parameters do not fit
TOO_LONG = Refusal("too_long")
THROTTLED = Refusal("throttled", Outcome.RETRY, Fault.ACCOUNT)
TOO_MANY_TO_ONE = Refusal("recipient_throttled", Outcome.RETRY, Fault.RECIPIENT, timedelta(hours=1))
# the account's own affairs: every message would fail alike, so none is burnt for them
ACCOUNT_REFUSED = Refusal("account_refused", Outcome.RETRY, Fault.ACCOUNT)
SIGNATURE_REFUSED = Refusal("signature_refused", Outcome.RETRY, Fault.ACCOUNT)
NO_BALANCE = Refusal("no_balance", Outcome.RETRY, Fault.ACCOUNT)
QUOTA_USED = Refusal("quota_used", Outcome.RETRY, Fault.ACCOUNT, timedelta(hours=1))
PROVIDER_TROUBLE = Refusal("provider_trouble", Outcome.RETRY)
REFUSALS: Mapping[str, Refusal] = {
    one.code: one
    for one in (
        BAD_ADDRESS,
        BLOCKED,
        FORBIDDEN_WORDS,
        BAD_TEMPLATE,
        TOO_LONG,
        THROTTLED,
        TOO_MANY_TO_ONE,
        ACCOUNT_REFUSED,
        SIGNATURE_REFUSED,
        NO_BALANCE,
        QUOTA_USED,
        PROVIDER_TROUBLE,
    )
}


class ProviderAccount(AccountBase, ABC):
    """Base of the channels. `thanks` is what the provider takes for an acknowledgement."""

    medium = MEDIUM
    thanks = WebResponse()

    def __init__(self, name: str, options: ProviderOptions, inbox: Inbox, clock: Clock) -> None:
        super().__init__(name, Rate(options.per_second, options.per_recipient_s))
        self._inbox = inbox
        self._clock = clock
        self._hook_token = options.hook_token
        self._trouble = ""
        self._log = SeldomLog(account=name)

    @property
    def trouble(self) -> str:
        """What the last request failed by, where that was the account's or the line's fault."""
        return self._trouble

    # ------------------------------------------------------------------- out

    def plan(self, message: Outbound) -> Sequence[Part]:
        if not NUMBER.fullmatch(message.to):
            raise PlanError("bad_address", Fault.RECIPIENT)
        return [Part(0, self._content(message))]

    @abstractmethod
    def _content(self, message: Outbound) -> Any:
        """What `_ask` needs of the message. Pure; raises `PlanError`."""

    async def send(self, message: Outbound, part: Part) -> SendResult:  # noqa: ARG002  # planned already
        result = await self._ask(part.content)
        ours = result.outcome is not Outcome.ACCEPTED and result.fault in {Fault.ACCOUNT, Fault.LINK}
        self._trouble = result.code if ours else ""
        return result

    @abstractmethod
    async def _ask(self, content: Any) -> SendResult: ...

    def _refused(self, refusals: Mapping[str, Refusal], code: str, provider: str) -> SendResult:
        """Our word goes into the books and theirs into the log; an unknown one into both. An answer without
        any code says nothing.
        """
        if not code:
            return NO_ANSWER
        log.info("sms_refused", account=self.name, code=code)
        return refusals.get(code, Refusal(f"{provider}_{code}"[:LONGEST_CODE])).result()

    # ------------------------------------------------------------------- in

    def routes(self) -> Sequence[WebRoute]:
        """None without a token: nobody could be told from the provider."""
        if self._hook_token is None:
            return ()
        return (WebRoute("POST", "receipts", self._on_receipts), WebRoute("POST", "texts", self._on_texts))

    def _is_the_providers(self, request: WebRequest) -> bool:
        given, expected = request.query.get("token", ""), self._hook_token
        return expected is not None and hmac.compare_digest(
            given.encode(), expected.get_secret_value().encode()
        )

    @abstractmethod
    def _receipts_in(self, request: WebRequest) -> Iterator[Receipt | None]:
        """None for what is no final report. Raises `HookError`."""

    @abstractmethod
    def _texts_in(self, request: WebRequest) -> Iterator[Inbound]:
        """Raises `HookError`."""

    async def _on_receipts(self, request: WebRequest) -> WebResponse:
        async def keep(receipts: Sequence[Receipt | None]) -> None:
            await asyncio.gather(*(self._inbox.receipt(one) for one in receipts if one is not None))

        return await self._take(request, self._receipts_in, keep)

    async def _on_texts(self, request: WebRequest) -> WebResponse:
        async def keep(texts: Sequence[Inbound]) -> None:
            for one in texts:  # in the order in which they were sent
                await self._inbox.accept(one)

        return await self._take(request, self._texts_in, keep)

    async def _take(
        self,
        request: WebRequest,
        read: Callable[[WebRequest], Iterator[T]],
        keep: Callable[[Sequence[T]], Awaitable[None]],
    ) -> WebResponse:
        """Check, read, commit, then acknowledge. Whatever fails on our side is asked for again by 503."""
        if not self._is_the_providers(request):
            self._log.warning("sms_hook_not_the_providers")
            return WebResponse(403)
        try:
            found = list(read(request))
        except HookError as error:
            self._log.warning("sms_hook_unreadable", reason=str(error))
            return WebResponse(400)
        try:
            await keep(found)
        except Exception:  # noqa: BLE001  # logged below
            self._log.exception("sms_hook_not_stored")
            return WebResponse(503)
        return self.thanks


def after_failure(error: Exception) -> SendResult:
    """What an HTTP request that has no answer says of the message."""
    return NOT_CONNECTED if isinstance(error, NEVER_SENT) else NO_ANSWER


def library(module: str, extra: str, account: str) -> Any:
    """A provider's own library. Raises `MissingExtraError` that says what to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"account {account!r} needs the extra {extra!r}: install hotline-12345[{extra}]"
        ) from error
