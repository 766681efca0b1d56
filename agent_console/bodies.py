"""Bodies that strangers send: how long one may take, and how many may be on their way. An ASGI layer in front
of the application, which reads a body before it looks at who sent it. Knows nothing of what is in them.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from starlette.responses import JSONResponse

OPEN = ("/api/citizen/", "/api/positions")  # what anybody may send to
BODY_LIMIT_S = 30.0
EACH = 4  # bodies at a time from one address
ALL = 64
NO_BODY = (b"", b"0")


class Bodies:
    """`address`: who a request is from, by its scope."""

    def __init__(self, app: Any, address: Callable[[Any], str]) -> None:
        self._app = app
        self._address = address
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not _brings_a_body(scope):
            await self._app(scope, receive, send)
            return
        who = self._address(scope)
        if self._open[who] >= EACH or self._open.total() >= ALL:
            busy = _problem(429, "busy", "同时提交的内容太多了，请稍等几秒再试；有急事请拨打 12345。")
            await busy(scope, receive, send)
            return
        if not await self._in_time(who, scope, receive, send):
            late = _problem(
                408, "too_slow", "网络太慢，内容没有传完，请换个信号好的地方再试；也可以拨打 12345。"
            )
            await late(scope, receive, send)

    async def _in_time(self, who: str, scope: Any, receive: Any, send: Any) -> bool:
        """False = the body was not here in time; then nothing has been answered yet."""
        limit = asyncio.timeout(BODY_LIMIT_S)
        with ExitStack() as place:
            place.enter_context(self._counted(who))

            def over() -> None:
                """It is here, or the application wants no more of it; what it does now may take longer."""
                place.close()
                if not limit.expired():
                    limit.reschedule(None)

            async def receive_in_time() -> Any:
                event = await receive()
                if not event.get("more_body"):
                    over()
                return event

            async def answer(event: Any) -> None:
                over()
                await send(event)

            try:
                async with limit:
                    await self._app(scope, receive_in_time, answer)
            except TimeoutError:
                if not limit.expired():  # one of the application's own
                    raise
                return False
        return True

    @contextmanager
    def _counted(self, who: str) -> Iterator[None]:
        self._open[who] += 1
        try:
            yield
        finally:
            self._open -= Counter([who])  # and forgets whoever has none


def _brings_a_body(scope: Any) -> bool:
    if scope["type"] != "http" or not scope["path"].startswith(OPEN):
        return False
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"") not in NO_BODY


def _problem(status: int, code: str, sentence: str) -> JSONResponse:
    """Closed after it: the rest of the body would come in all the same."""
    content = {"code": code, "message": sentence, "field": ""}
    return JSONResponse(content, status, headers={"Connection": "close"})
