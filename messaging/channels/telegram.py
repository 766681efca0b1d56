"""A Telegram bot: words, pictures and files out; messages, places, keys and files in.

Off unless an account is configured: Telegram is not reachable from mainland China without a proxy. Updates
come by web hook where we have a public address, else by long polling. python-telegram-bot brings requests
and types; its own loop, handlers and rate limiter are not used.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import random
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import structlog
from pydantic import Field, SecretStr
from telegram import Bot, Message
from telegram.error import TelegramError

from callcenter.domain.messages import (
    Attachment,
    Fault,
    Inbound,
    Kind,
    Media,
    Outbound,
    Outcome,
    Part,
    PlanError,
    SendResult,
)
from callcenter.ports import Channel, MediaGoneError, Rate, WebRequest, WebResponse, WebRoute
from messaging.account import AccountBase, AccountOptions
from messaging.channels import Surroundings
from messaging.policy import Ladder
from messaging.telegram import updates
from messaging.telegram.api import Requests, fate
from messaging.telegram.polling import Poller, Raw, understood
from messaging.telegram.text import CAPTION_UNITS, pieces, units

log = structlog.get_logger(__name__)

RATE = Rate(per_second=25, per_recipient_s=1)
"""Below Telegram's own soft limits: 30 in a second over all chats, one in a second in each."""

HOOK = "update"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  # the name of a header
DOWNLOAD_MOST = 20 * 1024 * 1024  # octets; getFile gives no more
UPLOAD_MOST = {"photo": 10 * 1024 * 1024}
UPLOAD_MOST_ELSE = 50 * 1024 * 1024
CHUNK = 65_536
BATCH = 100  # updates in one answer; the most there are
HOOK_AGAIN_S = 300.0  # the hook is named again: somebody may have taken it away
RECONNECT = Ladder(timedelta(seconds=1), timedelta(minutes=1))
ANSWER_KEY_S = 5.0

# keys of the bot's menu and what stands beside them; each comes back as menu:<key>
COMMANDS = (
    ("report", "反映问题"),
    ("progress", "查询办理进度"),
    ("urge", "催办"),
    ("rate", "评价办理结果"),
    ("person", "人工服务"),
    ("menu", "菜单与帮助"),
)

# what Telegram shows in place; every other file is a document
METHODS: Mapping[tuple[Kind, str], str] = {
    (Kind.IMAGE, "image/jpeg"): "photo",
    (Kind.IMAGE, "image/png"): "photo",
    (Kind.IMAGE, "image/webp"): "photo",
    (Kind.VOICE, "audio/ogg"): "voice",
    (Kind.VOICE, "audio/mpeg"): "audio",
    (Kind.VOICE, "audio/mp4"): "audio",
    (Kind.VIDEO, "video/mp4"): "video",
}


class Options(AccountOptions):
    """Settings of one bot. `public_url` is where Telegram reaches us ('' = long polling)."""

    token: SecretStr = Field(min_length=1)
    public_url: str = Field("", pattern=r"^(https://[!-~]+[^/])?$")
    proxy: str = Field("", pattern=r"^(https?://[!-~]+)?$")
    base_url: str = "https://api.telegram.org"
    answer_limit_s: float = Field(20, gt=0)
    poll_s: int = Field(25, ge=1, le=50)


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class File:
    attachment: Attachment
    caption: str


