"""A Bot API of our own, written after the documentation (core.telegram.org/bots/api) and not after the
client: methods, errors and getUpdates' offset as described there. Runs on the test's loop.
"""

import asyncio
import contextlib
import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
BOT = {"id": 110201543, "is_bot": True, "first_name": "澜江12345", "username": "lanjiang_bot"}
CITIZEN = 7_001
NOON = 1_795_147_200  # 2026-11-20 04:00 UTC
KINDS = ("photo", "voice", "audio", "video", "document")


def user(chat: int = CITIZEN) -> dict[str, Any]:
    return {"id": chat, "is_bot": False, "first_name": "伟", "last_name": "王"}


def private(chat: int = CITIZEN) -> dict[str, Any]:
    return {"id": chat, "type": "private", "first_name": "伟", "last_name": "王"}


@dataclass
class Sent:
    """What the bot sent, as the chat shows it."""

    method: str
    chat: int
    text: str = ""
    file: bytes = b""
    name: str = ""


@dataclass
class Failure:
    """An answer that is given `times` times instead of the right one. `body` of the ResponseParameters."""

    status: int
    description: str
    parameters: dict[str, Any] = field(default_factory=dict)
    times: int = 1
    method: str = ""  # '' = any


class Refusal(Exception):  # noqa: N818  # a refusal, as the documentation says
    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


