"""An account at a provider that is nothing but settings, its provider and its inbox."""

from contextlib import asynccontextmanager
from dataclasses import replace

from callcenter.ports import WebRequest
from messaging.channels import build
from tests.messaging.channels.conftest import NOON, surroundings
from tests.messaging.fake_outbox import FakeInbox, ManualClock, outbound
from tests.peers.sms_http.server import Answer, HttpPeer, Request, running

CITIZEN, KEY, SECRET, NOW = "13800000001", "app-1", "http-secret", str(int(NOON.timestamp()))
PARAMS = {"number": "20261120-0012", "place": "文昌路"}
ACCOUNT = {"key": KEY, "secret": SECRET, "answer_limit_s": 0.5}
ANSWER = {"code": "/code", "ref": "/data/id", "success": [0, "OK"], "refusals": {"1013": "throttled"}}


def taken(request: Request) -> Answer:
    return Answer({"code": 0, "data": {"id": 9007199254740993}})


HMAC_HEADER = {
    **ACCOUNT,
    "headers": {"X-Key": "{key}", "X-Time": "{timestamp}", "X-Sign": "{signature}"},
    "body": {"to": ["{to}"], "content": "{text}", "uid": "{id}", "args": "{params}", "retry": False},
    "signing": {"method": "hmac-sha256", "over": "{key}{timestamp}{body}"},
    "answer": ANSWER,
}


class Provider:
    """One account, its provider and its inbox."""

    def __init__(self, settings: dict, peer: HttpPeer, path: str = "/send") -> None:
        self.peer, self.inbox, self.clock = peer, FakeInbox(), ManualClock(NOON)
        options = {**settings, "url": f"http://127.0.0.1:{peer.port}{path}"}
        self.channel = build("sms_http", "sms-h", options, surroundings(self.inbox, clock=self.clock))

    async def send(self, **fields):
        message = replace(outbound(), **{"filing": "T1", "params": PARAMS, **fields})
        (part,) = self.channel.plan(message)
        return await self.channel.send(message, part)

    async def hook(self, path: str, body: bytes = b"", headers: dict | None = None, **query: str):
        route = next(one for one in self.channel.routes() if one.path == path)
        return await route.handler(WebRequest(query, headers or {}, body))


@asynccontextmanager
async def provider_of(settings: dict, reply=taken):
    async with running(HttpPeer(reply)) as peer:
        provider = Provider(settings, peer)
        await provider.channel.open()
        yield provider
        await provider.channel.close()
