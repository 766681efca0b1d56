"""A WeChat account beside the platform's other side, with everything around it that a test looks at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from agent_console.hooks import Hooks
from callcenter.domain.messages import Outbound, Purpose, SendResult
from callcenter.ports import WebResponse, WebRoute
from messaging.channels import Surroundings, build
from messaging.channels.wechat import WeChatChannel
from tests.fakes import MemoryStore
from tests.messaging.fake_outbox import FakeInbox, ManualClock
from tests.messaging.waiting import eventually
from tests.peers.wechat.platform import Platform, running_platform, serving
from tests.peers.wechat.pushing import CITIZEN, Pusher

ACCOUNT = "wx-city"
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)  # 12:00 in the city
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLDER_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Desk:
    channel: WeChatChannel
    platform: Platform
    pusher: Pusher
    inbox: FakeInbox
    media: MemoryStore
    clock: ManualClock

    def route(self, path: str, method: str = "GET") -> WebRoute:
        return next(r for r in self.channel.routes() if r.path == path and r.method == method)

    async def push(self, fields: dict[str, object] | bytes) -> WebResponse:
        return await self.route("push", "POST").handler(self.pusher.request(fields))

    async def send(self, text: str = "已受理", **given: object) -> SendResult:
        return (await self.send_parts(a_message(text, **given)))[-1]

    async def send_parts(self, message: Outbound) -> list[SendResult]:
        return [await self.channel.send(message, part) for part in self.channel.plan(message)]

    def citizen_wrote(self, openid: str = CITIZEN) -> None:
        self.platform.books.citizen(openid).wrote(self.clock.now())


def a_message(text: str = "已受理", **given: object) -> Outbound:
    fields = {"id": "m1", "channel": "wechat", "to": CITIZEN, "text": text, "purpose": Purpose.REPLY}
    return Outbound(**{**fields, **given})


def a_channel(inbox: FakeInbox, media: MemoryStore, clock: ManualClock, **options) -> WeChatChannel:
    """Answers in the request are off unless the test is about them: every other push would wait for one."""
    fields = {
        "app_id": "wx1234567890abcdef",
        "secret": "app-secret",
        "token": "AAAAA",
        "answer_limit_s": 1.0,
        "passive_wait_s": 0,
    }
    around = Surroundings(inbox, None, media, clock, None, ZONE)
    channel = build("wechat", ACCOUNT, {**fields, **options}, around)
    assert isinstance(channel, WeChatChannel)
    return channel


@asynccontextmanager
async def open_desk(
    *, begun: bool = True, platform: Platform | None = None, **options
) -> AsyncIterator[Desk]:
    """`begun`: the channel has its token before the test begins. `platform`: one that is there already."""
    clock, inbox, media = ManualClock(NOON), FakeInbox(), MemoryStore()
    if platform is not None:
        clock = platform.books.now.__self__
    async with running_platform(clock.now) as fresh:
        peer = platform or fresh
        channel = a_channel(inbox, media, clock, **{"api_url": peer.url, **options})
        keys = {"aes_key": options["aes_key"]} if options.get("aes_key") else {}
        desk = Desk(channel, peer, Pusher(clock.now, **keys), inbox, media, clock)
        if begun:
            await channel.open()
            await eventually(lambda: not channel.trouble)
        try:
            yield desk
        finally:
            await channel.close()


@asynccontextmanager
async def public_door(channel: WeChatChannel) -> AsyncIterator[str]:
    """The channel's routes over HTTP, behind the console's own mount; the address of the web hook."""
    async with serving(Hooks(None, {ACCOUNT: channel.routes()})) as url:
        yield f"{url}/hooks/{ACCOUNT}/push"
