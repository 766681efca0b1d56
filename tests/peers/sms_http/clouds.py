"""Alibaba's and Tencent's SMS interfaces as fakes, written from their public documents: they check the
signature of every request, as the real ones do, and answer what a test wants. Share no code with
`messaging`, nor with the providers' libraries.

Signatures: "V3版本请求体&签名机制" (ACS3-HMAC-SHA256) and "签名方法 v3" (TC3-HMAC-SHA256); the examples
published there are in `test_clouds.py`.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tests.peers.sms_http.server import Answer, Request

KEY_ID, KEY_SECRET = "LTAI5tTest", "cloud-secret"


def _hash(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


def _canonical(request: Request, signed: str, hashed: str, *, lower: bool) -> str:
    query = "&".join(
        f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in sorted(request.query.items())
    )
    values = {name: request.headers[name].strip() for name in signed.split(";")}
    headers = "".join(
        f"{name}:{value.lower() if lower else value}\n" for name, value in sorted(values.items())
    )
    return f"{request.method}\n{request.path}\n{query}\n{headers}\n{signed}\n{hashed}"


def acs3(request: Request, signed: str, secret: str) -> str:
    text = _canonical(request, signed, request.headers["x-acs-content-sha256"], lower=False)
    to_sign = f"ACS3-HMAC-SHA256\n{_hash(text.encode())}"
    return hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


def tc3(request: Request, signed: str, secret: str, scope: str, stamp: str) -> str:
    text = _canonical(request, signed, _hash(request.body), lower=True)
    to_sign = "\n".join(("TC3-HMAC-SHA256", stamp, scope, _hash(text.encode())))
    key = f"TC3{secret}".encode()
    for step in scope.split("/"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


def _fields(authorization: str) -> dict[str, str]:
    """Credential, SignedHeaders, Signature behind the algorithm's name."""
    _, _, rest = authorization.partition(" ")
    return dict(part.strip().split("=", 1) for part in rest.split(","))


@dataclass
class Aliyun:
    """`code` other than OK is answered instead of sending; `status` is HTTP's."""

    code: str = "OK"
    message: str = "OK"
    status: int = 200
    sent: list[dict[str, str]] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)

    def __call__(self, request: Request) -> Answer:
        refusal = self._refusal(request)
        if refusal:
            return Answer({"Code": refusal, "Message": refusal, "RequestId": "R"}, 400)
        if self.code != "OK" or self.status != 200:
            return Answer({"Code": self.code, "Message": self.message, "RequestId": "R"}, self.status)
        self.sent.append(request.query)
        biz_id = f"9006195036278{len(self.sent)}^0"
        return Answer({"Code": "OK", "Message": "OK", "BizId": biz_id, "RequestId": "R"})

    def _refusal(self, request: Request) -> str:
        headers = request.headers
        assert headers["x-acs-action"] == "SendSms"
        assert headers["x-acs-version"] == "2017-05-25"
        given = _fields(headers["authorization"])
        if given["Credential"] != KEY_ID:
            return "InvalidAccessKeyId.NotFound"
        signed = given["SignedHeaders"]
        assert {"host", "x-acs-action", "x-acs-date", "x-acs-signature-nonce"} <= set(signed.split(";"))
        if headers["x-acs-content-sha256"] != _hash(request.body):
            return "SignatureDoesNotMatch"
        if given["Signature"] != acs3(request, signed, KEY_SECRET):
            return "SignatureDoesNotMatch"
        at = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs((datetime.now(UTC) - at).total_seconds()) > 15 * 60:
            return "InvalidTimeStamp.Expired"
        if headers["x-acs-signature-nonce"] in self.nonces:
            return "SignatureNonceUsed"
        self.nonces.add(headers["x-acs-signature-nonce"])
        return ""


@dataclass
class Tencent:
    """`code` other than Ok is the status of the one number; `error` is of the whole request."""

    code: str = "Ok"
    error: str = ""
    status: int = 200
    sent: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        error = self._refusal(request) or self.error
        if error:
            detail = {"Error": {"Code": error, "Message": error}, "RequestId": "R"}
            return Answer({"Response": detail}, self.status)
        if self.status != 200:
            return Answer(b"<html>bad gateway</html>", self.status, {"Content-Type": "text/html"})
        taken = self.code == "Ok"
        if taken:
            self.sent.append(request.json)
        (number,) = request.json["PhoneNumberSet"]
        one = {
            "SerialNo": f"2028:f825e6b16e23f73f9123{len(self.sent)}" if taken else "",
            "PhoneNumber": f"+86{number}",
            "Fee": int(taken),
            "SessionContext": request.json["SessionContext"],
            "Code": self.code,
            "Message": "send success" if taken else self.code,
            "IsoCode": "CN",
        }
        return Answer({"Response": {"SendStatusSet": [one], "RequestId": "R"}})

    def _refusal(self, request: Request) -> str:
        headers = request.headers
        assert (headers["x-tc-action"], headers["x-tc-version"]) == ("SendSms", "2021-01-11")
        given = _fields(headers["authorization"])
        key_id, _, scope = given["Credential"].partition("/")
        stamp = headers["x-tc-timestamp"]
        if key_id != KEY_ID:
            return "AuthFailure.SecretIdNotFound"
        day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
        if scope != f"{day}/sms/tc3_request":
            return "AuthFailure.SignatureFailure"
        if given["Signature"] != tc3(request, given["SignedHeaders"], KEY_SECRET, scope, stamp):
            return "AuthFailure.SignatureFailure"
        if abs(datetime.now(UTC).timestamp() - int(stamp)) > 5 * 60:
            return "AuthFailure.SignatureExpire"
        return ""
