"""Signatures and the safe mode: is a request WeChat's own, what is in it, and answers sealed alike. No I/O.

Rules of "消息加解密说明": the signature is the SHA-1 of token, timestamp and nonce (and the sealed text),
sorted and joined; sealed texts are AES-256-CBC by wechatpy. Comparing takes the same time whatever is wrong.
"""

import hmac
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.utils import WeChatSigner

from messaging.wechat.body import UnreadableError, is_json, sealed

STAMP_DIGITS = 12  # of a Unix time
OLDEST = timedelta(minutes=5)
"""The platform does not ask for it; a request that somebody kept for longer is of no use to them."""

KEY_LENGTH = 43  # of an EncodingAESKey


class NotGenuineError(Exception):
    """Not from WeChat, or kept too long. The text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Opened:
    """`crypto` is what it was sealed with (None = it came in plain): the answer is sealed the same way."""

    text: bytes | str
    json: bool
    crypto: WeChatCrypto | None = None


def signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    found: str = signer.signature
    return found


class Envelope:
    """`keys`: the EncodingAESKey in use and the one before it; none in the plain mode."""

    def __init__(self, token: str, app_id: str, keys: Sequence[str] = ()) -> None:
        self._token = token
        self._app_id = app_id
        self._cryptos = [WeChatCrypto(token, key, app_id) for key in keys]

    def check(self, query: Mapping[str, str], now: datetime) -> None:
        """The signature in the address. Raises `NotGenuineError`."""
        self._check_age(query, now)
        self._compare(query.get("signature", ""), query.get("timestamp", ""), query.get("nonce", ""))

    def open(self, query: Mapping[str, str], body: bytes, now: datetime) -> Opened:
        """Raises `NotGenuineError`, `UnreadableError`. With a key set, plain pushes are not believed."""
        if not self._cryptos:
            self.check(query, now)
            return Opened(body, is_json(body))
        self._check_age(query, now)
        secret = sealed(body)
        if not secret:
            raise NotGenuineError("not sealed")
        claimed = query.get("msg_signature", "")
        self._compare(claimed, query.get("timestamp", ""), query.get("nonce", ""), secret)
        return self._unsealed(secret, json_outside=is_json(body))

    def seal(self, opened: Opened, reply: str, nonce: str, now: datetime) -> str:
        """The answer to what was opened, with the same key and in the same format."""
        stamp = str(int(now.timestamp()))
        if opened.crypto is None:
            return reply
        if not opened.json:
            envelope: str = opened.crypto.encrypt_message(reply, nonce, stamp)
            return envelope
        secret = PrpCrypto(opened.crypto.key).encrypt(reply, self._app_id).decode()
        proof = signature(self._token, stamp, nonce, secret)
        return json.dumps({"Encrypt": secret, "MsgSignature": proof, "TimeStamp": int(stamp), "Nonce": nonce})

    def _check_age(self, query: Mapping[str, str], now: datetime) -> None:
        stamp = query.get("timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= STAMP_DIGITS):
            raise NotGenuineError("no timestamp")
        if abs(now.timestamp() - int(stamp)) > OLDEST.total_seconds():
            raise NotGenuineError("stale")

    def _compare(self, claimed: str, *parts: str) -> None:
        if not hmac.compare_digest(signature(self._token, *parts).encode(), claimed.encode()):
            raise NotGenuineError("signature")

    def _unsealed(self, secret: str, *, json_outside: bool) -> Opened:
        for crypto in self._cryptos:
            try:
                text: str = PrpCrypto(crypto.key).decrypt(secret, self._app_id)
            except (InvalidAppIdException, ValueError, IndexError, struct.error):
                continue  # another key's: what comes out of it is noise
            return Opened(text, is_json(text) or json_outside, crypto)
        raise UnreadableError("no key opens it")
