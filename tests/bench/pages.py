"""What the console's pages fetch when something happens, without a browser around it.

Mirrors `stores/seat.ts`, `stores/work.ts` and `useWall.ts`: the live stream says what changed, the page
fetches it anew.
"""

import asyncio
import json
import time
from collections.abc import Coroutine
from typing import Any

import httpx

QUEUES_S = 2.0
"""A seat's page looks at the queues so often at most."""

WALL_S = 1.0
"""And a wallboard."""


class Page:
    """A signed-in page; `happened` is what it does with an event. `failures` are answers that were none."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.failures: list[str] = []
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._numbered = 0

    async def watch(self) -> None:
        """The live stream, until cancelled."""
        async with self.client.stream("GET", "/api/live", timeout=None) as stream:
            kind = ""
            async for line in stream.aiter_lines():
                if line.startswith("event:"):
                    kind = line[6:].strip()
                elif line.startswith("data:") and kind:
                    self.happened(kind, json.loads(line[5:]))
                    kind = ""

    def happened(self, kind: str, data: dict[str, str]) -> None:
        raise NotImplementedError

    def begin(self, job: Coroutine[Any, Any, None]) -> None:
        self._numbered += 1
        name = str(self._numbered)
        self._jobs[name] = asyncio.create_task(job)
        self._jobs[name].add_done_callback(lambda _: self._jobs.pop(name))

    def once(self, path: str, after: float = 0) -> None:
        """Fetch it, unless that is under way already."""
        name = f"{path} {after}"
        if name not in self._jobs:
            self._jobs[name] = asyncio.create_task(self._later(path, after))
            self._jobs[name].add_done_callback(lambda _: self._jobs.pop(name))

    async def _later(self, path: str, after: float) -> None:
        await asyncio.sleep(after)
        await self.get(path)

    async def get(self, path: str) -> None:
        answer = await self.client.get(path)
        if not answer.is_success:
            self.failures.append(f"{path} {answer.status_code}")

    async def finish(self) -> None:
        await asyncio.gather(*self._jobs.values(), return_exceptions=True)


class SeatPage(Page):
    """`told` and `popped`: call id -> epoch seconds of `call.ringing`, and of the caller's card.

    Unlike a person it is ready again as soon as a call has ended.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        super().__init__(client)
        self.told: dict[str, float] = {}
        self.popped: dict[str, float] = {}

    def happened(self, kind: str, data: dict[str, str]) -> None:
        match kind:
            case "call.ringing":
                self.told[data["call_id"]] = time.time()
                self.begin(self._pop(data["call_id"]))
            case "seat.changed":
                self.begin(self.get("/api/seat"))
                self.begin(self.get("/api/seat/calls"))
            case "call.answered":
                self.begin(self.get("/api/seat"))
            case "queues.changed":
                self.once("/api/seat", after=QUEUES_S)
            case "work.changed":
                self.begin(self.get("/api/seat/work"))
            case "call.ended":
                self.begin(self.ready())

    async def _pop(self, call_id: str) -> None:
        answer = await self.client.get(f"/api/seat/pop/{call_id}")
        if answer.is_success:
            self.popped[call_id] = time.time()
        else:
            self.failures.append(f"pop {answer.status_code}")

    async def ready(self) -> None:
        (await self.client.post("/api/seat/state", json={"state": "ready"})).raise_for_status()


class WallPage(Page):
    def happened(self, kind: str, data: dict[str, str]) -> None:
        if kind in {"wall.changed", "queues.changed"}:
            self.once("/api/wall", after=WALL_S)
