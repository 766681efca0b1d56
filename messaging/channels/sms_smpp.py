"""SMS through an SMSC by SMPP 3.4: what status codes mean to the hotline, and the way in and out.

Foreign words (statuses, codings, TLVs) end here; the core sees outcomes, receipts and inbound messages.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from callcenter.domain.messages import (
    Fault,
    Fragment,
    FragmentSeries,
    Inbound,
    Outbound,
    Outcome,
    Receipt,
    SendResult,
)
from callcenter.ports import Channel
from messaging.channels import Surroundings
from messaging.link.protocol import LinkLostError, NoAnswerError
from messaging.link.session import NotBoundError
from messaging.link.wire import WireError
from messaging.smpp import parts, receipts, wire
from messaging.smpp.protocol import dial
from messaging.smpp.receipts import IdBase
from messaging.smpp.session import Credentials, Session
from messaging.smpp.wire import Command, Pdu, Status
from messaging.sms import text
from messaging.sms.numbers import person
from messaging.sms.outgoing import References, send_parts
from messaging.sms.reassembly import Reassembly
from messaging.sms.repeats import Repeats

log = structlog.get_logger(__name__)

# What a refused submit_sm means. Whatever is not here is a fault of the message and final.
REFUSALS: Mapping[int, tuple[Outcome, Fault]] = {
    Status.THROTTLED: (Outcome.RETRY, Fault.ACCOUNT),
    Status.QUEUE_FULL: (Outcome.RETRY, Fault.ACCOUNT),
    # our own number: every message would fail alike, so none is burnt for it
    Status.INVALID_SOURCE: (Outcome.RETRY, Fault.ACCOUNT),
    Status.NOT_BOUND: (Outcome.RETRY, Fault.LINK),
    Status.SYSTEM_ERROR: (Outcome.RETRY, Fault.MESSAGE),
    Status.SUBMIT_FAILED: (Outcome.RETRY, Fault.MESSAGE),
    Status.TEMPORARY_FAILURE: (Outcome.RETRY, Fault.MESSAGE),
    Status.INVALID_DESTINATION: (Outcome.REJECTED, Fault.RECIPIENT),
}
RECEIPT_WANTED = 1
DRAIN_S = 10.0


class Options(BaseModel):
    """Settings of one account at an SMSC."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int = 2775
    system_id: str = Field(max_length=15)
    password: SecretStr = Field(max_length=8)
    system_type: str = Field("", max_length=12)
    source: str = Field(max_length=20)  # the number the citizen sees and answers to
    source_ton: int = 0
    source_npi: int = 0
    destination_ton: int = 0
    destination_npi: int = 1
    window: int = Field(10, ge=1)
    answer_limit_s: float = 30.0
    enquire_every_s: float = 30.0
    answer_ids: IdBase = IdBase.HEX
    receipt_ids: IdBase = IdBase.HEX
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")  # of the dates in receipts


