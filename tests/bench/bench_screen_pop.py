"""From the ring to the caller's card on the seat's page, on a database of a year's size.

Real Asterisk, real service, real calls; the pages are HTTP clients that fetch what a browser's page
fetches. Measured from the time stamp that Asterisk gave its AgentCalled to the last byte of the card.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from callcenter.config import Settings
from tests.asterisk_kit.ports import free_base
from tests.bench.ami_ear import Ear, ear_at
from tests.bench.filled import CALLS_TODAY, CASES, CONTACTS, fill, number, telephones_are_there
from tests.bench.hotline import LoadHotline
from tests.bench.measure import percentile, say, table
from tests.bench.pages import Page, SeatPage, WallPage
from tests.e2e.hotline import settings_for
from tests.peers.smsc.peer import SmscPeer

GOAL_MS = 150.0
SEATS = tuple(str(number) for number in range(1021, 1033))
CALLS = 110
RATE = 1.0
RINGS_S = 0.5
REQUESTS = 40
WATCHED = ("/api/seat", "/api/seat/work", "/api/wall", "/api/cases", "/api/figures")
FLOOR = "/healthz"
SUPERVISOR = "1201"

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(400)]


@pytest.fixture
async def hotline(folder: Path, smsc: SmscPeer) -> AsyncIterator[LoadHotline]:
    settings = settings_for(folder, "", smsc.port, free_base("bench"))
    running = LoadHotline(settings)
    running.seats = SEATS
    try:
        await running.prepare()
        await fill(settings.database, _midnight(settings))
        await telephones_are_there(settings.database, SEATS)
        await running.start_asterisk()
        await running.start_service()
        yield running
    finally:
        await running.stop()


def _midnight(settings: Settings) -> datetime:
    local = datetime.now(settings.zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


@asynccontextmanager
async def opened(page: Page) -> AsyncIterator[Page]:
    task = asyncio.create_task(page.watch())
    try:
        yield page
    finally:
        await page.finish()
        task.cancel()


async def test_screen_pop(hotline: LoadHotline) -> None:
    async with hotline.api(SUPERVISOR) as supervisor:
        await requests_alone(supervisor)
    async with AsyncExitStack() as stack:
        ear = await stack.enter_async_context(ear_at(hotline.settings))
        pages = [SeatPage(await stack.enter_async_context(hotline.api(seat))) for seat in SEATS]
        wall = WallPage(await stack.enter_async_context(hotline.api(SUPERVISOR)))
        for page in (*pages, wall):
            await stack.enter_async_context(opened(page))
        for page in pages:
            (await page.client.post("/api/seat/sign-in")).raise_for_status()
            await page.ready()
        echoes, floors = await calls_come(hotline, ear, wall.client)
    report(ear, pages, echoes, floors)


async def calls_come(
    hotline: LoadHotline, ear: Ear, client: httpx.AsyncClient
) -> tuple[list[float], list[float]]:
    """All calls; beside them, what a bare AMI answer and a bare HTTP answer take, in seconds."""
    seats = await hotline.seats_answer(RINGS_S)
    citizens = await hotline.citizens_call("12345", [number(n) for n in range(CALLS)], RATE)
    echoes, floors = [], []
    try:
        async with asyncio.timeout(CALLS / RATE + 40):
            while citizens.process.returncode is None:
                echoes.append(await ear.ping())
                floors.append(await timed(client, FLOOR))
                await asyncio.sleep(0.2)
    finally:
        await citizens.end()
        await seats.end()
    (good, failed) = citizens.counted("SuccessfulCall(C)", "FailedCall(C)")
    say(f"{good:.0f} calls went as planned, {failed:.0f} did not", citizens.trouble() if failed else "")
    return echoes, floors


async def timed(client: httpx.AsyncClient, path: str) -> float:
    begun = time.perf_counter()
    (await client.get(path)).raise_for_status()
    return time.perf_counter() - begun


async def requests_alone(client: httpx.AsyncClient) -> None:
    """Each page's data with nothing else going on, in turn with the answer that needs no work."""
    took: dict[str, list[float]] = {path: [] for path in (*WATCHED, FLOOR)}
    for _ in range(REQUESTS):
        for path, times in took.items():
            times.append(await timed(client, path))
    floor = percentile(took[FLOOR], 50)
    table(
        f"Requests, one at a time, {CONTACTS} contacts, {CASES} cases, {CALLS_TODAY} calls today",
        ("", "p50 ms", "p95 ms", f"p50 / {FLOOR}"),
        [(path, *_ms(times), f"{percentile(times, 50) / floor:.1f}") for path, times in took.items()],
    )


def _ms(seconds: Sequence[float]) -> tuple[str, str]:
    return f"{percentile(seconds, 50) * 1000:.1f}", f"{percentile(seconds, 95) * 1000:.1f}"


def report(ear: Ear, pages: Sequence[SeatPage], echoes: Sequence[float], floors: Sequence[float]) -> None:
    told = {call: at for page in pages for call, at in page.told.items()}
    popped = {call: at for page in pages for call, at in page.popped.items()}
    rows: Mapping[str, Sequence[float]] = {
        "ring to event at a bare AMI client": [ear.heard[call] - at for call, at in ear.rung.items()],
        "ring to call.ringing on the page": [told[call] - ear.rung[call] for call in told],
        "ring to the caller's card": [popped[call] - ear.rung[call] for call in popped],
        "bare AMI answer (Ping)": echoes,
        f"bare HTTP answer ({FLOOR})": floors,
    }
    limit = percentile(echoes, 50) + percentile(floors, 50)
    table(
        f"Screen pop: {len(ear.rung)} rings, {len(popped)} cards, {len(pages)} seats and a wallboard",
        ("", "p50 ms", "p95 ms", "p50 / (AMI + HTTP)"),
        [(name, *_ms(times), f"{percentile(times, 50) / limit:.1f}") for name, times in rows.items()],
    )
    failures = [failure for page in pages for failure in page.failures]
    p95 = percentile(rows["ring to the caller's card"], 95) * 1000
    word = "reached" if p95 <= GOAL_MS and not failures else "NOT REACHED"
    say(f"pop p95: {p95:.0f} ms (goal {GOAL_MS:.0f} ms) {word}; failed requests: {failures or 'none'}")
