"""A few reused links to the mail server that takes our mails, and what its answers mean.

The commands are given one by one, because only then it is known whether the final dot was written: before
it a lost link is a proof that nothing was taken, after it nobody knows. One mail has one recipient, so there
are no partial refusals.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import aiosmtplib
from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from callcenter.domain.messages import Fault, Outcome, SendResult

GO_AHEAD, TAKEN, CLOSING, TOO_LARGE = 354, 250, 421, 552
FINAL = 500  # and above
IDLE_S = 60.0  # a link that rested longer is made anew: servers drop idle ones without a word
AGAIN = timedelta(minutes=5)  # greylisting lets nobody in before that
GOODBYE_S = 2.0


class Security(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Server:
    """`answer_limit_s` is for each answer; `password` goes over the wire only after the greeting."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    hello: str
    answer_limit_s: float
    tls: ssl.SSLContext | None


@dataclass(frozen=True, slots=True)
class Letter:
    """`data` is dot-stuffed and ends with the final dot."""

    sender: str
    recipient: str
    data: bytes


class _DotWrittenError(Exception):
    """The link was lost or the answer did not come after the whole mail was written."""


class Links:
    """At most `most` links, the one used last first."""

    def __init__(self, server: Server, most: int, clock: Callable[[], float]) -> None:
        self._server = server
        self._room = asyncio.Semaphore(most)
        self._clock = clock
        self._free: list[tuple[SMTP, float]] = []

    async def send(self, letter: Letter) -> SendResult:
        """What became of it; `ref` is left to the caller. Raises nothing but cancellation."""
        try:
            async with self._one() as link:
                return await self._deliver(link, letter)
        except _DotWrittenError:
            return SendResult(Outcome.UNKNOWN, code="no_answer", fault=Fault.LINK)
        except (SMTPException, OSError) as error:
            return fate(error)

    async def close(self) -> None:
        """Say goodbye on links that are free; those in use end with their mail."""
        free, self._free = self._free, []
        async with asyncio.TaskGroup() as group:
            for link, _ in free:
                group.create_task(_goodbye(link))

    @asynccontextmanager
    async def _one(self) -> AsyncIterator[SMTP]:
        """A link for one mail; it is kept only if it is certain where the dialogue stands."""
        async with self._room:
            link = self._rested() or await self._connected()
            try:
                yield link
            except SMTPResponseException as error:
                await self._reset(link, error)
                raise
            except BaseException:
                link.close()
                raise
            self._keep(link)

    def _rested(self) -> SMTP | None:
        while self._free:
            link, used = self._free.pop()
            if link.is_connected and self._clock() - used < IDLE_S:
                return link
            link.close()
        return None

    async def _connected(self) -> SMTP:
        server = self._server
        link = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            local_hostname=server.hello,
            timeout=server.answer_limit_s,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=server.tls,
        )
        await link.connect()
        return link

    def _keep(self, link: SMTP) -> None:
        if link.is_connected:
            self._free.append((link, self._clock()))

    async def _reset(self, link: SMTP, refusal: SMTPResponseException) -> None:
        """A refusal leaves the link good for the next mail; an answer without a number does not."""
        try:
            await link.rset()
        except (SMTPException, OSError):
            link.close()
        if refusal.code > 0:
            self._keep(link)
        else:
            link.close()

    async def _deliver(self, link: SMTP, letter: Letter) -> SendResult:
        size = [f"SIZE={len(letter.data)}"] if link.supports_extension("size") else []
        await link.mail(letter.sender, options=size)
        await link.rcpt(letter.recipient)
        said = await link.execute_command(b"DATA")
        if said.code != GO_AHEAD:
            raise SMTPDataError(said.code, said.message)
        code, words = await self._hand_over(link, letter.data)
        if code != TAKEN:
            raise SMTPDataError(code, words)
        return SendResult(Outcome.ACCEPTED)

    async def _hand_over(self, link: SMTP, data: bytes) -> tuple[int, str]:
        protocol = link.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("lost before the mail was written")
        protocol.write(data)
        try:
            said = await protocol.read_response(timeout=self._server.answer_limit_s)
        except (SMTPException, OSError) as error:
            raise _DotWrittenError from error
        return said.code, said.message


async def _goodbye(link: SMTP) -> None:
    with contextlib.suppress(SMTPException, OSError):
        await link.quit(timeout=GOODBYE_S)
    link.close()


# ----------------------------------------------------------------------------- what answers mean

_UNFIT = SendResult(Outcome.RETRY, code="not_supported", fault=Fault.ACCOUNT)
_LOST = SendResult(Outcome.RETRY, code="not_connected", fault=Fault.LINK)

# about our account, whatever the number says
_BEFORE: Mapping[type[Exception], str] = {SMTPAuthenticationError: "unauthorized", ssl.SSLError: "tls_failed"}


def fate(error: SMTPException | OSError) -> SendResult:
    """What a failure before the final dot, or an answer after it, says about the mail."""
    for kind, code in _BEFORE.items():
        if isinstance(error, kind) or isinstance(error.__cause__, kind):
            return SendResult(Outcome.RETRY, code=code, fault=Fault.ACCOUNT)
    if isinstance(error, SMTPResponseException):
        return _answered(error)
    # the library's plain exception: no STARTTLS there, or no way to log in that both know
    return _UNFIT if type(error) is SMTPException else _LOST


def _answered(error: SMTPResponseException) -> SendResult:
    code = f"smtp_{error.code}"
    if error.code == CLOSING:
        return SendResult(Outcome.RETRY, code=code, fault=Fault.LINK)
    if error.code == TOO_LARGE and not isinstance(error, SMTPRecipientRefused):
        return SendResult(Outcome.REJECTED, code="too_large")
    fault = _whose(error)
    if fault is Fault.ACCOUNT:  # every mail would fail alike, so none is burnt for it
        return SendResult(Outcome.RETRY, code=code, fault=fault)
    if error.code >= FINAL:
        return SendResult(Outcome.REJECTED, code=code, fault=fault)
    return SendResult(Outcome.RETRY, code=code, fault=fault, retry_after=AGAIN)


def _whose(error: SMTPResponseException) -> Fault:
    """The sender is always ourselves; whoever refuses it, or greets us badly, refuses the account."""
    if isinstance(error, SMTPRecipientRefused):
        return Fault.RECIPIENT
    if isinstance(error, SMTPDataError):
        return Fault.MESSAGE
    return Fault.ACCOUNT
