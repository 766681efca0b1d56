"""The figures of the console against a second calculation, straight from the lines of a real queue_log.

The second one knows nothing of `callcenter.domain.kpi`: it goes by the formulas (接通率, 15 秒接通率,
ASA ...) and by what Asterisk's documentation says of each line.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from tests.asterisk_kit.audio import tone
from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Says, Waits
from tests.e2e.browser import a_busy_seat, chromium
from tests.e2e.hotline import Hotline, eventually, running_hotline, without_texts

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(240)]

LATE, HASTY, PATIENT, IN_VAIN, QUICK = (f"1380000090{n}" for n in range(1, 6))
DIALECT = "13800005526"  # of the demo city: speaks the city's dialect
GENERAL_SEAT, DIALECT_SEAT = "1027", "1006"
SERVICE_LEVEL_S = 15
SHORT_S = 5


# ------------------------------------------------------------------------------------- second opinion

Line = tuple[int, str, str, str, str, list[str]]
"""Second, call, queue, seat, event, data."""

LEAVES = {"COMPLETECALLER", "COMPLETEAGENT"}


@dataclass
class Fate:
    """What the log tells of one call."""

    queue: str
    seat: str = ""
    wait: int | None = None
    end: str = ""  # ABANDON, EXITWITHTIMEOUT, CONNECT
    talk: int | None = None
    wrap_up: int | None = None


def lines_of(log: str) -> list[Line]:
    rows = [row.split("|") for row in log.splitlines()]
    return [
        (int(row[0]), row[1], row[2].removeprefix("hotline-"), row[3].removeprefix("PJSIP/"), row[4], row[5:])
        for row in rows
    ]


def fates(lines: Sequence[Line]) -> dict[str, Fate]:
    found = {call: Fate(queue) for _, call, queue, _, event, _ in lines if event == "ENTERQUEUE"}
    for at, (_, call, _, seat, event, data) in enumerate(lines):
        fate = found.get(call)
        if fate is None:
            continue
        if event == "CONNECT":  # holdtime, id of the seat's leg, time it rang
            fate.seat, fate.wait, fate.end = seat, int(data[0]), event
        elif event in LEAVES:  # holdtime, talk time, position at the beginning
            fate.talk = int(data[1])
            fate.wrap_up = wrap_up_after(lines[at + 1 :], seat)
        elif event in {"ABANDON", "EXITWITHTIMEOUT"}:  # position, position at the beginning, wait
            fate.wait, fate.end = int(data[2]), event
    return found


def wrap_up_after(lines: Sequence[Line], seat: str) -> int | None:
    """From the pause for it to the next thing that the seat does, None while it goes on."""
    own = [(at, event, data) for at, _, _, who, event, data in lines if who == seat]
    begun = next((at for at, event, data in own if event.startswith("PAUSE") and data[0] == "wrapup"), None)
    if begun is None:
        return None
    ends = (at for at, event, data in own if event.startswith(("UNPAUSE", "PAUSE")) and data[0] != "wrapup")
    end = next(ends, None)
    return None if end is None else end - begun


def mean(values: list[int]) -> Fraction | None:
    return Fraction(sum(values), len(values)) if values else None


def share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def recount(calls: dict[str, Fate]) -> dict[str, Fraction | int | None]:
    everybody = list(calls.values())
    served = [call for call in everybody if call.end == "CONNECT"]
    gone = [call for call in everybody if call.end == "ABANDON"]
    hasty = [call for call in gone if call.wait is not None and call.wait < SHORT_S]
    in_time = [call for call in served if call.wait is not None and call.wait <= SERVICE_LEVEL_S]
    return {
        "offered": len(everybody),
        "answered": len(served),
        "abandoned": len(gone),
        "abandoned_short": len(hasty),
        "timed_out": sum(call.end == "EXITWITHTIMEOUT" for call in everybody),
        "connect_rate": share(len(served), len(everybody)),
        "connect_rate_without_short": share(len(served), len(everybody) - len(hasty)),
        "within_15s": share(len(in_time), len(everybody)),
        "asa": mean([call.wait for call in served if call.wait is not None]),
        "longest_wait": max((call.wait for call in everybody if call.wait is not None), default=None),
        "talk": mean([call.talk for call in served if call.talk is not None]),
        "acw": mean([call.wrap_up for call in served if call.wrap_up is not None]),
    }


BEHIND: dict[str, Callable[[Fate], bool]] = {
    "offered": lambda call: True,
    "answered": lambda call: call.end == "CONNECT",
    "abandoned": lambda call: call.end == "ABANDON",
    "abandoned_short": lambda call: call.end == "ABANDON" and (call.wait or 0) < SHORT_S,
    "timed_out": lambda call: call.end == "EXITWITHTIMEOUT",
    "within_15s": lambda call: call.end == "CONNECT" and (call.wait or 0) <= SERVICE_LEVEL_S,
    "talk": lambda call: call.talk is not None,
    "acw": lambda call: call.wrap_up is not None,
}


# ------------------------------------------------------------------------------------- what happens


@pytest.fixture
async def hotline(folder: Path) -> AsyncIterator[Hotline]:
    async with running_hotline(without_texts(folder)) as running:
        yield running


async def six_calls_of_six_fates(hotline: Hotline, browser: Browser, voice: Says) -> None:
    phones = hotline.telephones
    general = await a_busy_seat(browser, hotline.url, GENERAL_SEAT, hotline.password)
    dialect = await a_busy_seat(browser, hotline.url, DIALECT_SEAT, hotline.password)
    await hotline.asterisk_cli("dialplan set global QUEUE_TIMEOUT 2")
    in_vain = await phones.call("12345", voice, Waits(8), HangsUp(), number=IN_VAIN)
    await hotline.until_in(IN_VAIN, "Queue")
    await hotline.asterisk_cli("dialplan set global QUEUE_TIMEOUT 1800")
    late = await phones.call("12345", voice, IsHungUpOn(within=90), number=LATE)
    await hotline.until_in(LATE, "Queue")
    waiting_since = time.monotonic()
    hasty = await phones.call("12345", voice, Waits(1.5), HangsUp(), number=HASTY)
    patient = await phones.call("12319", voice, Waits(SHORT_S + 3), HangsUp(), number=PATIENT)
    for phone in (hasty, patient, in_vain):
        await phone.done()
    await asyncio.sleep(max(0.0, waiting_since + SERVICE_LEVEL_S + 2 - time.monotonic()))
    await general.ready()
    await general.answer()
    await dialect.ready()
    known = await phones.call("12345", voice, IsHungUpOn(within=60), number=DIALECT)
    await dialect.answer()
    await general.hang_up()
    await late.done()
    await asyncio.sleep(1)  # the conversation, and the wrap-up of the other
    await general.ready()
    await dialect.hang_up()
    await known.done()
    quick = await phones.call("12345", voice, Waits(3), HangsUp(), number=QUICK)
    await general.answer()
    await quick.done()
    await general.wrap_up()
    await dialect.ready()
    await general.ready()


async def the_console_has_read(hotline: Hotline) -> list[Line]:
    """The log does not grow any more; every line of it is in the books, and every call's record."""

    async def all_read() -> bool:
        count = len(hotline.asterisk_log("queue_log").splitlines())
        ended = "select count(*) from call where id like 'e2e-%' and outcome <> ''"
        return hotline.rows("select count(*) from queue_event") == [(count,)] and hotline.rows(ended) == [
            (6,)
        ]

    await eventually(all_read, what="all of queue_log in the books")
    return lines_of(hotline.asterisk_log("queue_log"))


