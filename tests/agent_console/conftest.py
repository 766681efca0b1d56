"""The console's interface without a network: requests go straight into the application."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from agent_console.health import Probes
from agent_console.live import LiveHub
from agent_console.web_app import WebSettings, build
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor

SignedIn = Callable[[str], Awaitable[httpx.AsyncClient]]


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    return folder


@pytest.fixture
def hub(context: Context) -> LiveHub:
    hub = LiveHub("start")
    context.live = hub
    return hub


@pytest.fixture
async def client(context: Context, recordings: Path, hub: LiveHub) -> AsyncIterator[httpx.AsyncClient]:
    async def answers() -> bool:
        return True

    probes = Probes(database=answers, ami=lambda: context.telephony.connected, fastagi=lambda: True)
    settings = WebSettings(
        ws_url="ws://127.0.0.1:8088/ws",
        sip_domain="127.0.0.1",
        sip_address="127.0.0.1:5060",
        sounds=(recordings,),
        demo=True,
        secure_cookie=False,
    )
    app = build(context, Floor(), probes, settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console") as one:
        yield one


@pytest.fixture
async def signed_in(client: httpx.AsyncClient) -> SignedIn:
    async def sign_in(username: str) -> httpx.AsyncClient:
        answer = await client.post("/api/session", json={"username": username, "password": "secret"})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return client

    return sign_in