class BotApi:
    def __init__(self) -> None:
        self.port = 0
        self.sent: list[Sent] = []
        self.calls: list[str] = []
        self.hook: dict[str, Any] = {}
        self.blocked: set[int] = set()
        self.strangers: set[int] = set()
        self.failures: list[Failure] = []
        self.slow_s = 0.0  # every answer but getUpdates takes so long, after the work was done
        self.files: dict[str, bytes] = {}
        self.answered_keys: list[str] = []
        self.commands: list[dict[str, str]] = []
        self.offsets: list[int | None] = []
        self._updates: dict[int, dict[str, Any]] = {}
        self._arrived = asyncio.Event()
        self._numbers = itertools.count(500_000)
        self._messages = itertools.count(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # ------------------------------------------------------------------- what a citizen does

    def says(self, chat: int = CITIZEN, /, **content: Any) -> dict[str, Any]:
        """A message to the bot, queued for getUpdates. Returns the update."""
        message = {"message_id": next(self._messages), "date": NOON, "chat": private(chat)}
        return self.push({"message": {**message, "from": user(chat), **content}})

    def push(self, content: dict[str, Any]) -> dict[str, Any]:
        update = {"update_id": next(self._numbers), **content}
        self._updates[update["update_id"]] = update
        self._arrived.set()
        return update

    def replay(self, update: dict[str, Any]) -> None:
        """As when the confirmation was lost."""
        self._updates[update["update_id"]] = update
        self._arrived.set()

    def restart_numbers(self, at: int) -> None:
        """After a week without updates the next number is a random one."""
        self._numbers = itertools.count(at)

    @property
    def waiting(self) -> list[int]:
        return sorted(self._updates)

    # ------------------------------------------------------------------- HTTP

    async def answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        self.calls.append(method)
        try:
            self._admit(request.path_params["token"])
            self._fail_as_told(method)
            handler = getattr(self, f"_{method}", partial(self._send_file, method))
            result = await handler(await _parameters(request))
        except Refusal as error:
            body = {"ok": False, "error_code": error.status, "description": error.description}
            more = {"parameters": error.parameters} if error.parameters else {}
            return JSONResponse({**body, **more}, error.status)
        if method != "getUpdates" and self.slow_s:
            await asyncio.sleep(self.slow_s)
        return JSONResponse({"ok": True, "result": result})

    async def file(self, request: Request) -> Response:
        content = self.files.get(request.path_params["path"].removeprefix("files/"))
        return Response(status_code=404) if content is None else Response(content)

    def _admit(self, token: str) -> None:
        if token != TOKEN:
            raise Refusal(401, "Unauthorized")

    def _fail_as_told(self, method: str) -> None:
        for failure in self.failures:
            if failure.times and failure.method in {"", method}:
                failure.times -= 1
                raise Refusal(failure.status, failure.description, **failure.parameters)

    # ------------------------------------------------------------------- methods

    async def _getMe(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return BOT

    async def _setMyCommands(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        self.commands = json.loads(parameters["commands"])
        if not all(re.fullmatch(r"[a-z0-9_]{1,32}", one["command"]) for one in self.commands):
            raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
        return True

    async def _setWebhook(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        if not parameters["url"].startswith("https://"):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.hook = parameters
        return True

    async def _deleteWebhook(self, _: dict[str, Any]) -> bool:  # noqa: N802
        self.hook = {}
        return True

    async def _getUpdates(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:  # noqa: N802
        """An update is confirmed as soon as getUpdates is called with an offset higher than its number."""
        if self.hook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = parameters.get("offset")
        self.offsets.append(None if offset is None else int(offset))
        for number in self.waiting:
            if number < int(offset or 0):
                del self._updates[number]
        await self._until_something(float(parameters.get("timeout", 0)))
        return [self._updates[number] for number in self.waiting][: int(parameters.get("limit", 100))]

    async def _until_something(self, limit: float) -> None:
        self._arrived.clear()
        if not self._updates:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await self._arrived.wait()

    async def _sendMessage(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        text = parameters["text"]
        if not text.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) > 2 * 4_096:
            raise Refusal(400, "Bad Request: message is too long")
        return self._shown(Sent("sendMessage", self._chat(parameters), text), text=text)

    async def _send_file(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        kind = method.removeprefix("send").lower()
        if kind not in KINDS:
            raise Refusal(404, "Not Found")
        name, content = parameters[kind]
        caption = parameters.get("caption", "")
        if len(caption.encode("utf-16-le")) > 2 * 1_024:
            raise Refusal(400, "Bad Request: message caption is too long")
        sent = Sent(method, self._chat(parameters), caption, content, name)
        return self._shown(sent, **_file_object(kind), caption=caption)

    async def _getFile(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        file_id = parameters["file_id"]
        if file_id not in self.files:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(self.files[file_id]) > 20 * 1024 * 1024:
            raise Refusal(400, "Bad Request: file is too big")
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_path": f"files/{file_id}"}

    async def _answerCallbackQuery(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        self.answered_keys.append(parameters["callback_query_id"])
        return True

    def _chat(self, parameters: dict[str, Any]) -> int:
        chat = int(parameters["chat_id"])
        if chat in self.strangers:
            raise Refusal(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        return chat

    def _shown(self, sent: Sent, **content: Any) -> dict[str, Any]:
        self.sent.append(sent)
        number = next(self._messages)
        return {"message_id": number, "date": NOON, "chat": private(sent.chat), "from": BOT, **content}


async def _parameters(request: Request) -> dict[str, Any]:
    """All four ways of the documentation but JSON: query, form, multipart."""
    found: dict[str, Any] = dict(request.query_params)
    body, kind = await request.body(), request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        found |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif kind.startswith("multipart/form-data"):
        found |= _multipart(kind, body)
    return found


def _multipart(kind: str, body: bytes) -> dict[str, Any]:
    """Names are written in UTF-8 as they are (RFC 7578, 5.1.3)."""
    message = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    found: dict[str, Any] = {}
    for part in message.get_payload():
        said = dict(part.raw_items())["Content-Disposition"].encode(errors="surrogateescape").decode()
        names = dict(re.findall(r'(\w+)="([^"]*)"', said))
        content = part.get_payload(decode=True)
        file = names.get("filename")
        found[names["name"]] = content.decode() if file is None else (file, content)
    for name, value in list(found.items()):
        if isinstance(value, str) and value.startswith("attach://"):
            found[name] = found.pop(value.removeprefix("attach://"))
    return found


def _file_object(kind: str) -> dict[str, Any]:
    one = {"file_id": "f1", "file_unique_id": "u1"}
    match kind:
        case "photo":
            return {"photo": [{**one, "width": 90, "height": 60}]}
        case "voice" | "audio":
            return {kind: {**one, "duration": 3}}
        case "video":
            return {"video": {**one, "width": 90, "height": 60, "duration": 3}}
        case _:
            return {"document": one}


def _also_as_proxy(app: Any) -> Any:
    """Whoever goes through a proxy asks it for whole addresses (RFC 9112, 3.2.2)."""

    async def asked(scope: dict[str, Any], receive: Any, send: Any) -> None:
        _, _, rest = scope["path"].partition("://")
        path = f"/{rest.partition('/')[2]}" if rest else scope["path"]
        await app({**scope, "path": path}, receive, send)

    return asked


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to pytest."""
        yield


@asynccontextmanager
async def running_bot_api() -> AsyncIterator[BotApi]:
    api = BotApi()
    routes = [
        Route("/bot{token}/{method}", api.answer, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path:path}", api.file),
    ]
    config = uvicorn.Config(
        _also_as_proxy(Starlette(routes=routes)),
        host="127.0.0.1",
        port=0,
        log_config=None,
        lifespan="off",
        ws="none",
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    api.port = server.servers[0].sockets[0].getsockname()[1]
    yield api
    server.should_exit, server.force_exit = True, True
    await task


def as_body(update: dict[str, Any]) -> bytes:
    return json.dumps(update, ensure_ascii=False).encode()