class SmsSmppChannel:
    """Implements `callcenter.ports.Channel`."""

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        self.name = name
        self._options = options
        self._inbox = around.inbox
        self._clock = around.clock
        self._reassembly = Reassembly(around.fragments, around.inbox)
        self._repeats = Repeats()
        self._references = References()
        self._session = Session(
            name,
            Credentials(options.system_id, options.password.get_secret_value(), options.system_type),
            partial(dial, around.reactor, options.host, options.port, options.answer_limit_s),
            self._serve,
            options.window,
            options.enquire_every_s,
        )
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str:
        """Why nothing can be sent now; '' when bound."""
        return "" if self._session.bound else self._session.why_down

    async def open(self) -> None:
        self._session.start()
        self._sweeper = asyncio.create_task(self._reassembly.keep_sweeping(self.name, self._clock))

    async def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
        await self._session.close(DRAIN_S)

    # ------------------------------------------------------------------- out

    async def send(self, message: Outbound) -> SendResult:
        try:
            segments = text.segments(message.text, self._references.next(message.to))
        except text.TextTooLongError:
            return SendResult(Outcome.REJECTED, code="too_long")
        return await send_parts(segments, partial(self._submit, message.to))

    async def _submit(self, to: str, segment: text.Segment) -> SendResult:
        try:
            answer = await self._session.submit(self._message(to, segment))
            return self._result(answer)
        except NotBoundError as error:
            fault = Fault.ACCOUNT if error.refused else Fault.LINK
            pause = timedelta(seconds=error.retry_after_s)
            return SendResult(Outcome.RETRY, code="not_bound", fault=fault, retry_after=pause)
        except NoAnswerError:
            return SendResult(Outcome.UNKNOWN, code="no_answer")
        except LinkLostError:
            return SendResult(Outcome.UNKNOWN, code="link_lost", fault=Fault.LINK)
        except WireError:
            return SendResult(Outcome.REJECTED, code="bad_address", fault=Fault.RECIPIENT)

    def _message(self, to: str, segment: text.Segment) -> wire.Message:
        options = self._options
        return wire.Message(
            source=wire.Party(options.source, options.source_ton, options.source_npi),
            destination=wire.Party(to, options.destination_ton, options.destination_npi),
            payload=segment.payload,
            data_coding=segment.coding,
            esm_class=parts.HEADER_INDICATOR if segment.has_header else 0,
            registered_delivery=RECEIPT_WANTED,
        )

    def _result(self, answer: Pdu) -> SendResult:
        if answer.status == Status.OK:
            return SendResult(Outcome.ACCEPTED, self._references_of(answer))
        outcome, fault = REFUSALS.get(answer.status, (Outcome.REJECTED, Fault.MESSAGE))
        return SendResult(outcome, code=f"{answer.status:#010x}", fault=fault)

    def _references_of(self, answer: Pdu) -> tuple[str, ...]:
        """The part's id; none when the SMSC gave none, then its receipt is found by the recipient."""
        try:
            raw = wire.message_id(answer.body)
        except WireError:
            raw = ""
        return (receipts.normal_id(raw, self._options.answer_ids),) if raw else ()

    # ------------------------------------------------------------------- in

    async def _serve(self, pdu: Pdu) -> Pdu:
        """Answer to a request of the SMSC. An exception becomes "try again later" in the protocol."""
        if pdu.command != Command.DELIVER_SM:
            return Pdu(Command.GENERIC_NACK, pdu.sequence, Status.UNKNOWN_COMMAND)
        try:
            message = wire.Message.decode(pdu.body)
        except WireError as error:
            log.warning("smpp_bad_message", channel=self.name, reason=str(error))
            return pdu.answer(Status.INVALID_LENGTH)
        if receipts.is_receipt(message):
            await self._receipt(message)
        else:
            await self._inbound(message, pdu.body)
        return pdu.answer(Status.OK, wire.NO_MESSAGE_ID)

    async def _receipt(self, message: wire.Message) -> None:
        report = receipts.parse(message, self._options.zone)
        if report is None or report.state is None:
            log.info("smpp_receipt_without_result", channel=self.name, readable=report is not None)
            return
        receipt = Receipt(
            channel=self.name,
            provider_ref=receipts.normal_id(report.message_id, self._options.receipt_ids),
            state=report.state,
            code=report.code,
            at=report.done_at or self._clock.now(),
            recipient=person(message.source.digits),
        )
        await self._inbox.receipt(receipt)

    async def _inbound(self, message: wire.Message, body: bytes) -> None:
        """Commit, then acknowledge: returning is what lets the answer go out."""
        sighting = self._repeats.see(body, self._session.links, self._clock.now())
        async with sighting.turn:
            if sighting.handled is not None:
                return
            place, payload = parts.split(message)
            if place is None:
                await self._inbox.accept(self._whole(message, payload, sighting.key))
            else:
                await self._reassembly.add(self._fragment(message, place, payload))
            sighting.handled = self._clock.now()

    def _whole(self, message: wire.Message, payload: bytes, key: str) -> Inbound:
        return Inbound(
            channel=self.name,
            event_key=key,
            sender=person(message.source.digits),
            text=text.decode(payload, message.data_coding),
            to=message.destination.digits,
        )

    def _fragment(self, message: wire.Message, place: text.Place, payload: bytes) -> Fragment:
        series = FragmentSeries(
            channel=self.name,
            sender=person(message.source.digits),
            to=message.destination.digits,
            reference=place.reference,
            total=place.total,
        )
        return Fragment(series, place.number, message.data_coding, payload, self._clock.now())


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    return SmsSmppChannel(name, Options.model_validate(options), around)