class TelegramChannel(AccountBase):
    """Implements `callcenter.ports.Channel`."""

    medium = updates.MEDIUM

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        super().__init__(name, RATE)
        self._options = options
        self._inbox = around.inbox
        self._store = around.media
        token = options.token.get_secret_value()
        self._secret = hmac.new(token.encode(), b"web hook", hashlib.sha256).hexdigest()
        self._tls = ssl.create_default_context()
        self._sending = self._requests(options.answer_limit_s, connections=32)
        self._polling = self._requests(options.poll_s + options.answer_limit_s, connections=1)
        self._bot = Bot(
            token,
            base_url=f"{options.base_url}/bot",
            base_file_url=f"{options.base_url}/file/bot",
            request=self._sending,
            get_updates_request=self._polling,
        )
        proxy, limit_s = options.proxy or None, options.answer_limit_s
        self._files = httpx.AsyncClient(proxy=proxy, trust_env=False, timeout=limit_s, verify=self._tls)
        self._poller = Poller(name, self._ask, self._accept)
        self._link: asyncio.Task[None] | None = None
        self._answers: set[asyncio.Task[None]] = set()
        self._trouble = "not_connected"
        self._failures = 0

    def _requests(self, limit_s: float, connections: int) -> Requests:
        """`proxy` alone decides how Telegram is reached, not what the environment says."""
        return Requests(
            connection_pool_size=connections,
            read_timeout=limit_s,
            write_timeout=limit_s,
            connect_timeout=self._options.answer_limit_s,
            pool_timeout=self._options.answer_limit_s,
            proxy=self._options.proxy or None,
            httpx_kwargs={"trust_env": False, "verify": self._tls},
        )

    @property
    def trouble(self) -> str:
        return self._trouble

    async def open(self) -> None:
        self._link = asyncio.create_task(self._keep_linked())

    async def close(self) -> None:
        if self._link is not None:
            self._link.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._link
        if self._answers:
            await asyncio.wait(self._answers, timeout=ANSWER_KEY_S)
        # not by the bot: its shutdown closes nothing as long as Telegram was never reached
        await asyncio.gather(self._sending.shutdown(), self._polling.shutdown(), self._files.aclose())

    # ------------------------------------------------------------------- out

    def plan(self, message: Outbound) -> Sequence[Part]:
        if not message.to.lstrip("-").isdigit():
            raise PlanError("bad_address", Fault.RECIPIENT)
        contents = _contents(message)
        if not contents:
            raise PlanError("empty")
        return [Part(number, content) for number, content in enumerate(contents)]

    async def send(self, message: Outbound, part: Part) -> SendResult:
        chat = int(message.to)
        try:
            if isinstance(part.content, File):
                return await self._send_file(chat, part.content)
            return _taken(await self._bot.send_message(chat, part.content.text))
        except TelegramError as error:
            return fate(error)
        except Exception:
            log.exception("telegram_send_failed", account=self.name, message=message.id)
            return SendResult(Outcome.UNKNOWN, code="bad_answer", fault=Fault.LINK)

    async def _send_file(self, chat: int, file: File) -> SendResult:
        one = file.attachment
        try:
            content = await self._store.read(one.digest)
        except KeyError:
            return SendResult(Outcome.REJECTED, code="file_missing")
        method = METHODS.get((one.kind, one.mime), "document")
        if len(content) > UPLOAD_MOST.get(method, UPLOAD_MOST_ELSE):
            return SendResult(Outcome.REJECTED, code="too_large")
        send = getattr(self._bot, f"send_{method}")
        name = one.name or one.digest[:12]
        return _taken(await send(chat, content, caption=file.caption or None, filename=name))

    # ------------------------------------------------------------------- in

    def routes(self) -> Sequence[WebRoute]:
        return (WebRoute("POST", HOOK, self._hook),) if self._options.public_url else ()

    async def _hook(self, request: WebRequest) -> WebResponse:
        """200 only after the commit; Telegram sends everything else again."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            log.warning("telegram_wrong_secret", account=self.name)
            return WebResponse(401)
        try:
            raw = json.loads(request.body)
        except ValueError:
            raw = None
        if not isinstance(raw, dict):
            return WebResponse(400)
        if (message := understood(raw, self.name)) is not None:
            try:
                await self._accept(message)
            except Exception:
                log.exception("telegram_update_not_kept", account=self.name)
                return WebResponse(503)
        return WebResponse(200)

    async def _accept(self, message: Inbound) -> None:
        await self._inbox.accept(message)
        if message.event_key.startswith(updates.KEY):
            answer = asyncio.create_task(self._answer_key(message.event_key.removeprefix(updates.KEY)))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)

    async def _answer_key(self, query: str) -> None:
        """Ends the little clock on the key; nothing depends on it."""
        with contextlib.suppress(TelegramError):
            await self._bot.answer_callback_query(query)

    # ------------------------------------------------------------------- link

    async def _keep_linked(self) -> None:
        """Until cancelled: poll, or keep the hook where it is. Failures rest longer and longer."""
        while True:
            try:
                await self._connect()
                await self._stay()
            except TelegramError as error:
                self._down(fate(error).code)
            except Exception:
                log.exception("telegram_updates_not_kept", account=self.name)
            self._failures += 1
            pause = RECONNECT.pause(self._failures, random.random())  # noqa: S311  # spreads, hides nothing
            await asyncio.sleep(pause.total_seconds())

    async def _connect(self) -> None:
        await self._bot.initialize()
        if self._options.public_url:
            await self._bot.set_webhook(
                f"{self._options.public_url}/hooks/{self.name}/{HOOK}",
                secret_token=self._secret,
                allowed_updates=updates.WANTED,
            )
        else:
            await self._bot.delete_webhook(drop_pending_updates=False)
        if self._trouble:
            await self._bot.set_my_commands(COMMANDS)
            log.info("telegram_connected", account=self.name, hook=bool(self._options.public_url))
        self._trouble = ""

    async def _stay(self) -> None:
        """Ends by an exception only."""
        while True:
            if self._options.public_url:
                await asyncio.sleep(HOOK_AGAIN_S)
                await self._connect()
            else:
                await self._poller.round()
            self._failures = 0

    def _down(self, why: str) -> None:
        if why != self._trouble:
            log.warning("telegram_not_connected", account=self.name, reason=why)
        self._trouble = why

    async def _ask(self, offset: int | None) -> Sequence[Raw]:
        """getUpdates, not read by the library: one update that it cannot read would be asked for for ever."""
        wanted: dict[str, Any] = {"timeout": self._options.poll_s, "limit": BATCH}
        wanted["allowed_updates"] = json.dumps(updates.WANTED)
        if offset is not None:
            wanted["offset"] = offset
        url = httpx.URL(f"{self._bot.base_url}/getUpdates", params=wanted)
        found: Any = await self._polling.post(str(url))
        return [one for one in found if isinstance(one.get("update_id"), int)]

    # ------------------------------------------------------------------- files

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        if media.size > DOWNLOAD_MOST:
            raise MediaGoneError("too_large")
        url = await self._address(media.ref)
        length = 0
        try:
            async with self._files.stream("GET", url) as answer:
                _check(answer)
                async for chunk in answer.aiter_bytes(CHUNK):
                    length += len(chunk)
                    if length > DOWNLOAD_MOST:
                        raise MediaGoneError("too_large")
                    yield chunk
        except httpx.HTTPError as error:
            # the address holds the token: it must not stand in an error's text
            raise OSError(f"telegram_file_{type(error).__name__}") from None

    async def _address(self, file_id: str) -> str:
        try:
            file = await self._bot.get_file(file_id)
        except TelegramError as error:
            result = fate(error)
            if result.outcome is Outcome.REJECTED:
                raise MediaGoneError(result.code) from None
            raise OSError(result.code) from None
        return file.file_path or ""


def _contents(message: Outbound) -> list[Words | File]:
    """A file goes with its words where they fit under it, else before them."""
    if message.attachment is None:
        return [Words(piece) for piece in pieces(message.text)]
    if units(message.text) <= CAPTION_UNITS:
        return [File(message.attachment, message.text)]
    return [File(message.attachment, ""), *(Words(piece) for piece in pieces(message.text))]


def _taken(message: Message) -> SendResult:
    return SendResult(Outcome.ACCEPTED, updates.reference(message.chat.id, message.message_id))


def _check(answer: httpx.Response) -> None:
    if answer.is_client_error:
        raise MediaGoneError(f"telegram_{answer.status_code}")
    if not answer.is_success:
        raise OSError(f"telegram_{answer.status_code}")


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    return TelegramChannel(name, Options.model_validate(options), around)
