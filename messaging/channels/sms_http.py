"""SMS through any provider that is spoken to over HTTP: what is sent, how it is signed and what the answers
mean stand in the settings, see `messaging.sms.http_settings`.
"""

import contextlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from callcenter.domain.messages import (
    DeliveryState,
    Inbound,
    Outbound,
    Outcome,
    PlanError,
    Receipt,
    SendResult,
)
from callcenter.ports import Channel, WebRequest, WebResponse, WebRoute
from messaging.channels import Surroundings
from messaging.sms import MEDIUM, hooks, reports
from messaging.sms.hooks import HookError, point
from messaging.sms.http_settings import AnswerOptions, HookOptions, Options, Proof
from messaging.sms.numbers import person
from messaging.sms.patterns import Values, filled, filled_all, words
from messaging.sms.provider import (
    ACCOUNT_REFUSED,
    LONGEST_CODE,
    NO_ANSWER,
    REFUSALS,
    THROTTLED,
    ProviderAccount,
    Refusal,
    after_failure,
)

PROVIDER = "http"  # in codes that the settings do not explain
BY_STATUS: Mapping[int, Refusal] = {401: ACCOUNT_REFUSED, 403: ACCOUNT_REFUSED, 429: THROTTLED}
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Content:
    """The values of one message."""

    id: str
    values: Values
    params: Mapping[str, str]


