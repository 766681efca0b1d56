"""SMS through a carrier's gateway by CMPP 2.0 or 3.0: what result codes mean to the hotline, and the way in
and out.

Foreign words (results, formats, reports) end here; the core sees outcomes, receipts and inbound messages.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from callcenter.domain.extensions import extension
from callcenter.domain.messages import Fault, Outbound, Outcome, Receipt, SendResult
from callcenter.ports import Channel
from messaging.channels import Surroundings
from messaging.cmpp import wire
from messaging.cmpp.ids import reference
from messaging.cmpp.protocol import dial
from messaging.cmpp.session import Account, Session, Timing
from messaging.cmpp.wire import Pdu, Result, Tariff, Version
from messaging.link.wire import WireError
from messaging.sms import reports, text
from messaging.sms.carrier import Arrived, CarrierAccount, CarrierOptions
from messaging.sms.numbers import person
from messaging.sms.text import Coding, Segment

# What a refused SUBMIT means. Whatever is not here is a fault of the message and final.
REFUSALS: Mapping[int, tuple[Outcome, Fault]] = {
    Result.FLOW_CONTROL: (Outcome.RETRY, Fault.ACCOUNT),
    # the account's own fields: every message would fail alike, so none is burnt for them
    Result.BAD_TARIFF: (Outcome.RETRY, Fault.ACCOUNT),
    Result.BAD_SERVICE: (Outcome.RETRY, Fault.ACCOUNT),
    Result.BAD_SOURCE: (Outcome.RETRY, Fault.ACCOUNT),
    Result.BAD_PROVIDER: (Outcome.RETRY, Fault.ACCOUNT),
    Result.BAD_PAYER: (Outcome.RETRY, Fault.ACCOUNT),
    Result.REPEATED_SEQUENCE: (Outcome.RETRY, Fault.MESSAGE),
    Result.NOT_SERVED: (Outcome.REJECTED, Fault.RECIPIENT),
    Result.BAD_DESTINATION: (Outcome.REJECTED, Fault.RECIPIENT),
}
VERSIONS = {"2.0": Version.V20, "3.0": Version.V30}
SOURCE_DIGITS = 21


class Options(CarrierOptions):
    """Settings of one account at a gateway."""

    port: int = 7890
    version: Literal["2.0", "3.0"] = "2.0"
    sp_id: str = Field(pattern=r"^[!-~]{1,6}$")
    secret: SecretStr
    source: str = Field(pattern=r"^[0-9]{1,21}$")  # the number the citizen sees and answers to
    extension_digits: int = Field(0, ge=0, le=9)  # free digits behind it, one extension per message
    service_id: str = Field("", pattern=r"^[!-~]{0,10}$")
    fee_type: str = Field("01", pattern=r"^[0-9]{2}$")
    fee_code: str = Field("000000", pattern=r"^[0-9]{6}$")
    window: int = Field(16, ge=1)
    idle_s: float = Field(60, gt=0)
    link_tests: int = Field(3, ge=1)
    submits: int = Field(1, ge=1, le=3)
    strict_login: bool = False

    @model_validator(mode="after")
    def _source_fits(self) -> Self:
        if len(self.source) + self.extension_digits > SOURCE_DIGITS:
            raise ValueError(f"source and extension_digits are more than {SOURCE_DIGITS} digits together")
        return self


class SmsCmppChannel(CarrierAccount):
    """Implements `callcenter.ports.Channel`."""

    alone: ClassVar[Mapping[Coding, int]] = {**text.ALONE, Coding.DEFAULT: wire.MAX_ASCII}
    _session: Session

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        super().__init__(name, options, around.inbox, around.fragments, around.clock)
        self._options = options
        self._tariff = Tariff(options.service_id, options.fee_type, options.fee_code)
        secret, version = options.secret.get_secret_value(), VERSIONS[options.version]
        self._session = Session(
            name,
            Account(options.sp_id, secret, version, options.strict_login),
            partial(dial, around.reactor, options.host, options.port, options.answer_limit_s, self._serve),
            lambda: self._local().strftime("%m%d%H%M%S"),
            options.window,
            Timing(options.idle_s, options.link_tests, options.submits),
        )

    def _local(self) -> datetime:
        return self._clock.now().astimezone(self._options.zone)

    # ------------------------------------------------------------------- out

    async def _submit(self, message: Outbound, segment: Segment) -> SendResult:
        return self._result(await self._session.submit(self._pdu(message, segment)))

    def _pdu(self, message: Outbound, segment: Segment) -> wire.Submit:
        options = self._options
        place = text.split_header(segment.payload)[0] if segment.has_header else None
        return wire.Submit(
            sp_id=options.sp_id,
            source=options.source + extension(message.id, options.extension_digits),
            destination=message.to,
            payload=segment.payload,
            message_format=segment.coding,
            has_header=segment.has_header,
            total=place.total if place else 1,
            number=place.number if place else 1,
            tariff=self._tariff,
        )

    def _result(self, answer: wire.SubmitAnswer) -> SendResult:
        if answer.result == Result.OK:
            return SendResult(Outcome.ACCEPTED, self._ref(answer))
        outcome, fault = REFUSALS.get(answer.result, (Outcome.REJECTED, Fault.MESSAGE))
        if answer.result == Result.REPEATED_SEQUENCE and self._options.submits > 1:
            outcome = Outcome.UNKNOWN  # our own repeat: the first one was taken, its answer is lost
        return SendResult(outcome, code=f"cmpp_{answer.result}", fault=fault)

    def _ref(self, answer: wire.SubmitAnswer) -> str:
        """'' when the gateway gave no id: the report is then found by the recipient."""
        return reference(answer.message_id, self._local()) if answer.message_id else ""

    # ------------------------------------------------------------------- in

    async def _serve(self, pdu: Pdu, version: Version) -> Pdu:
        """Answer to DELIVER. An exception becomes silence in the protocol: the gateway sends it again."""
        result = Result.OK
        try:
            message = wire.Deliver.decode(pdu.body, version)
            await (self._report(message) if message.is_report else self._inbound(message, pdu.body))
        except WireError as error:
            self._log.warning("cmpp_bad_message", reason=str(error))
            result = Result.BAD_STRUCTURE
        return pdu.answer(wire.deliver_answer(pdu.body[:8], result, version))

    async def _report(self, message: wire.Deliver) -> None:
        report = wire.Report.decode(message.content)
        state = reports.state(report.stat.upper())
        if state is None:
            self._log.warning("cmpp_report_not_final", stat=report.stat)
            return
        receipt = Receipt(
            account=self.name,
            provider_ref=reference(report.message_id, self._local()),
            state=state,
            code=report.stat,
            at=reports.moment(report.done, self._options.zone) or self._clock.now(),
            recipient=person(report.recipient),
        )
        await self._inbox.receipt(receipt)

    async def _inbound(self, message: wire.Deliver, body: bytes) -> None:
        named = message.message_id > 0
        sighting = self._repeats.see(body, self._session.links, self._clock.now(), named=named)
        key = reference(message.message_id, self._local()) if named else sighting.key
        place, payload = _split(message)
        arrived = Arrived(message.sender, message.to, _coding(message), place, payload)
        await self._take_in(arrived, sighting, key)


def _split(message: wire.Deliver) -> tuple[text.Place | None, bytes]:
    """Place in a long message (None = it stands alone) and the payload without header."""
    return text.split_header(message.content) if message.has_header else (None, message.content)


def _coding(message: wire.Deliver) -> int:
    """Msg_Fmt 0 is ASCII here, of which GB is a superset, and some gateways mark GB text as 0."""
    return message.message_format or Coding.GBK


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    return SmsCmppChannel(name, Options.model_validate(options), around)
