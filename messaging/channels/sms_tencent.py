"""SMS through Tencent Cloud (腾讯云短信, API 2021-01-11) by its own library, the extra `tencent`.

Sends filed templates only: the provider writes the text from the template's id and parameters, in front of
it the signature. Error codes: cloud.tencent.com/document/api/382/59177; web hooks: "SMS Sending Status
Notification" (382/43547) and "SMS Reply" (382/43548).
"""

from collections.abc import Iterator, Mapping, Sequence
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
    PROVIDER_TROUBLE,
    QUOTA_USED,
    SIGNATURE_REFUSED,
    THROTTLED,
    TOO_LONG,
    TOO_MANY_TO_ONE,
    ProviderAccount,
    ProviderOptions,
    Refusal,
    after_failure,
    library,
)

EXTRA = "tencent"
BEIJING = ZoneInfo("Asia/Shanghai")  # of the times in receipts

# The provider handed it on and lost sight of it: it may have gone out.
IN_DOUBT = Refusal("no_answer", Outcome.UNKNOWN)
REFUSALS: Mapping[str, Refusal] = {
    "InvalidParameterValue.IncorrectPhoneNumber": BAD_ADDRESS,
    "FailedOperation.PhoneNumberParseFail": BAD_ADDRESS,
    "UnsupportedOperation.UnsupportedRegion": BAD_ADDRESS,
    "FailedOperation.PhoneNumberInBlacklist": BLOCKED,
    "LimitExceeded.PhoneNumberThirtySecondLimit": TOO_MANY_TO_ONE,
    "LimitExceeded.PhoneNumberOneHourLimit": TOO_MANY_TO_ONE,
    "LimitExceeded.PhoneNumberDailyLimit": TOO_MANY_TO_ONE,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": TOO_MANY_TO_ONE,
    "LimitExceeded.DeliveryFrequencyLimit": TOO_MANY_TO_ONE,
    "FailedOperation.ContainSensitiveWord": FORBIDDEN_WORDS,
    "InvalidParameter.DirtyWordFound": FORBIDDEN_WORDS,
    "FailedOperation.TemplateIncorrectOrUnapproved": BAD_TEMPLATE,
    "FailedOperation.TemplateUnapprovedOrNotExist": BAD_TEMPLATE,
    "FailedOperation.TemplateIdNotExist": BAD_TEMPLATE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": BAD_TEMPLATE,
    "InvalidParameterValue.TemplateParameterFormatError": BAD_TEMPLATE,
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": BAD_TEMPLATE,
    "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone": BAD_TEMPLATE,
    "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone": BAD_TEMPLATE,
    "InvalidParameterValue.TemplateParameterLengthLimit": TOO_LONG,
    "InvalidParameterValue.ContentLengthLimit": TOO_LONG,
    "FailedOperation.InsufficientBalanceInSmsPackage": NO_BALANCE,
    "UnauthorizedOperation.ServiceSuspendDueToArrears": NO_BALANCE,
    "LimitExceeded.AppDailyLimit": QUOTA_USED,
    "LimitExceeded.AppMainlandChinaDailyLimit": QUOTA_USED,
    "LimitExceeded.DailyLimit": QUOTA_USED,
    "RequestLimitExceeded": THROTTLED,
    "FailedOperation.SignatureIncorrectOrUnapproved": SIGNATURE_REFUSED,
    "FailedOperation.MissingSignature": SIGNATURE_REFUSED,
    "AuthFailure.SecretIdNotFound": ACCOUNT_REFUSED,
    "AuthFailure.InvalidSecretId": ACCOUNT_REFUSED,
    "AuthFailure.SignatureFailure": ACCOUNT_REFUSED,
    "AuthFailure.SignatureExpire": ACCOUNT_REFUSED,  # our clock
    "AuthFailure.TokenFailure": ACCOUNT_REFUSED,
    "AuthFailure.UnauthorizedOperation": ACCOUNT_REFUSED,
    "InternalError.RequestTimeException": ACCOUNT_REFUSED,  # our clock
    "InvalidParameterValue.SdkAppIdNotExist": ACCOUNT_REFUSED,
    "InvalidParameter.AppidAndBizId": ACCOUNT_REFUSED,
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": ACCOUNT_REFUSED,
    "UnauthorizedOperation.SdkAppIdIsDisabled": ACCOUNT_REFUSED,
    "UnauthorizedOperation.RequestIpNotInWhitelist": ACCOUNT_REFUSED,
    "UnauthorizedOperation.RequestPermissionDeny": ACCOUNT_REFUSED,
    "InternalError.OtherError": PROVIDER_TROUBLE,
    "InternalError.UnknownError": PROVIDER_TROUBLE,
    "InternalError.JsonParseFail": PROVIDER_TROUBLE,
    "InternalError.Timeout": IN_DOUBT,
    "InternalError.SendAndRecvFail": IN_DOUBT,
    "InternalError.ParseBackendResponseFail": IN_DOUBT,
    "ServerNetworkError": Refusal("no_answer", Outcome.UNKNOWN, NO_ANSWER.fault),  # a status other than 200
}


