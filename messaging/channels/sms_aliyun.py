"""SMS through Alibaba Cloud (阿里云短信服务, API Dysmsapi 2017-05-25) by its own library, the extra `aliyun`.

Sends filed templates only: the provider writes the text from the template's code and parameters, in front of
it the signature. Error codes: help.aliyun.com, "API错误码"; web hooks: "SmsReport", "SmsUp" (HTTP批量推送).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr

from callcenter.domain.messages import (
    DeliveryState,
    Inbound,
    Outbound,
    Outcome,
    PlanError,
    Receipt,
    SendResult,
)
from callcenter.ports import Channel, WebRequest, WebResponse
from messaging.channels import Surroundings
from messaging.sms import MEDIUM, hooks
from messaging.sms.numbers import person
from messaging.sms.provider import (
    ACCOUNT_REFUSED,
    BAD_ADDRESS,
    BAD_TEMPLATE,
    BLOCKED,
    FORBIDDEN_WORDS,
    LONGEST_CODE,
    NO_ANSWER,
    NO_BALANCE,
    NOT_CONNECTED,
    PROVIDER_TROUBLE,
    QUOTA_USED,
    SIGNATURE_REFUSED,
    THROTTLED,
    TOO_LONG,
    TOO_MANY_TO_ONE,
    ProviderAccount,
    ProviderOptions,
    Refusal,
    library,
)

EXTRA = "aliyun"
SERVER_ERROR = 500
BEIJING = ZoneInfo("Asia/Shanghai")  # of every time in a hook

REFUSALS: Mapping[str, Refusal] = {
    "isv.MOBILE_NUMBER_ILLEGAL": BAD_ADDRESS,
    "isv.BUSINESS_LIMIT_CONTROL": TOO_MANY_TO_ONE,  # see PERIODS
    "isv.BLACK_KEY_CONTROL_LIMIT": BLOCKED,
    "isv.CUSTOMER_REFUSED": BLOCKED,
    "isv.SMS_TEMPLATE_ILLEGAL": BAD_TEMPLATE,
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": BAD_TEMPLATE,
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": BAD_TEMPLATE,  # filed for numbers abroad
    "isv.TEMPLATE_MISSING_PARAMETERS": BAD_TEMPLATE,
    "isv.TEMPLATE_PARAMS_ILLEGAL": BAD_TEMPLATE,
    "isv.INVALID_PARAMETERS": BAD_TEMPLATE,
    "isv.INVALID_JSON_PARAM": BAD_TEMPLATE,
    "isv.PARAM_NOT_SUPPORT_URL": BAD_TEMPLATE,
    "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE": BAD_TEMPLATE,
    "isv.PARAM_LENGTH_LIMIT": TOO_LONG,
    "isv.SMS_CONTENT_ILLEGAL": FORBIDDEN_WORDS,
    "isv.UNSUPPORTED_CONTENT": FORBIDDEN_WORDS,
    "isv.AMOUNT_NOT_ENOUGH": NO_BALANCE,
    "isv.OUT_OF_SERVICE": NO_BALANCE,
    "isv.DAY_LIMIT_CONTROL": QUOTA_USED,
    "isv.MONTH_LIMIT_CONTROL": QUOTA_USED,
    "isv.SMS_SIGNATURE_ILLEGAL": SIGNATURE_REFUSED,
    "isv.SMS_SIGN_ILLEGAL": SIGNATURE_REFUSED,
    "isv.SIGN_STATE_ILLEGAL": SIGNATURE_REFUSED,
    "isv.ACCOUNT_NOT_EXISTS": ACCOUNT_REFUSED,
    "isv.ACCOUNT_ABNORMAL": ACCOUNT_REFUSED,
    "isv.SECURITY_FROZEN_ACCOUNT": ACCOUNT_REFUSED,
    "isv.PRODUCT_UN_SUBSCRIPT": ACCOUNT_REFUSED,
    "isv.PRODUCT_UNSUBSCRIBE": ACCOUNT_REFUSED,
    "isv.DENY_IP_RANGE": ACCOUNT_REFUSED,
    "isp.RAM_PERMISSION_DENY": ACCOUNT_REFUSED,
    "SignatureDoesNotMatch": ACCOUNT_REFUSED,
    "InvalidAccessKeyId.NotFound": ACCOUNT_REFUSED,
    "InvalidAccessKeyId.Inactive": ACCOUNT_REFUSED,
    "InvalidTimeStamp.Expired": ACCOUNT_REFUSED,  # our clock
    "Throttling": THROTTLED,
    "Throttling.User": THROTTLED,
    "Throttling.Api": THROTTLED,
    "isp.SYSTEM_ERROR": PROVIDER_TROUBLE,
    "isp.GATEWAY_ERROR": PROVIDER_TROUBLE,
}
# BUSINESS_LIMIT_CONTROL says only in words which of its limits to one number was met.
LIMITED = "isv.BUSINESS_LIMIT_CONTROL"
PERIODS = {"分钟级": timedelta(minutes=1), "小时级": timedelta(hours=1), "天级": timedelta(days=1)}


class Options(ProviderOptions):
    """Settings of one account."""

    key_id: str
    key_secret: SecretStr
    sign_name: str = Field(min_length=1)  # filed with the provider, without its brackets
    endpoint: str = "dysmsapi.aliyuncs.com"
    plain_http: bool = False  # for a peer on this machine


class SmsAliyunChannel(ProviderAccount):
    """Implements `callcenter.ports.Channel`."""

    thanks = WebResponse(body='{"code":0,"msg":"接收成功"}'.encode(), content_type="application/json")

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        super().__init__(name, options, around.inbox, around.clock)
        client = library("alibabacloud_dysmsapi20170525.client", EXTRA, name).Client
        self._models = library("alibabacloud_dysmsapi20170525.models", EXTRA, name)
        self._errors = library("darabonba.exceptions", EXTRA, name)
        aiohttp = library("aiohttp", EXTRA, name)
        self._never_sent = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
        self._sign_name = options.sign_name
        limit_ms = int(options.answer_limit_s * 1000)
        runtime = library("darabonba.runtime", EXTRA, name).RuntimeOptions
        self._runtime = runtime(autoretry=False, connect_timeout=limit_ms, read_timeout=limit_ms)
        config = library("alibabacloud_tea_openapi.models", EXTRA, name).Config(
            access_key_id=options.key_id,
            access_key_secret=options.key_secret.get_secret_value(),
            endpoint=options.endpoint,
            protocol="HTTP" if options.plain_http else "HTTPS",
        )
        self._client = client(config)

    async def open(self) -> None:
        """Every request makes its own connection."""

    async def close(self) -> None:
        """Nothing is open."""

    # ------------------------------------------------------------------- out

    def _content(self, message: Outbound) -> Mapping[str, str]:
        if not message.filing:
            raise PlanError("not_filed")
        return {
            "phone_numbers": message.to,
            "sign_name": self._sign_name,
            "template_code": message.filing,
            "template_param": json.dumps(dict(message.params), ensure_ascii=False),
            "out_id": message.id,
        }

    async def _ask(self, content: Mapping[str, str]) -> SendResult:
        request = self._models.SendSmsRequest(**content)
        try:
            answer = await self._client.send_sms_with_options_async(request, self._runtime)
        except self._errors.ResponseException as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001  # the library names no others
            return self._unanswered(error)
        body = answer.body
        if body.code == "OK":
            return SendResult(Outcome.ACCEPTED, body.biz_id or "")
        return self._said(body.code or "", body.message or "")

    def _unanswered(self, error: Exception) -> SendResult:
        """The library wraps the error of the connection twice, and a lost answer looks like it."""
        inner = getattr(error, "inner_exception", error)
        return NOT_CONNECTED if isinstance(inner.__context__, self._never_sent) else NO_ANSWER

    def _failed(self, error: Any) -> SendResult:
        """An HTTP status other than 2xx. 5xx with no code of theirs leaves open whether it was taken."""
        known = error.code in REFUSALS or (error.status_code < SERVER_ERROR and error.code != "None")
        return self._said(error.code, error.message) if known else NO_ANSWER

    def _said(self, code: str, words: str) -> SendResult:
        result = self._refused(REFUSALS, code, EXTRA)
        if code != LIMITED:
            return result
        waits = [wait for period, wait in PERIODS.items() if period in words]
        return replace(result, retry_after=waits[0]) if waits else result

    # ------------------------------------------------------------------- in

    def _receipts_in(self, request: WebRequest) -> Iterator[Receipt | None]:
        for item in hooks.items(hooks.json_body(request)):
            ref = hooks.word(item, "biz_id")
            if not ref:
                continue
            yield Receipt(
                self.name,
                ref,
                DeliveryState.DELIVERED if item.get("success") is True else DeliveryState.FAILED,
                code=hooks.word(item, "err_code")[:LONGEST_CODE],
                at=hooks.moment(hooks.word(item, "report_time"), hooks.LOCAL_TIME, BEIJING),
                recipient=person(hooks.word(item, "phone_number")),
            )

    def _texts_in(self, request: WebRequest) -> Iterator[Inbound]:
        for item in hooks.items(hooks.json_body(request)):
            sender = hooks.word(item, "phone_number")
            if sender:
                yield Inbound(
                    MEDIUM,
                    self.name,
                    hooks.key(item, "sequence_id", "phone_number", "send_time"),
                    person(sender),
                    text=hooks.word(item, "content"),
                    to=hooks.word(item, "dest_code"),
                    sent_at=hooks.moment(hooks.word(item, "send_time"), hooks.LOCAL_TIME, BEIJING),
                )


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    return SmsAliyunChannel(name, Options.model_validate(options), around)
