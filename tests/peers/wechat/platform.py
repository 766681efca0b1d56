"""WeChat's side for the tests: the requests that an official account makes, over real HTTP on loopback,
answered as the documentation says. `pushing.py` beside this is the other direction.

    async with running_platform(clock.now) as platform:
        platform.books.citizen("oAbc").wrote(clock.now())
        platform.troubles["/cgi-bin/message/custom/send"] = [Trouble(number=45009)]

Troubles are used up one per request; one that `lasts` stays.
"""

import asyncio
import contextlib
import email
import email.policy
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.peers.wechat.books import Books, Notice, RefusedError, Sent

TEXT_MOST = 2_048
KEYS, BELOW = 3, 5
KINDS = {"image": "media_id", "voice": "media_id", "mpnews": "media_id"}


@dataclass
class Trouble:
    """Instead of an answer. `takes`: what was asked for is done all the same, only nobody hears of it."""

    number: int = 0
    status: int = 0
    body: bytes = b""
    silent: bool = False
    takes: bool = False
    lasts: bool = False


@dataclass
class Platform:
    books: Books
    url: str = ""
    troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    gives_notice_numbers: bool = False  # bizsend names no msgid, says its documentation

    def trouble(self, path: str) -> Trouble | None:
        waiting = self.troubles.get(path)
        if not waiting:
            return None
        return waiting[0] if waiting[0].lasts else waiting.pop(0)

    # ------------------------------------------------------------------- what is asked for

    async def stable_token(self, request: Request) -> dict[str, Any]:
        asked = json.loads(await request.body())
        if asked.get("grant_type") != "client_credential":
            raise RefusedError(40002, "invalid grant_type")
        token, life = self.books.stable_token(asked.get("appid"), asked.get("secret"))
        return {"access_token": token, "expires_in": life}

    async def custom_send(self, request: Request) -> dict[str, Any]:
        asked = await self._signed_json(request)
        citizen = self.books.known(asked.get("touser"))
        if citizen.blocked:
            raise RefusedError(48002, "user refuses messages")
        kind = asked["msgtype"]
        sent = Sent(citizen.openid, kind)
        if kind == "text":
            sent.text = asked["text"]["content"]
            self._check_text(sent.text)
        elif kind in KINDS:
            sent.media_id = asked[kind]["media_id"]
            self.books.file(sent.media_id)
        else:
            raise RefusedError(40008, "invalid message type")
        citizen.take(self.books.now())
        self.books.sent.append(sent)
        return {}

    def _check_text(self, text: str) -> None:
        if not text:
            raise RefusedError(44004, "empty content")
        if len(text.encode()) > TEXT_MOST:
            raise RefusedError(45002, "content size out of limit")

    async def template_send(self, request: Request) -> dict[str, Any]:
        notice = self._notice(await self._signed_json(request))
        if not self.books.known(notice.openid).following:
            raise RefusedError(43004, "require subscribe")
        self.books.notices.append(notice)
        return {"msgid": notice.number}

    async def bizsend(self, request: Request) -> dict[str, Any]:
        notice = self._notice(await self._signed_json(request))
        citizen = self.books.known(notice.openid)
        if not citizen.consents:
            raise RefusedError(43101, "user refuse to accept the msg")
        citizen.consents -= 1
        self.books.notices.append(notice)
        return {"msgid": notice.number} if self.gives_notice_numbers else {}

    def _notice(self, asked: dict[str, Any]) -> Notice:
        form = self.books.forms.get(asked.get("template_id", ""))
        if form is None:
            raise RefusedError(40037, "invalid template_id")
        data = {name: given["value"] for name, given in asked["data"].items()}
        if set(data) != set(form) or any(
            name.startswith("thing") and len(value) > 20 for name, value in data.items()
        ):
            raise RefusedError(47003, "argument invalid!")
        self.books.known(asked.get("touser"))
        number = 3_000_000_000_000_000_000 + len(self.books.notices)
        return Notice(asked["touser"], asked["template_id"], data, number)

    async def upload(self, request: Request) -> dict[str, Any]:
        """multipart/form-data with one part called media; read by the standard library."""
        self.books.check_token(request.query_params.get("access_token", ""))
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        parts = email.message_from_bytes(head + await request.body(), policy=email.policy.HTTP)
        (part,) = [
            p for p in parts.iter_parts() if p.get_param("name", header="content-disposition") == "media"
        ]
        if not part.get_filename():
            raise RefusedError(41005, "media data missing")
        kind = request.query_params.get("type", "")
        if kind not in {"image", "voice", "video", "thumb"}:
            raise RefusedError(40004, "invalid media type")
        media_id = self.books.keep(part.get_payload(decode=True), part.get_content_type())
        return {"type": kind, "media_id": media_id, "created_at": int(self.books.now().timestamp())}

    async def media(self, request: Request) -> Response | dict[str, Any]:
        self.books.check_token(request.query_params.get("access_token", ""))
        media_id = request.query_params.get("media_id", "")
        file = self.books.file(media_id)
        if file.video:
            return {"video_url": f"{self.url}/video/{media_id}"}
        named = {"Content-Disposition": f'attachment; filename="{media_id}"'}
        return Response(file.content, media_type=file.mime, headers=named)

    async def video(self, request: Request) -> Response:
        file = self.books.file(request.path_params["media_id"])
        return Response(file.content, media_type=file.mime)

    async def menu_create(self, request: Request) -> dict[str, Any]:
        asked = await self._signed_json(request)
        if not 0 < len(asked["button"]) <= KEYS:
            raise RefusedError(40016, "invalid button size")
        if any(len(button.get("sub_button", ())) > BELOW for button in asked["button"]):
            raise RefusedError(40023, "invalid sub button size")
        self.books.menu = asked
        self.books.menus_written += 1
        return {}

    async def menu_get(self, request: Request) -> dict[str, Any]:
        """With an empty list where a button has none below it, as the platform writes it."""
        self.books.check_token(request.query_params.get("access_token", ""))
        if self.books.menu is None:
            raise RefusedError(46003, "menu no exist")
        return {"menu": {"button": [{"sub_button": [], **key} for key in self.books.menu["button"]]}}

    async def ticket(self, request: Request) -> dict[str, Any]:
        self.books.check_token(request.query_params.get("access_token", ""))
        self.books.tickets_asked += 1
        return {
            "errcode": 0,
            "errmsg": "ok",
            "ticket": f"ticket-{self.books.tickets_asked}",
            "expires_in": 7200,
        }

    async def oauth(self, request: Request) -> dict[str, Any]:
        """A code is good for one question."""
        asked = request.query_params
        if asked.get("appid") != self.books.app_id or asked.get("secret") != self.books.secret:
            raise RefusedError(40125, "invalid appsecret")
        openid = self.books.codes.pop(asked.get("code", ""), None)
        if openid is None:
            raise RefusedError(40029, "invalid code")
        return {
            "access_token": "of-the-citizen",
            "expires_in": 7200,
            "openid": openid,
            "scope": "snsapi_base",
        }

    async def _signed_json(self, request: Request) -> dict[str, Any]:
        self.books.check_token(request.query_params.get("access_token", ""))
        body = await request.body()
        if b"\\u" in body:
            raise RefusedError(
                40033, "invalid charset. please check your request, if include \\uxxxx will create fail!"
            )
        return json.loads(body)


