"""A WeChat official account (服务号): citizens' messages, keys and places in; words, pictures, notices out.

Puts together what lies in `messaging.wechat`, where the protocol is.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

import httpx
import structlog
from pydantic import Field, SecretStr

from callcenter.domain.messages import Media, Outbound, Part, SendResult
from callcenter.ports import Channel, WebRoute
from messaging.account import AccountBase, AccountOptions
from messaging.channels import Surroundings
from messaging.policy import Ladder
from messaging.wechat import menu, sending
from messaging.wechat.api import Account, Api
from messaging.wechat.codes import NO_MENU, InDoubtError, NotReachedError, RefusedError, fate
from messaging.wechat.envelope import KEY_LENGTH, Envelope
from messaging.wechat.hooks import Hooks
from messaging.wechat.media import Downloads
from messaging.wechat.menu import MOST_KEYS, Key
from messaging.wechat.notices import Notice
from messaging.wechat.pages import Pages, Site
from messaging.wechat.pushes import MEDIUM
from messaging.wechat.receiving import Receiving, Timing

log = structlog.get_logger(__name__)

HOOK = "push"
FAILURES = (RefusedError, NotReachedError, InDoubtError)
CONNECTIONS, STRANGERS = 32, 4
RECONNECT = Ladder(timedelta(seconds=1), timedelta(minutes=1))

AesKey = Annotated[SecretStr, Field(min_length=KEY_LENGTH, max_length=KEY_LENGTH)]


class Options(AccountOptions):
    """Settings of one account. With `aes_key` (EncodingAESKey) only sealed pushes are believed; while a new
    key spreads, the one before it is `previous_aes_key`. `public_url` '' = no page of ours inside WeChat.
    """

    app_id: str = Field(min_length=1)
    secret: SecretStr = Field(min_length=1)
    token: SecretStr = Field(min_length=3, max_length=32)  # of the pushes, not the access token
    aes_key: AesKey | None = None
    previous_aes_key: AesKey | None = None
    public_url: str = Field("", pattern=r"^(https?://[^/\s]+)?$")
    api_url: str = Field("https://api.weixin.qq.com", pattern=r"^https?://[^/\s]+$")
    proxy: str = Field("", pattern=r"^(https?://[!-~]+)?$")
    answer_limit_s: float = Field(15, gt=0)
    passive_wait_s: float = Field(3.5, ge=0, le=4)  # 0 = never answer in the platform's own request
    positions: bool = False  # also take the place that phones report by themselves
    menu: Annotated[tuple[Key, ...], Field(max_length=MOST_KEYS)] = ()
    templates: Mapping[str, Notice] = {}  # our template -> the form on file with WeChat


class WeChatChannel(AccountBase):
    """Implements `callcenter.ports.Channel`."""

    medium = MEDIUM

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        super().__init__(name)
        self._options = options
        self._clock = around.clock
        self._zone = around.zone
        self._client = self._connections(CONNECTIONS)
        account = Account(options.app_id, options.secret.get_secret_value())
        self._api = Api(account, self._client, options.answer_limit_s, around.clock)
        self._hooks = Hooks()
        self._downloads = Downloads(self._api, self._client)
        self._sending = sending.Sending(
            self._api, self._hooks, around.media, around.clock, around.zone, options.templates
        )
        self._receiving = Receiving(
            name,
            Envelope(options.token.get_secret_value(), options.app_id, _keys(options)),
            around.inbox,
            around.clock,
            self._hooks,
            Timing(passive_wait=options.passive_wait_s),
            positions=options.positions,
        )
        # whoever likes may open these: they must not take the connections that messages go by
        self._strangers = self._connections(STRANGERS)
        asked = Api(account, self._strangers, options.answer_limit_s, around.clock)
        self._pages = Pages(Site(name, options.app_id, options.public_url), asked, around.clock)
        self._beginning: asyncio.Task[None] | None = None
        self._trouble = "not_connected"

    def _connections(self, most: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._options.api_url,
            timeout=self._options.answer_limit_s,
            limits=httpx.Limits(max_connections=most),
            proxy=self._options.proxy or None,
            trust_env=False,  # the settings alone say how WeChat is reached
        )

    @property
    def trouble(self) -> str:
        return self._trouble

    def routes(self) -> Sequence[WebRoute]:
        own = WebRoute("GET", HOOK, self._receiving.prove), WebRoute("POST", HOOK, self._receiving.push)
        return (*own, *self._pages.routes()) if self._options.public_url else own

    def plan(self, message: Outbound) -> Sequence[Part]:
        return sending.plan(message)

    async def send(self, message: Outbound, part: Part) -> SendResult:
        return await self._sending.send(message, part)

    def fetch(self, media: Media) -> AsyncIterator[bytes]:
        return self._downloads.fetch(media)

    async def open(self) -> None:
        self._beginning = asyncio.create_task(self._begin())

    async def close(self) -> None:
        self._hooks.close()
        if self._beginning is not None:
            self._beginning.cancel()
            await asyncio.wait({self._beginning})
        await self._client.aclose()
        await self._strangers.aclose()

    async def _begin(self) -> None:
        """Until there is a first token nothing can be sent. What refuses sends later rests the account by
        their results. Nothing waits for the menu.
        """
        failures = 0
        while not await self._has_token():
            failures += 1
            pause = RECONNECT.pause(failures, random.random())  # noqa: S311  # spreads, hides nothing
            await asyncio.sleep(pause.total_seconds())
        if self._options.menu:
            await self._write_menu()

    async def _has_token(self) -> bool:
        try:
            await self._api.token()
        except FAILURES as error:
            self._trouble = fate(error, self._clock.now(), self._zone).code
            log.warning("wechat_no_token", account=self.name, reason=str(error))
        else:
            self._trouble = ""
        return not self._trouble

    async def _write_menu(self) -> None:
        wanted = menu.request(self._options.menu)
        try:
            if not menu.same(wanted, await self._menu_there()):
                await self._api.post("/cgi-bin/menu/create", wanted)
                log.info("wechat_menu_written", account=self.name)
        except FAILURES as error:
            log.warning("wechat_menu_not_written", account=self.name, reason=str(error))

    async def _menu_there(self) -> Mapping[str, Any]:
        try:
            return await self._api.get("/cgi-bin/menu/get")
        except RefusedError as error:
            if error.number != NO_MENU:
                raise
            return {}


def _keys(options: Options) -> Sequence[str]:
    """The key in use first."""
    return [key.get_secret_value() for key in (options.aes_key, options.previous_aes_key) if key is not None]


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    return WeChatChannel(name, Options.model_validate(options), around)
