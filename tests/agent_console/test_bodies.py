"""Strangers send bodies slowly, and many at once: neither may hold up anybody else."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from agent_console import bodies
from agent_console.bodies import ALL, EACH, Bodies

PHOTOS = "/api/citizen/photos"


async def inner(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads all of it."""
    del scope
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


class Sender:
    """Sends what it has, and the rest when told to."""

    def __init__(self, layer: Bodies, address: str, path: str = PHOTOS, length: bytes = b"9") -> None:
        self.rest = asyncio.Event()
        self.sent: list[Any] = []
        self._begun = False
        scope = {
            "type": "http",
            "method": "PUT",
            "path": path,
            "headers": [(b"content-length", length)],
            "client": (address, 1),
        }
        self.call = asyncio.create_task(layer(scope, self._receive, self._send))

    async def _receive(self) -> Any:
        if not self._begun:
            self._begun = True
            return {"type": "http.request", "body": b"begun", "more_body": True}
        await self.rest.wait()
        return {"type": "http.request", "body": b"done", "more_body": False}

    async def _send(self, event: Any) -> None:
        self.sent.append(event)

    async def status(self) -> int:
        async with asyncio.timeout(5):
            await self.call
        return int(self.sent[0]["status"])

    @property
    def problem(self) -> dict[str, str]:
        return dict(json.loads(self.sent[1]["body"]))


@pytest.fixture
def layer() -> Bodies:
    return Bodies(inner, lambda scope: scope["client"][0])


async def begun(layer: Bodies, addresses: Sequence[str], **given: Any) -> list[Sender]:
    senders = [Sender(layer, address, **given) for address in addresses]
    for _ in range(3):
        await asyncio.sleep(0)
    return senders


async def finished(senders: Sequence[Sender]) -> set[int]:
    for one in senders:
        one.rest.set()
    return {await one.status() for one in senders}


async def test_one_address_sends_four_bodies_at_a_time(layer: Bodies):
    open_ones = await begun(layer, ["192.0.2.1"] * EACH)
    (fifth,) = await begun(layer, ["192.0.2.1"])
    assert (await fifth.status(), fifth.problem["code"]) == (429, "busy")
    assert "12345" in fifth.problem["message"]
    assert (b"connection", b"close") in fifth.sent[0]["headers"]
    others = await begun(layer, ["192.0.2.2"])
    assert await finished([*open_ones, *others]) == {299}
    assert await finished(await begun(layer, ["192.0.2.1"] * EACH)) == {299}


async def test_all_together_send_no_more_than_the_memory_is_for(layer: Bodies):
    open_ones = await begun(layer, [f"192.0.2.{n}" for n in range(ALL)])
    (one_more,) = await begun(layer, ["198.51.100.1"])
    assert await one_more.status() == 429
    assert await finished(open_ones) == {299}


async def test_a_body_that_never_ends_is_ended(layer: Bodies, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bodies, "BODY_LIMIT_S", 0.01)
    slow = await begun(layer, ["192.0.2.1"] * EACH)
    assert {await one.status() for one in slow} == {408}
    assert slow[0].problem["code"] == "too_slow"
    monkeypatch.undo()
    assert await finished(await begun(layer, ["192.0.2.1"] * EACH)) == {299}  # their places are free


async def test_what_has_no_body_and_what_seats_send_is_not_counted(layer: Bodies):
    without = await begun(layer, ["192.0.2.1"] * 9, length=b"0")
    seats = await begun(layer, ["192.0.2.1"] * 9, path="/api/cases")
    assert await finished([*without, *seats]) == {299}


async def test_what_the_application_does_with_a_body_may_take_longer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bodies, "BODY_LIMIT_S", 0.01)
    working = asyncio.Event()

    async def slow_work(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await receive()
        asyncio.get_running_loop().call_later(0.05, working.set)
        await working.wait()
        await inner(scope, receive, send)

    (one,) = await begun(Bodies(slow_work, lambda _: ""), ["192.0.2.1"])
    assert await finished([one]) == {299}


async def test_a_timeout_of_the_applications_own_is_no_slow_body():
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise TimeoutError

    (one,) = await begun(Bodies(fails, lambda _: ""), ["192.0.2.1"])
    with pytest.raises(TimeoutError):
        await one.status()


@pytest.mark.parametrize("path", ["/api/citizen/reports", "/api/positions"])
async def test_the_console_itself_ends_a_slow_body(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
):
    monkeypatch.setattr(bodies, "BODY_LIMIT_S", 0.05)

    async def pieces() -> Any:
        yield b"{"
        await asyncio.Event().wait()

    headers = {"Content-Length": "99", "Content-Type": "application/json"}
    answer = await client.post(path, content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")