class Options(ProviderOptions):
    """Settings of one account. `parameters`: for a template with several, their names in the order in which
    the provider counts them, {1}, {2} ...
    """

    secret_id: str
    secret_key: SecretStr
    app_id: str
    sign_name: str = Field(min_length=1)  # filed with the provider, without its brackets
    region: str = "ap-guangzhou"
    parameters: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    endpoint: str = "sms.tencentcloudapi.com"
    plain_http: bool = False  # for a peer on this machine


class SmsTencentChannel(ProviderAccount):
    """Implements `callcenter.ports.Channel`."""

    thanks = WebResponse(body=b'{"result":0,"errmsg":"OK"}', content_type="application/json")

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        super().__init__(name, options, around.inbox, around.clock)
        self._options = options
        self._models = library("tencentcloud.sms.v20210111.models", EXTRA, name)
        self._error = library("tencentcloud.common.exception", EXTRA, name).TencentCloudSDKException
        client = library("tencentcloud.sms.v20210111.sms_client_async", EXTRA, name).SmsClient
        credential = library("tencentcloud.common.credential", EXTRA, name).Credential
        key = credential(options.secret_id, options.secret_key.get_secret_value())
        self._client = client(key, options.region, self._profile())

    def _profile(self) -> Any:
        """No second endpoint and no second try behind our back: both could send a text twice."""
        options = self._options
        profile = library("tencentcloud.common.profile.client_profile", EXTRA, self.name).ClientProfile()
        profile.disable_region_breaker, profile.retryer = True, None
        http = profile.httpProfile
        http.endpoint, http.reqTimeout, http.keepAlive = options.endpoint, options.answer_limit_s, True
        http.protocol = http.scheme = "http" if options.plain_http else "https"
        return profile

    async def open(self) -> None:
        """Connections are made by the requests, and kept."""

    async def close(self) -> None:
        await self._client.close()

    # ------------------------------------------------------------------- out

    def _content(self, message: Outbound) -> Mapping[str, Any]:
        if not message.filing:
            raise PlanError("not_filed")
        return {
            "PhoneNumberSet": [message.to],
            "SmsSdkAppId": self._options.app_id,
            "SignName": self._options.sign_name,
            "TemplateId": message.filing,
            "TemplateParamSet": self._in_order(message),
            "SessionContext": message.id,
        }

    def _in_order(self, message: Outbound) -> Sequence[str]:
        names = self._options.parameters.get(message.filing)
        if names is None and len(message.params) > 1:
            raise PlanError("parameter_order_unknown")
        try:
            return [message.params[name] for name in names or message.params]
        except KeyError:
            raise PlanError("parameter_missing") from None

    async def _ask(self, content: Mapping[str, Any]) -> SendResult:
        request = self._models.SendSmsRequest()
        request._deserialize(content)  # noqa: SLF001  # how the library's own examples fill one
        try:
            answer = await self._client.SendSms(request)
        except self._error as error:
            return self._refused(REFUSALS, error.code, EXTRA)
        except Exception as error:  # noqa: BLE001  # the library trips over answers it does not expect
            return after_failure(error)
        return self._result(answer.SendStatusSet or [])

    def _result(self, statuses: Sequence[Any]) -> SendResult:
        if len(statuses) != 1:
            return NO_ANSWER
        if statuses[0].Code == "Ok":
            return SendResult(Outcome.ACCEPTED, statuses[0].SerialNo or "")
        return self._refused(REFUSALS, statuses[0].Code or "", EXTRA)

    # ------------------------------------------------------------------- in

    def _receipts_in(self, request: WebRequest) -> Iterator[Receipt | None]:
        for item in hooks.items(hooks.json_body(request)):
            ref = hooks.word(item, "sid")
            if not ref:
                continue
            done = hooks.word(item, "report_status") == "SUCCESS"
            yield Receipt(
                self.name,
                ref,
                DeliveryState.DELIVERED if done else DeliveryState.FAILED,
                code=hooks.word(item, "errmsg")[:LONGEST_CODE],
                at=hooks.moment(hooks.word(item, "user_receive_time"), hooks.LOCAL_TIME, BEIJING),
                recipient=person(hooks.word(item, "mobile")),
            )

    def _texts_in(self, request: WebRequest) -> Iterator[Inbound]:
        for item in hooks.items(hooks.json_body(request)):
            sender = hooks.word(item, "mobile")
            if sender:
                yield Inbound(
                    MEDIUM,
                    self.name,
                    hooks.key(item, "mobile", "time", "text"),
                    person(sender),
                    text=hooks.word(item, "text"),
                    to=hooks.word(item, "extend"),
                    sent_at=hooks.moment(hooks.word(item, "time"), "unix", BEIJING),
                )


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    return SmsTencentChannel(name, Options.model_validate(options), around)
