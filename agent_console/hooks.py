"""Addresses that platforms call: /hooks/<account>/<path>. In front of the console's application and apart
from it: no session, no cookie, no page; who may call is the account's own business.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import structlog

from callcenter.ports import WebRequest, WebResponse, WebRoute

log = structlog.get_logger(__name__)

PREFIX = "/hooks/"
MAX_BODY = 1_048_576  # octets
BODY_LIMIT_S = 10.0
NO_SUCH = WebResponse(404, b"no such address")
NOT_SO = WebResponse(405, b"not this method")
TOO_LARGE = WebResponse(413, b"too large")
TOO_SLOW = WebResponse(408, b"too slow")
BROKEN = WebResponse(500, b"try again")


class PeerGoneError(Exception):
    """The platform hung up before it had sent everything."""


class TooLargeError(Exception):
    """More octets than a push may have."""


class Hooks:
    """An ASGI application that serves `routes` (by account) and hands everything else to `app`."""

    def __init__(self, app: Any, routes: Mapping[str, Sequence[WebRoute]]) -> None:
        self._app = app
        self._routes = {
            f"{PREFIX}{account}/{one.path.strip('/')}".rstrip("/"): {
                other.method: other for other in own if other.path == one.path
            }
            for account, own in routes.items()
            for one in own
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive)
        except PeerGoneError:
            return
        await _write(answer, receive, send)

    async def _answer(self, scope: Any, receive: Any) -> WebResponse:
        methods = self._routes.get(scope["path"].rstrip("/"))
        if methods is None:
            return NO_SUCH
        route = methods.get(scope["method"])
        if route is None:
            return NOT_SO
        try:
            async with asyncio.timeout(BODY_LIMIT_S):
                body = await _body(receive)
        except TooLargeError:
            return TOO_LARGE
        except TimeoutError:
            return TOO_SLOW
        return await self._handled(route, _request(scope, body))

    async def _handled(self, route: WebRoute, request: WebRequest) -> WebResponse:
        try:
            return await route.handler(request)
        except Exception:
            log.exception("hook_failed", path=route.path)
            return BROKEN


def _request(scope: Any, body: bytes) -> WebRequest:
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return WebRequest(query, headers, body)


async def _body(receive: Any) -> bytes:
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise PeerGoneError
        body += event.get("body", b"")
        if len(body) > MAX_BODY:
            raise TooLargeError
        if not event.get("more_body"):
            return bytes(body)


async def _write(answer: WebResponse, receive: Any, send: Any) -> None:
    """Whoever waits to know hears whether the peer was still there for it."""
    heard = asyncio.ensure_future(receive())  # after the body the only event is the end of the connection
    await asyncio.sleep(0)
    if heard.done() and heard.result()["type"] == "http.disconnect":
        _tell(answer, written=False)
        return
    headers = {"content-type": answer.content_type, "content-length": str(len(answer.body)), **answer.headers}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})
        _tell(answer, written=True)
    finally:
        heard.cancel()


def _tell(answer: WebResponse, *, written: bool) -> None:
    if answer.written is not None:
        answer.written(written)