ROUTES = {
    "/cgi-bin/stable_token": "stable_token",
    "/cgi-bin/message/custom/send": "custom_send",
    "/cgi-bin/message/template/send": "template_send",
    "/cgi-bin/message/subscribe/bizsend": "bizsend",
    "/cgi-bin/media/upload": "upload",
    "/cgi-bin/media/get": "media",
    "/cgi-bin/menu/create": "menu_create",
    "/cgi-bin/menu/get": "menu_get",
    "/cgi-bin/ticket/getticket": "ticket",
    "/sns/oauth2/access_token": "oauth",
    "/video/{media_id}": "video",
}


def _served(platform: Platform, path: str, name: str) -> Callable[[Request], Any]:
    """Errors are JSON with status 200, as everything."""

    async def answer(request: Request) -> Response:
        platform.asked[path] += 1
        trouble = platform.trouble(path)
        if trouble is not None and not trouble.takes:
            return await _troubled(platform, trouble)
        try:
            given = await getattr(platform, name)(request)
        except RefusedError as error:
            given = {"errcode": error.number, "errmsg": f"{error} rid: 656d6d2f"}
        if trouble is not None:
            return await _troubled(platform, trouble)
        if isinstance(given, Response):
            return given
        return JSONResponse(given if "errcode" in given else {"errcode": 0, "errmsg": "ok", **given})

    return answer


async def _troubled(platform: Platform, trouble: Trouble) -> Response:
    if trouble.silent:
        await platform.released.wait()
    if trouble.number:
        return JSONResponse({"errcode": trouble.number, "errmsg": "rid: 656d6d2f"})
    return PlainTextResponse(trouble.body, status_code=trouble.status or 200)


class QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The application on a free port of this machine, in this loop."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
    )
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    async with asyncio.timeout(5):
        while not server.started:
            await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


@asynccontextmanager
async def running_platform(now: Callable[[], datetime]) -> AsyncIterator[Platform]:
    platform = Platform(Books(now))
    routes = [
        Route(path, _served(platform, path, name), methods=["GET", "POST"]) for path, name in ROUTES.items()
    ]
    async with serving(Starlette(routes=routes)) as url:
        platform.url = url
        try:
            yield platform
        finally:
            platform.released.set()
