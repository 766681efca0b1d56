"""What platforms call is served apart from the console, within limits, and told what became of its answer."""

import asyncio
from typing import Any

import pytest

from agent_console.hooks import MAX_BODY, Hooks
from callcenter.ports import WebRequest, WebResponse, WebRoute


class Account:
    def __init__(self, *, fails: bool = False) -> None:
        self.seen: list[WebRequest] = []
        self.written: list[bool] = []
        self.fails = fails

    async def handle(self, request: WebRequest) -> WebResponse:
        self.seen.append(request)
        if self.fails:
            raise RuntimeError("bug")
        return WebResponse(200, b"ok", headers={"X-Seen": "1"}, written=self.written.append)

    @property
    def routes(self) -> list[WebRoute]:
        return [WebRoute("POST", "", self.handle), WebRoute("GET", "check", self.handle)]


async def inner(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"console"})


async def call(
    account: Account, method: str, path: str, *pieces: bytes, query: bytes = b"", gone: bool = False
) -> list[Any]:
    """The events that the peer gets; `gone`: it hangs up right after the request."""
    events: list[dict[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces) - 1}
        for number, piece in enumerate(pieces or (b"",))
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        if events:
            return events.pop(0)
        if gone:
            return {"type": "http.disconnect"}
        return await asyncio.Event().wait()

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [(b"x-token", b"t")],
    }
    await Hooks(inner, {"wx": account.routes})(scope, receive, send)
    return sent


async def test_a_push_reaches_its_account_with_query_headers_and_body():
    account = Account()
    start, body = await call(account, "POST", "/hooks/wx", b"<xml", b"/>", query=b"nonce=1&empty=")
    assert (start["status"], body["body"]) == (200, b"ok")
    assert (b"x-seen", b"1") in start["headers"]
    assert account.seen == [WebRequest({"nonce": "1", "empty": ""}, {"x-token": "t"}, b"<xml/>")]
    assert account.written == [True]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/hooks/wx/check", 200),
        ("GET", "/hooks/wx", 405),
        ("POST", "/hooks/other", 404),
        ("POST", "/hooks/", 404),
        ("GET", "/api/session", 299),
        ("GET", "/hooksish", 299),
    ],
)
async def test_only_known_addresses_are_served_and_the_rest_is_the_consoles(method, path, status):
    assert (await call(Account(), method, path))[0]["status"] == status


async def test_more_than_a_megabyte_is_not_taken():
    account = Account()
    (start, _) = await call(account, "POST", "/hooks/wx", bytes(MAX_BODY), b"x")
    assert (start["status"], account.seen) == (413, [])


async def test_a_failure_of_ours_asks_the_platform_to_come_again():
    assert (await call(Account(fails=True), "POST", "/hooks/wx"))[0]["status"] == 500


async def test_an_account_hears_when_nobody_was_there_for_its_answer():
    account = Account()
    assert await call(account, "POST", "/hooks/wx", b"<xml/>", gone=True) == []
    assert account.written == [False]


async def test_half_a_push_is_nothing():
    account = Account()
    events = [{"type": "http.request", "body": b"<xm", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return events.pop(0)

    scope = {"type": "http", "method": "POST", "path": "/hooks/wx", "query_string": b"", "headers": []}
    await Hooks(inner, {"wx": account.routes})(scope, receive, None)
    assert account.seen == []
