"""The platform's pushes: wechatpy signs and seals them, and the rules of the five seconds are kept here.

`Pusher` makes requests for a handler (`request`) or sends them over HTTP as the platform does (`deliver`):
cut after five seconds, again at most twice, at once after an answer that is not 200.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import xmltodict
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.parser import parse_message
from wechatpy.utils import WeChatSigner

from callcenter.ports import WebRequest

OURS = "gh_97417a04a28d"
CITIZEN = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
PATIENCE_S, TRIES = 5.0, 3


def signed(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return signer.signature


@dataclass
class Pusher:
    now: Callable[[], datetime]
    token: str = "AAAAA"
    app_id: str = "wx1234567890abcdef"
    aes_key: str = ""  # '' = plain mode
    as_json: bool = False
    numbers: itertools.count = field(default_factory=lambda: itertools.count(24_086_087_575_195_331))

    # ------------------------------------------------------------------- what is pushed

    def message(self, kind: str = "text", *, openid: str = CITIZEN, **fields: object) -> dict[str, object]:
        return {
            "ToUserName": OURS,
            "FromUserName": openid,
            "CreateTime": int(self.now().timestamp()),
            "MsgType": kind,
            "MsgId": next(self.numbers),
            **fields,
        }

    def text(self, content: str, *, openid: str = CITIZEN) -> dict[str, object]:
        return self.message(openid=openid, Content=content)

    def event(self, name: str, *, openid: str = CITIZEN, **fields: object) -> dict[str, object]:
        event = self.message("event", openid=openid, Event=name, **fields)
        del event["MsgId"]
        return event

    # ------------------------------------------------------------------- how

    def request(self, fields: dict[str, object] | bytes, *, nonce: str = "486452656") -> WebRequest:
        plain = fields if isinstance(fields, bytes) else self._written(fields)
        stamp = str(int(self.now().timestamp()))
        query = {"timestamp": stamp, "nonce": nonce, "signature": signed(self.token, stamp, nonce)}
        if not self.aes_key:
            return WebRequest(query, {}, plain)
        crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
        if self.as_json:
            sealed = PrpCrypto(crypto.key).encrypt(plain.decode(), self.app_id).decode()
            body = json.dumps({"ToUserName": OURS, "Encrypt": sealed}).encode()
        else:
            body = crypto.encrypt_message(plain.decode(), nonce, stamp).encode()
            sealed = xmltodict.parse(body)["xml"]["Encrypt"]
        query |= {"encrypt_type": "aes", "msg_signature": signed(self.token, stamp, nonce, sealed)}
        return WebRequest(query, {}, body)

    def _written(self, fields: dict[str, object]) -> bytes:
        if self.as_json:
            return json.dumps(fields, ensure_ascii=False).encode()
        return xmltodict.unparse({"xml": fields}, full_document=False).encode()

    def reply(self, body: bytes) -> dict[str, str]:
        """What the citizen sees of an answer: wechatpy opens what was sealed and reads it."""
        text = body.decode()
        if self.aes_key:
            outer = json.loads(text) if self.as_json else xmltodict.parse(text)["xml"]
            crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
            proof, stamp = outer["MsgSignature"], str(outer["TimeStamp"])
            text = crypto.decrypt_message({"Encrypt": outer["Encrypt"]}, proof, stamp, outer["Nonce"])
        if self.as_json:
            return json.loads(text)
        message = parse_message(text)
        return {"ToUserName": message.target, "FromUserName": message.source, "Content": message.content}

    async def deliver(self, url: str, fields: dict[str, object], patience_s: float = PATIENCE_S) -> list[str]:
        """What came of each try: the body of the answer, its status when that is not 200, or 'cut'."""
        request, came = self.request(fields), []
        async with httpx.AsyncClient(trust_env=False, timeout=patience_s) as client:
            while len(came) < TRIES:
                try:
                    answer = await client.post(url, params=dict(request.query), content=request.body)
                except httpx.TimeoutException:
                    came.append("cut")
                    continue
                if answer.status_code == 200:
                    return [*came, answer.text]
                came.append(str(answer.status_code))
        return came
