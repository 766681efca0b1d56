"""How a provider is spoken to over HTTP, as an account's settings say it (ADR 0018 has examples).

Patterns of requests know {to} {text} {id} {template} {filing} {params} {params_text} {params.<name>}, {key}
{secret}, {timestamp} {timestamp_ms} {stamp} (YYYYMMDDhhmmss) {nonce}, {body} and {signature}; those of web
hooks know {body} {secret} {header.<name>} {query.<name>} {field.<name>}.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from messaging.account import AccountOptions
from messaging.sms import hooks
from messaging.sms.patterns import Signing, keys, words
from messaging.sms.provider import REFUSALS, ProviderOptions

OF_MESSAGE = {"to", "text", "id", "template", "filing", "params", "params_text"}
AT_SENDING = {"key", "secret", "timestamp", "timestamp_ms", "stamp", "nonce"}
OF_HOOK = {"body", "secret", "header", "query", "field"}


class AnswerOptions(AccountOptions):
    """Where the answer says what: `code` and `ref` point into JSON (RFC 6901), or `pattern` finds groups of
    these names in plain text. `own_ref`: receipts name our own {id} instead of one that the answer gave.
    `refusals`: their code -> our word, see `REFUSALS`.
    """

    code: str = ""
    ref: str = ""
    pattern: re.Pattern[str] | None = None
    own_ref: bool = False
    success: tuple[str, ...] = ("0",)
    refusals: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way_to_read(self) -> Self:
        if bool(self.code) == (self.pattern is not None):
            raise ValueError("code or pattern: the answer is read in one way")
        if self.pattern is not None and "code" not in self.pattern.groupindex:
            raise ValueError("pattern has no group named code")
        return self

    @model_validator(mode="after")
    def _words_are_ours(self) -> Self:
        unknown = sorted(set(self.refusals.values()) - set(REFUSALS))
        if unknown:
            raise ValueError(f"refusals {unknown} are none of {sorted(REFUSALS)}")
        return self


class HookOptions(AccountOptions):
    """How what the provider posts is read. `within`: the form field that holds JSON; `items`: where in the
    JSON the list is. The others point into one item.
    """

    content: Literal["json", "form", "query"] = "json"
    within: str = ""
    items: str = ""
    at: str = ""
    at_format: str = hooks.LOCAL_TIME  # strptime, or unix, unix_ms


class ReceiptOptions(HookOptions):
    """`states`: their word -> ours; the words of SMPP and CMPP need none."""

    ref: str
    state: str
    states: Mapping[str, Literal["delivered", "failed", "expired", "unknown", "not_final"]] = Field(
        default_factory=dict
    )
    recipient: str = ""


class TextOptions(HookOptions):
    """`key`: the provider's id of a citizen's text; without it all of an item's values are its id."""

    sender: str
    text: str
    to: str = ""
    key: str = ""


class Proof(Signing):
    """How a hook proves that it is the provider's: `given` must be the signature, and `stamp`, where there is
    one, a Unix time not older than `max_age_s`.
    """

    given: str
    stamp: str = ""
    max_age_s: float = Field(300, gt=0)


class Options(ProviderOptions):
    """Settings of one account. At most one of `body` (JSON) and `form`."""

    url: HttpUrl
    method: Literal["POST", "GET"] = "POST"
    key: str = ""
    secret: SecretStr = SecretStr("")
    headers: Mapping[str, str] = Field(default_factory=dict)
    query: Mapping[str, str] = Field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None
    signing: Signing | None = None
    answer: AnswerOptions
    receipts: ReceiptOptions | None = None
    texts: TextOptions | None = None
    proof: Proof | None = None
    thanks: str = "OK"
    thanks_type: str = "text/plain; charset=utf-8"

    @model_validator(mode="after")
    def _patterns_are_sound(self) -> Self:
        if self.body is not None and self.form is not None:
            raise ValueError("body and form: the request has one of them")
        content = set(words([self.body, self.form]))
        over = set(words(self.signing.over)) if self.signing else set()
        if "signature" in content and "body" in over:
            raise ValueError("signing: what is signed holds the signature")
        if self.proof is not None and not self.secret.get_secret_value():
            raise ValueError("proof: without a secret anybody could give it")
        known = OF_MESSAGE | AT_SENDING
        signature = {"signature"} if self.signing else set()
        _known(over, known | {"body"})
        _known(content, known | signature)
        _known({*words(self.headers), *words(self.query)}, known | signature | {"body"})
        if self.proof:
            _known({*words(self.proof.over), *words(self.proof.given), *words(self.proof.stamp)}, OF_HOOK)
        return self

    @property
    def _patterns(self) -> list[Any]:
        return [self.headers, self.query, self.body, self.form, self.signing.over if self.signing else ""]

    @property
    def wants_filing(self) -> bool:
        return "filing" in words(self._patterns)

    @property
    def wanted_parameters(self) -> frozenset[str]:
        """Of the template, by name."""
        return frozenset(keys(self._patterns, "params"))


def _known(used: set[str], known: set[str]) -> None:
    if used - known:
        raise ValueError(f"no such words: {sorted(used - known)}; there are {sorted(known)}")
