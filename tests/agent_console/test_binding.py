"""Binding a number over HTTP: the citizen's page, its cookie, and what it is told. No seat is signed in."""

from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from agent_console.api import binding as routes
from agent_console.door import Door
from agent_console.web_app import _refused
from callcenter.domain.contacts import Address
from callcenter.domain.errors import HotlineError
from callcenter.usecases import binding
from tests.builders import MOBILE

CITIZEN = Address("wechat", "wx-city", "o9AgO5Kd5ggOC-bXrbNODIiE3bGY")
BROWSER = "a-word-of-this-browser"
PAGE = {"origin": "http://console"}


@pytest.fixture
async def page(context):
    app = FastAPI()
    app.include_router(routes.router)
    app.add_exception_handler(HotlineError, _refused)
    app.state.context, app.state.door = context, Door(b"key", (), "")
    browser = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://console",
        headers=PAGE,
        cookies={binding.COOKIE: BROWSER},
    )
    async with browser as client:
        yield SimpleNamespace(
            context=context, client=client, ticket=binding.seal(CITIZEN, BROWSER, context.now())
        )


async def code(page) -> str:
    async with page.context.reading() as uow:
        return (await uow.messages.sent_to(MOBILE, 1))[0].params["code"]


async def test_a_number_is_bound_in_two_steps_and_never_shown_whole(page) -> None:
    first = await page.client.post(
        "/api/citizen/binding/begin", json={"ticket": page.ticket, "number": MOBILE}
    )
    assert first.json() == {"masked": "138****5526", "expires_s": 600, "again_s": 60}
    second = await page.client.post(
        "/api/citizen/binding/confirm", json={"ticket": page.ticket, "code": await code(page)}
    )
    assert (second.status_code, second.json()) == (200, {"masked": "138****5526"})


async def test_another_browser_gets_nowhere_with_the_link(page) -> None:
    page.client.cookies.clear()
    answer = await page.client.post(
        "/api/citizen/binding/begin", json={"ticket": page.ticket, "number": MOBILE}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "ticket")


async def test_a_page_of_somebody_else_gets_nowhere(page) -> None:
    answer = await page.client.post(
        "/api/citizen/binding/begin",
        json={"ticket": page.ticket, "number": MOBILE},
        headers={"origin": "http://elsewhere"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("wrong", ["", "12345", "1234567", "abcdef", "１２３４５６"])
async def test_only_six_digits_are_looked_at(page, wrong) -> None:
    answer = await page.client.post(
        "/api/citizen/binding/confirm", json={"ticket": page.ticket, "code": wrong}
    )
    assert answer.status_code == 422


async def test_a_wrong_code_says_how_many_tries_are_left(page) -> None:
    await page.client.post("/api/citizen/binding/begin", json={"ticket": page.ticket, "number": MOBILE})
    wrong = f"{(int(await code(page)) + 1) % 1_000_000:06}"
    answer = await page.client.post(
        "/api/citizen/binding/confirm", json={"ticket": page.ticket, "code": wrong}
    )
    assert (answer.status_code, answer.json()["field"]) == (422, "code")
    assert "2 次" in answer.json()["message"]
