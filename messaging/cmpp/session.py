"""A logged-in CMPP account: agrees on the version, tests a silent link, submits.

Knows no Twisted (`dial` makes the link) and nothing of texts or reports.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from messaging.cmpp import wire
from messaging.cmpp.protocol import CmppProtocol
from messaging.cmpp.wire import Command, Login, SubmitAnswer, Version
from messaging.link import session
from messaging.link.protocol import LinkLostError, NoAnswerError
from messaging.link.session import PAUSES, Pauses, RefusedError
from messaging.link.wire import WireError

# What people read when a login is refused; 5 and above are the gateway's own.
REFUSALS: Mapping[int, str] = {
    Login.BAD_STRUCTURE: "message structure",
    Login.BAD_SOURCE: "unknown sp_id or address not allowed",
    Login.BAD_PROOF: "wrong secret or clock",
    Login.VERSION_TOO_HIGH: "version too high",
}


@dataclass(frozen=True, slots=True)
class Account:
    """`strict`: a gateway that does not know the secret is refused, not only noted."""

    sp_id: str
    secret: str = field(repr=False)
    version: Version = Version.V20
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """Section 6.4: a link silent for C is tested, N times with T (the link's answer limit) between them.

    `submits`: how often a SUBMIT is sent while unanswered.
    """

    idle_s: float = 180.0
    tests: int = 3
    submits: int = 1


TIMING = Timing()


class Session(session.Session[CmppProtocol]):
    """`stamp` gives MMDDHHMMSS of the carrier's clock."""

    def __init__(
        self,
        name: str,
        account: Account,
        dial: Callable[[], Awaitable[CmppProtocol]],
        stamp: Callable[[], str],
        window: int = 16,
        timing: Timing = TIMING,
        pauses: Pauses = PAUSES,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(name, dial, window, pauses, jitter)
        self._account = account
        self._version = account.version
        self._stamp = stamp
        self._timing = timing

    async def submit(self, message: wire.Submit) -> SubmitAnswer:
        """The gateway's answer, whatever its result.

        Nothing was sent: raises `NotBoundError`, or `WireError` for a message that fits no PDU. Sent, outcome
        unknown: `LinkLostError`, or `NoAnswerError`, also for an answer that cannot be read.
        """
        async with self._slot() as link:
            answer = await link.request(Command.SUBMIT, message.encode(link.version), self._timing.submits)
            try:
                return SubmitAnswer.decode(answer.body)
            except WireError as error:
                raise NoAnswerError(str(error)) from None

    async def _log_in(self, link: CmppProtocol) -> None:
        who = self._account
        login = wire.Connect(who.sp_id, who.secret, self._stamp(), self._version)
        link.version = self._version
        reply = await link.request(Command.CONNECT, login.encode())
        answer = wire.ConnectAnswer.decode(reply.body)
        if answer.status == Login.VERSION_TOO_HIGH and self._version > Version.V20:
            self._version = Version.V20
            raise LinkLostError("the gateway speaks 2.0 only: once more with that")
        if answer.status != Login.OK:
            word = REFUSALS.get(answer.status, "the gateway's own")
            raise RefusedError(f"login refused with status {answer.status} ({word})")
        self._check_proof(answer, login)
        link.version = self._common_version(answer)

    def _check_proof(self, answer: wire.ConnectAnswer, login: wire.Connect) -> None:
        """Gateways in use leave it empty or hash other octets, so a wrong one is only noted by default."""
        if answer.is_proof_of(login):
            return
        self._log.warning("cmpp_gateway_proof_wrong")
        if self._account.strict:
            raise RefusedError("the gateway does not prove that it knows the secret")

    def _common_version(self, answer: wire.ConnectAnswer) -> Version:
        """The gateway names the highest it speaks; 2.1 and the like are read as their major version."""
        theirs = answer.version & 0xF0
        return Version.V20 if theirs == Version.V20 else self._version

    async def _stay(self, link: CmppProtocol) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            until_idle = link.heard_at + self._timing.idle_s - clock()
            if until_idle <= 0:
                await link.request(Command.ACTIVE_TEST, tries=self._timing.tests)
                continue
            done, _ = await asyncio.wait([link.lost], timeout=until_idle)
            if done:
                raise LinkLostError(link.lost.result())

    async def _say_goodbye(self, link: CmppProtocol) -> None:
        await link.request(Command.TERMINATE)
