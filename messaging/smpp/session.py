"""A bound SMPP account: binds, keeps alive, submits.

Knows no Twisted (`dial` makes the link) and nothing of texts or receipts: PDUs go through as they are.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from messaging.link import session
from messaging.link.protocol import LinkLostError
from messaging.link.session import PAUSES, Pauses, RefusedError
from messaging.smpp import wire
from messaging.smpp.protocol import Serve, SmppProtocol
from messaging.smpp.wire import Command, Pdu, Status

Dial = Callable[[Serve], Awaitable[SmppProtocol]]


@dataclass(frozen=True, slots=True)
class Credentials:
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""


class Session(session.Session[SmppProtocol]):
    """`enquire_every_s` is the timer of section 7.2."""

    def __init__(
        self,
        name: str,
        credentials: Credentials,
        dial: Dial,
        serve: Serve,
        window: int = 10,
        enquire_every_s: float = 30.0,
        pauses: Pauses = PAUSES,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(name, lambda: dial(serve), window, pauses, jitter)
        self._credentials = credentials
        self._enquire_every_s = enquire_every_s

    async def submit(self, message: wire.Message) -> Pdu:
        """The SMSC's answer, whatever its status.

        Raises `NotBoundError` when nothing was sent; `LinkLostError` or `NoAnswerError` when it was sent
        and the outcome is unknown.
        """
        async with self._slot() as link:
            answer = await link.request(Command.SUBMIT_SM, message.encode())
            if answer.status == Status.NOT_BOUND:
                link.abort()  # the SMSC forgot our bind: begin anew
            return answer

    async def _log_in(self, link: SmppProtocol) -> None:
        who = self._credentials
        bind = wire.Bind(who.system_id, who.password, who.system_type)
        answer = await link.request(Command.BIND_TRANSCEIVER, bind.encode())
        if answer.status != Status.OK:
            raise RefusedError(f"bind refused with status {answer.status:#x}")

    async def _stay(self, link: SmppProtocol) -> None:
        """Ask every so often; an unanswered question ends the link."""
        while True:
            done, _ = await asyncio.wait([link.lost], timeout=self._enquire_every_s)
            if done:
                raise LinkLostError(link.lost.result())
            await link.request(Command.ENQUIRE_LINK)

    async def _say_goodbye(self, link: SmppProtocol) -> None:
        await link.request(Command.UNBIND)  # 2.2.3
