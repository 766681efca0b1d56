"""The real SMSC of the tests as an object: starts the Node server, steers it, ends it.

    async with running_smsc() as smsc:
        await smsc.set(receipts="before")
        await smsc.text_from("13800000001", "10690012345", "查")
        texts = await smsc.texts("13800000001")

What can be steered stands at the top of `server.js`.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

FOLDER = Path(__file__).parent
START_LIMIT_S = 15.0
SYSTEM_ID, PASSWORD = "hotline", "secret"


class SmscPeer:
    def __init__(self, port: int, http: httpx.AsyncClient) -> None:
        self.port = port
        self._http = http

    async def messages(self) -> list[dict[str, Any]]:
        """Every submit_sm: id, from, to, text, coding, part."""
        return await self._get("/messages")

    async def texts(self, number: str) -> list[str]:
        """What the handset shows, long messages joined."""
        return [one["text"] for one in await self._get("/texts", to=number)]

    async def state(self) -> dict[str, Any]:
        return await self._get("/state")

    async def inbound(self) -> list[dict[str, Any]]:
        return (await self.state())["inbound"]

    async def set(self, **settings: Any) -> None:
        await self._post("/settings", settings)

    async def text_from(self, number: str, to: str, text: str, **more: Any) -> None:
        """A citizen texts. `parts` = order in which the parts of a long text are sent, from 1."""
        await self._post("/mo", {"from": number, "to": to, "text": text, **more})

    async def drop(self) -> None:
        """Cut every link without goodbye."""
        await self._post("/drop", {})

    async def reset(self) -> None:
        await self._post("/reset", {})

    async def _get(self, path: str, **query: str) -> Any:
        return (await self._http.get(path, params=query)).raise_for_status().json()

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        (await self._http.post(path, json=body)).raise_for_status()


@asynccontextmanager
async def running_smsc(port: int = 0, control: int = 0) -> AsyncIterator[SmscPeer]:
    """Ports: 0 = any free one. Fails the test, with the remedy, where the peer is not installed."""
    process = await _start(port, control)
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), START_LIMIT_S)
        ports = json.loads(line)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports['control']}") as http:
            yield SmscPeer(ports["smpp"], http)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _start(port: int, control: int) -> asyncio.subprocess.Process:
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / "smpp").is_dir():
        pytest.fail("the SMSC peer is not installed: run `npm ci --prefix tests/peers/smsc` (or `make test`)")
    return await asyncio.create_subprocess_exec(
        node,
        str(FOLDER / "server.js"),
        *("--port", str(port), "--control", str(control)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
