"""SMS through an SMSC by SMPP 3.4: what status codes mean to the hotline, and the way in and out.

Foreign words (statuses, codings, TLVs) end here; the core sees outcomes, receipts and inbound messages.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import Field, SecretStr

from callcenter.domain.messages import Fault, Outbound, Outcome, Receipt, SendResult
from callcenter.ports import Channel
from messaging.channels import Surroundings
from messaging.link.wire import WireError
from messaging.smpp import parts, receipts, wire
from messaging.smpp.protocol import dial
from messaging.smpp.receipts import IdBase
from messaging.smpp.session import Credentials, Session
from messaging.smpp.wire import Command, Pdu, Status
from messaging.sms.carrier import Arrived, CarrierAccount, CarrierOptions
from messaging.sms.numbers import person
from messaging.sms.text import Segment

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


class Options(CarrierOptions):
    """Settings of one account at an SMSC."""

    port: int = 2775
    system_id: str = Field(max_length=15)
    password: SecretStr = Field(max_length=8)
    system_type: str = Field("", max_length=12)
    source: str = Field(pattern=r"^[ -~]{1,20}$")  # the number the citizen sees and answers to
    source_ton: int = 0
    source_npi: int = 0
    destination_ton: int = 0
    destination_npi: int = 1
    enquire_every_s: float = Field(30, gt=0)
    answer_ids: IdBase = IdBase.HEX
    receipt_ids: IdBase = IdBase.HEX


class SmsSmppChannel(CarrierAccount):
    """Implements `callcenter.ports.Channel`."""

    _session: Session

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        super().__init__(name, options, around.inbox, around.fragments, around.clock)
        self._options = options
        self._session = Session(
            name,
            Credentials(options.system_id, options.password.get_secret_value(), options.system_type),
            partial(dial, around.reactor, options.host, options.port, options.answer_limit_s),
            self._serve,
            options.window,
            options.enquire_every_s,
        )

    # ------------------------------------------------------------------- out

    async def _submit(self, message: Outbound, segment: Segment) -> SendResult:
        return self._result(await self._session.submit(self._pdu(message.to, segment)))

    def _pdu(self, to: str, segment: Segment) -> wire.Message:
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
            return SendResult(Outcome.ACCEPTED, self._ref(answer))
        outcome, fault = REFUSALS.get(answer.status, (Outcome.REJECTED, Fault.MESSAGE))
        return SendResult(outcome, code=f"smpp_{answer.status:#x}", fault=fault)

    def _ref(self, answer: Pdu) -> str:
        """'' when the SMSC gave no id: the receipt is then found by the recipient."""
        try:
            raw = wire.message_id(answer.body)
        except WireError:
            raw = ""
        return receipts.normal_id(raw, self._options.answer_ids) if raw else ""

    # ------------------------------------------------------------------- in

    async def _serve(self, pdu: Pdu) -> Pdu:
        """Answer to a request of the SMSC. An exception becomes "try again later" in the protocol."""
        if pdu.command != Command.DELIVER_SM:
            return Pdu(Command.GENERIC_NACK, pdu.sequence, Status.UNKNOWN_COMMAND)
        try:
            message = wire.Message.decode(pdu.body)
        except WireError as error:
            self._log.warning("smpp_bad_message", reason=str(error))
            return pdu.answer(Status.INVALID_LENGTH)
        if receipts.is_receipt(message):
            await self._receipt(message)
        else:
            await self._inbound(message, pdu.body)
        return pdu.answer(Status.OK, wire.NO_MESSAGE_ID)

    async def _receipt(self, message: wire.Message) -> None:
        report = receipts.parse(message, self._options.zone)
        if report is None or report.state is None:
            self._log.warning("smpp_receipt_not_final", readable=report is not None)
            return
        receipt = Receipt(
            account=self.name,
            provider_ref=receipts.normal_id(report.message_id, self._options.receipt_ids),
            state=report.state,
            code=report.code,
            at=report.done_at or self._clock.now(),
            recipient=person(message.source.digits),
        )
        await self._inbox.receipt(receipt)

    async def _inbound(self, message: wire.Message, body: bytes) -> None:
        sighting = self._repeats.see(body, self._session.links, self._clock.now())
        place, payload = parts.split(message)
        sender, to = message.source.digits, message.destination.digits
        await self._take_in(Arrived(sender, to, message.data_coding, place, payload), sighting, sighting.key)


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    return SmsSmppChannel(name, Options.model_validate(options), around)
