"""An account at a carrier whose link carries short messages both ways: what CMPP and SMPP have in common.

A protocol says how one segment is submitted and what its PDUs mean; planning, what became of a link in the
middle of a request, repeats and parts of what citizens send are the same for all. Knows no PDU.
"""

import asyncio
import re
import zlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field

from callcenter.domain.messages import (
    Fault,
    Fragment,
    FragmentSeries,
    Inbound,
    Outbound,
    Outcome,
    Part,
    PlanError,
    SendResult,
)
from callcenter.ports import Clock, Fragments, Inbox, Rate
from messaging.account import AccountBase, AccountOptions
from messaging.link.protocol import LinkLostError, NoAnswerError
from messaging.link.session import NotBoundError, Session
from messaging.seldom import SeldomLog
from messaging.sms import MEDIUM, text
from messaging.sms.numbers import person
from messaging.sms.reassembly import Reassembly
from messaging.sms.repeats import Repeats, Sighting
from messaging.sms.text import Coding, Place, Segment

DRAIN_S = 10.0
NUMBER = re.compile(r"\+?[0-9]{3,20}")  # fits the address field of both protocols


class CarrierOptions(AccountOptions):
    """Settings of an account at a carrier, whatever the protocol."""

    host: str
    window: int = Field(10, ge=1)  # requests without an answer
    per_second: float = Field(0, ge=0)  # short messages that the contract allows; 0 = no limit
    answer_limit_s: float = Field(30, gt=0)
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")  # of the carrier's clock


@dataclass(frozen=True, slots=True)
class Arrived:
    """A citizen's short message. `place` None = it is no part of a longer one; `payload` has no header."""

    sender: str
    to: str
    coding: int
    place: Place | None
    payload: bytes


class CarrierAccount(AccountBase, ABC):
    """Base of the channels; a subclass makes `_session`."""

    medium = MEDIUM
    alone: ClassVar[Mapping[Coding, int]] = text.ALONE
    _session: Session[Any]

    def __init__(
        self, name: str, options: CarrierOptions, inbox: Inbox, fragments: Fragments, clock: Clock
    ) -> None:
        super().__init__(name, Rate(per_second=options.per_second, window=options.window))
        self._inbox = inbox
        self._clock = clock
        self._reassembly = Reassembly(fragments, inbox)
        self._repeats = Repeats()
        self._sweeper: asyncio.Task[None] | None = None
        self._log = SeldomLog(account=name)

    @property
    def trouble(self) -> str:
        return "" if self._session.bound else self._session.why_down

    @property
    def ready(self) -> bool:
        return self._session.bound

    async def open(self) -> None:
        self._session.start()
        self._sweeper = asyncio.create_task(self._reassembly.keep_sweeping(self.name, self._clock))

    async def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
        await self._session.close(DRAIN_S)

    # ------------------------------------------------------------------- out

    def plan(self, message: Outbound) -> Sequence[Part]:
        if not NUMBER.fullmatch(message.to):
            raise PlanError("bad_address", Fault.RECIPIENT)
        if not message.text:
            raise PlanError("no_text")
        try:
            segments = text.segments(message.text, joint(message.id), self.alone)
        except text.TextTooLongError:
            raise PlanError("too_long") from None
        return [Part(number, segment) for number, segment in enumerate(segments)]

    async def send(self, message: Outbound, part: Part) -> SendResult:
        try:
            return await self._submit(message, part.content)
        except NotBoundError as error:
            fault = Fault.ACCOUNT if error.refused else Fault.LINK
            pause = timedelta(seconds=error.retry_after_s)
            return SendResult(Outcome.RETRY, code="not_bound", fault=fault, retry_after=pause)
        except NoAnswerError:
            # a peer that says nothing would bring every message into doubt: the account rests
            return SendResult(Outcome.UNKNOWN, code="no_answer", fault=Fault.LINK)
        except LinkLostError:
            return SendResult(Outcome.UNKNOWN, code="link_lost", fault=Fault.LINK)

    @abstractmethod
    async def _submit(self, message: Outbound, segment: Segment) -> SendResult:
        """What the carrier said to one segment. Raises as the session does."""

    # ------------------------------------------------------------------- in

    async def _take_in(self, arrived: Arrived, sighting: Sighting, key: str) -> None:
        """Commit, then acknowledge: returning is what lets the answer go out."""
        async with sighting.turn:
            if sighting.handled is not None:
                return
            if arrived.place is None:
                await self._inbox.accept(self._whole(arrived, key))
            else:
                await self._reassembly.add(self._fragment(arrived, arrived.place))
            sighting.handled = self._clock.now()

    def _whole(self, arrived: Arrived, key: str) -> Inbound:
        return Inbound(
            channel=MEDIUM,
            account=self.name,
            event_key=key,
            sender=person(arrived.sender),
            text=text.decode(arrived.payload, arrived.coding),
            to=arrived.to,
        )

    def _fragment(self, arrived: Arrived, place: Place) -> Fragment:
        sender = person(arrived.sender)
        series = FragmentSeries(self.name, sender, arrived.to, place.reference, place.total)
        return Fragment(series, place.number, arrived.coding, arrived.payload, self._clock.now())


def joint(message_id: str) -> int:
    """The octet by which a handset joins the parts of one text: the same for every try of the message, so
    that a part sent again after a restart finds the others.
    """
    return zlib.crc32(message_id.encode()) % 256
