"""An account at a cloud, its fake provider and its inbox."""

import json
from contextlib import asynccontextmanager
from dataclasses import replace

from callcenter.ports import WebRequest
from messaging.channels import build
from tests.messaging.channels.conftest import surroundings
from tests.messaging.fake_outbox import FakeInbox, outbound
from tests.peers.sms_http.clouds import KEY_ID, KEY_SECRET, Aliyun, Tencent
from tests.peers.sms_http.server import HttpPeer, running

CITIZEN = "13800000001"
SIGN = "澜江12345"
FILED = {
    "template": "case_closed",
    "filing": "SMS_15305",
    "params": {"number": "20261120-0012", "place": "文昌路"},
}
HOOK = {"hook_token": "hook-secret-0016", "answer_limit_s": 0.5, "plain_http": True}
ALIYUN = {"key_id": KEY_ID, "key_secret": KEY_SECRET, "sign_name": SIGN, **HOOK}
TENCENT = {
    "secret_id": KEY_ID,
    "secret_key": KEY_SECRET,
    "app_id": "1400006666",
    "sign_name": SIGN,
    "parameters": {"SMS_15305": ["place", "number"]},
    **HOOK,
}


def filed(key: str = "m1", **fields):
    return replace(outbound(key), **{**FILED, **fields})


class Cloud:
    """One account, its provider and its inbox."""

    def __init__(self, kind: str, options: dict, fake, peer: HttpPeer) -> None:
        self.fake, self.peer, self.inbox = fake, peer, FakeInbox()
        endpoint = {"endpoint": f"127.0.0.1:{peer.port}"}
        self.channel = build(kind, "sms-c", {**options, **endpoint}, surroundings(self.inbox))

    async def send(self, **fields):
        message = filed(**fields)
        (part,) = self.channel.plan(message)
        return await self.channel.send(message, part)

    async def post(self, path: str, content, token: str = "hook-secret-0016"):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        route = next(one for one in self.channel.routes() if one.path == path)
        return await route.handler(WebRequest({"token": token}, {}, body))


@asynccontextmanager
async def cloud_of(kind: str, **more):
    fake, options = (Aliyun(), ALIYUN) if kind == "sms_aliyun" else (Tencent(), TENCENT)
    async with running(HttpPeer(fake)) as peer:
        cloud = Cloud(kind, {**options, **more}, fake, peer)
        await cloud.channel.open()
        yield cloud
        await cloud.channel.close()