async def figures(client: httpx.AsyncClient, **scope: str) -> dict[str, float | None]:
    answer = (await client.get("/api/figures", params=scope)).raise_for_status().json()
    return {figure["key"]: figure["value"] for figure in answer["figures"]}


async def calls_behind(client: httpx.AsyncClient, figure: str, **scope: str) -> tuple[set[str], int]:
    query = {"figure": figure, "size": "200", **scope}
    page = (await client.get("/api/calls", params=query)).raise_for_status().json()
    return {row["call_id"] for row in page["rows"]}, page["total"]


async def agrees(client: httpx.AsyncClient, calls: dict[str, Fate], **scope: str) -> None:
    wanted, shown = recount(calls), await figures(client, **scope)
    assert set(shown) == set(wanted)
    for key, value in wanted.items():
        if value is None:
            assert shown[key] is None, (scope, key)
        else:
            assert shown[key] == pytest.approx(float(value), abs=1e-9), (scope, key)
    for key, fits in BEHIND.items():
        ids = {call_id for call_id, call in calls.items() if fits(call)}
        assert await calls_behind(client, key, **scope) == (ids, len(ids)), (scope, key)


def the_log_tells_what_happened(calls: dict[str, Fate]) -> None:
    total = recount(calls)
    assert [total[key] for key in ("offered", "answered", "abandoned", "abandoned_short", "timed_out")] == [
        6, 3, 2, 1, 1,
    ]  # fmt: skip
    assert total["within_15s"] == Fraction(2, 6)
    assert sorted(call.queue for call in calls.values()) == ["dialect", *["general"] * 5]
    assert sorted(call.seat for call in calls.values() if call.seat) == ["1006", "1027", "1027"]
    assert all(call.wrap_up is not None for call in calls.values() if call.end == "CONNECT")


async def test_the_figures_are_those_of_the_log(hotline: Hotline, folder: Path) -> None:
    voice = Says(tone(440, 2, folder / "voice.wav"))
    async with chromium() as browser:
        await six_calls_of_six_fates(hotline, browser, voice)
        lines = await the_console_has_read(hotline)
    calls = fates(lines)
    the_log_tells_what_happened(calls)
    async with hotline.api("1201") as supervisor:
        await agrees(supervisor, calls)
        for queue in ("general", "business", "dialect"):
            own = {call_id: call for call_id, call in calls.items() if call.queue == queue}
            await agrees(supervisor, own, queue=queue)
        for seat in (GENERAL_SEAT, DIALECT_SEAT, "1028"):
            own = {call_id: call for call_id, call in calls.items() if call.seat == seat}
            await agrees(supervisor, own, seat=seat)