class SmsHttpChannel(ProviderAccount):
    """Implements `callcenter.ports.Channel`."""

    def __init__(
        self,
        name: str,
        options: Options,
        around: Surroundings,
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        super().__init__(name, options, around.inbox, around.clock)
        self.thanks = WebResponse(body=options.thanks.encode(), content_type=options.thanks_type)
        self._options = options
        self._zone = around.zone
        self._nonce = nonce
        self._secret = options.secret.get_secret_value()
        self._wants_filing = options.wants_filing
        self._wanted = options.wanted_parameters
        self._refusals = {code: REFUSALS[word] for code, word in options.answer.refusals.items()}
        self._http = httpx.AsyncClient(timeout=options.answer_limit_s)

    async def open(self) -> None:
        """Connections are made by the requests, and kept."""

    async def close(self) -> None:
        await self._http.aclose()

    # ------------------------------------------------------------------- out

    def _content(self, message: Outbound) -> Content:
        if self._wants_filing and not message.filing:
            raise PlanError("not_filed")
        if self._wanted - message.params.keys():
            raise PlanError("parameter_missing")
        params_text = json.dumps(dict(message.params), ensure_ascii=False)
        return Content(
            message.id,
            {
                "to": message.to,
                "text": message.text,
                "id": message.id,
                "template": message.template,
                "filing": message.filing,
                "params_text": params_text,
                "params": lambda name: message.params[name] if name else params_text,
            },
            message.params,
        )

    async def _ask(self, content: Content) -> SendResult:
        try:
            request = self._request(content)
        except (ValueError, httpx.InvalidURL):  # what stands in no header or address
            return SendResult(Outcome.REJECTED, code="request_impossible")
        try:
            answer = await self._http.send(request)
        except httpx.HTTPError as error:
            return after_failure(error)
        return self._result(answer, content.id)

    def _request(self, content: Content) -> httpx.Request:
        """A signature over the body comes after it, any other before it."""
        options, values = self._options, {**content.values, **self._now()}
        signing = options.signing
        over_body = signing is not None and "body" in words(signing.over)
        if signing and not over_body:
            values["signature"] = signing.sign(values, self._secret)
        body, kind = self._body(content, values)
        values["body"] = body
        if signing and over_body:
            values["signature"] = signing.sign(values, self._secret)
        query = {name: filled(value, values) for name, value in options.query.items()}
        headers = {name: filled(value, values) for name, value in options.headers.items()}
        url = httpx.URL(str(options.url)).copy_merge_params(query)
        return self._http.build_request(
            options.method, url, content=body.encode(), headers={**kind, **headers}
        )

    def _body(self, content: Content, values: Values) -> tuple[str, Mapping[str, str]]:
        options = self._options
        if options.body is not None:
            document = filled_all(options.body, values, {"params": dict(content.params)})
            return json.dumps(document, ensure_ascii=False), {"Content-Type": "application/json"}
        if options.form is not None:
            fields = {name: filled(value, values) for name, value in options.form.items()}
            return urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"}
        return "", {}

    def _now(self) -> Mapping[str, str]:
        now = self._clock.now()
        return {
            "key": self._options.key,
            "secret": self._secret,
            "timestamp": str(int(now.timestamp())),
            "timestamp_ms": str(int(now.timestamp() * 1000)),
            "stamp": now.astimezone(self._zone).strftime("%Y%m%d%H%M%S"),
            "nonce": self._nonce(),
        }

    def _result(self, answer: httpx.Response, own: str) -> SendResult:
        options = self._options.answer
        code, ref = _read(answer, options)
        if answer.is_success and code in options.success:
            return SendResult(Outcome.ACCEPTED, own if options.own_ref else ref)
        if code in self._refusals or (code and answer.is_success):
            return self._refused(self._refusals, code, PROVIDER)
        return _by_status(answer)

    # ------------------------------------------------------------------- in

    def routes(self) -> Sequence[WebRoute]:
        options = self._options
        if options.proof is None and options.hook_token is None:
            return ()
        offered = (
            ("receipts", options.receipts, self._on_receipts),
            ("texts", options.texts, self._on_texts),
        )
        return [
            WebRoute("GET" if read.content == "query" else "POST", path, handler)
            for path, read, handler in offered
            if read is not None
        ]

    def _is_the_providers(self, request: WebRequest) -> bool:
        proof = self._options.proof
        if proof is None:
            return super()._is_the_providers(request)
        values = _of_hook(request, self._secret)
        given, expected = filled(proof.given, values), proof.sign(values, self._secret)
        return hmac.compare_digest(given.encode(), expected.encode()) and self._is_fresh(proof, values)

    def _is_fresh(self, proof: Proof, values: Values) -> bool:
        if not proof.stamp:
            return True
        at = hooks.moment(filled(proof.stamp, values), "unix", self._zone)
        return at is not None and abs(self._clock.now() - at) <= timedelta(seconds=proof.max_age_s)

    def _receipts_in(self, request: WebRequest) -> Iterator[Receipt | None]:
        read = self._options.receipts
        assert read is not None  # else there is no route
        for item in _items(request, read):
            ref, word = _at(item, read.ref), _at(item, read.state)
            state = _state(read.states.get(word), word)
            if ref and state is not None:
                at = hooks.moment(_at(item, read.at), read.at_format, self._zone)
                recipient = person(_at(item, read.recipient))
                yield Receipt(self.name, ref, state, word[:LONGEST_CODE], at, recipient)

    def _texts_in(self, request: WebRequest) -> Iterator[Inbound]:
        read = self._options.texts
        assert read is not None  # else there is no route
        for item in _items(request, read):
            sender = _at(item, read.sender)
            if sender:
                yield Inbound(
                    MEDIUM,
                    self.name,
                    _at(item, read.key) or hooks.key(item, *sorted(item)),
                    person(sender),
                    text=_at(item, read.text),
                    to=_at(item, read.to),
                    sent_at=hooks.moment(_at(item, read.at), read.at_format, self._zone),
                )


def _read(answer: httpx.Response, options: AnswerOptions) -> tuple[str, str]:
    """Code and the provider's id; '' for what the answer does not say."""
    if options.pattern is not None:
        found = options.pattern.search(answer.text)
        said = found.groupdict() if found else {}
        return said.get("code") or "", said.get("ref") or ""
    try:
        document = hooks.parse_json(answer.content)
    except HookError:
        return "", ""
    return _at(document, options.code), _at(document, options.ref)


def _by_status(answer: httpx.Response) -> SendResult:
    """What HTTP's own status says, where the answer says nothing more."""
    status = answer.status_code
    if status >= SERVER_ERROR or answer.is_success or answer.is_redirect:
        return NO_ANSWER
    result = BY_STATUS.get(status, Refusal(f"{PROVIDER}_{status}")).result()
    wait = answer.headers.get("retry-after", "")
    return replace(result, retry_after=timedelta(seconds=int(wait))) if wait.isdecimal() else result


def _of_hook(request: WebRequest, secret: str) -> Values:
    def field(name: str) -> str:
        for read in (hooks.json_body, hooks.form):
            with contextlib.suppress(HookError):
                return hooks.plain(point(read(request), f"/{name}"))
        return ""

    return {
        "body": request.body.decode(errors="replace"),
        "secret": secret,
        "header": lambda name: request.headers.get(name.lower(), ""),
        "query": lambda name: request.query.get(name, ""),
        "field": field,
    }


def _items(request: WebRequest, read: HookOptions) -> Sequence[Mapping[str, Any]]:
    if read.content == "query":
        return [request.query]
    if read.content == "json":
        document = hooks.json_body(request)
    elif read.within:
        document = hooks.parse_json(hooks.form(request).get(read.within, ""))
    else:
        document = dict(hooks.form(request))
    return hooks.items(point(document, read.items) if read.items else document)


def _at(item: Any, pointer: str) -> str:
    return hooks.plain(point(item, pointer)) if pointer else ""


def _state(word: str | None, theirs: str) -> DeliveryState | None:
    """None = not final, nothing to record."""
    if word is None:
        return reports.state(theirs.upper())
    return None if word == "not_final" else DeliveryState(word)


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    return SmsHttpChannel(name, Options.model_validate(options), around)
