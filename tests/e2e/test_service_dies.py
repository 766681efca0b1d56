"""Our service killed or stopped while citizens are on the line: no call ends, the books are complete."""

import asyncio
import os
import re
import signal
import time
import wave
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from ivr.flows.night import KEY_WAIT_S
from tests.asterisk_kit.audio import level, seconds, tone
from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Says, Waits
from tests.asterisk_kit.sipp import Telephone
from tests.e2e.browser import Desk, a_ready_seat, chromium
from tests.e2e.hotline import Hotline, eventually, running_hotline, without_texts

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]

TALKS, WAITS, LISTENS, NEW, MESSAGE = (f"1380000070{n}" for n in range(1, 6))
CITIZEN_HZ = 440.0
HEARD = -25.0
GREETING_S = 4.0
SECOND_OF_SOUND = 16_000
ASKED, AT_ONCE, LATER = (f"1380000071{n}" for n in range(1, 4))
LONGEST_WAIT_S = 3.0
SLACK_S = 2.0
"""A machine under load, and prompts of a tenth of a second each."""

STALE_S = 6.0
"""So long after our death the dialplan knows it by the heartbeat, and a hung call would have ended."""


@pytest.fixture
async def hotline(folder: Path) -> AsyncIterator[Hotline]:
    async with running_hotline(without_texts(folder)) as running:
        yield running


@pytest.fixture
def voice(folder: Path) -> Says:
    return Says(tone(CITIZEN_HZ, 2, folder / "voice.wav"))


async def someone_calls(hotline: Hotline, voice: Says, number: str) -> Telephone:
    return await hotline.telephones.call("12345", voice, IsHungUpOn(within=110), number=number)


async def one_talks_one_waits_one_listens(hotline: Hotline, desk: Desk, voice: Says) -> dict[str, Telephone]:
    phones = {TALKS: await someone_calls(hotline, voice, TALKS)}
    await desk.answer()
    phones[WAITS] = await someone_calls(hotline, voice, WAITS)
    await hotline.until_in(WAITS, "Queue")
    hotline.prompt_lasts("welcome", GREETING_S)
    phones[LISTENS] = await someone_calls(hotline, voice, LISTENS)
    await hotline.until_in(LISTENS, "Playback")
    return phones


async def the_service_is_killed(hotline: Hotline) -> float:
    await hotline.service.end(signal.SIGKILL)
    listener = await hotline.channel_of(LISTENS)
    assert listener is not None
    assert listener.application == "Playback", "killed too late: the greeting was over"
    return time.monotonic()


async def a_message_is_left(hotline: Hotline, voice: Says) -> None:
    """Nobody comes free within the queue's time, which is cut short for this call only."""
    await hotline.asterisk_cli("dialplan set global QUEUE_TIMEOUT 1")
    citizen = await hotline.telephones.call("12345", voice, Waits(11), HangsUp(), number=MESSAGE)
    await hotline.until_in(MESSAGE, "Record")
    await citizen.done()
    await hotline.asterisk_cli("dialplan set global QUEUE_TIMEOUT 1800")


async def nobody_was_cut_off(hotline: Hotline, phones: dict[str, Telephone]) -> None:
    assert all(phone.running for phone in phones.values())
    places = {one.number: one.application for one in await hotline.channels() if "trunk" in one.name}
    assert places == dict.fromkeys(phones, "Queue")
    bridges = Counter(one.bridge for one in await hotline.channels() if one.bridge)
    assert list(bridges.values()) == [2], "one citizen and one seat talk"


async def the_seat_goes_on_by_itself(desk: Desk, phones: dict[str, Telephone]) -> None:
    """The page has its line to Asterisk: it ends one call and takes the next without our service."""
    await desk.page.keyboard.press("F3")
    await phones.pop(TALKS).done()
    await desk.answer()


async def the_seat_is_known_again(hotline: Hotline, desk: Desk) -> None:
    waiting = await hotline.channel_of(WAITS)
    assert waiting is not None
    async with hotline.api("1027") as agent:

        async def talking() -> bool:
            seat = (await agent.get("/api/seat")).raise_for_status().json()
            call = seat["call"] or {"call_id": ""}
            return seat["state"] == "talking" and call["call_id"] == waiting.call_id

        await eventually(talking, what="the seat talks with the citizen it took meanwhile")
        card = (await agent.get("/api/seat")).json()["call"]["caller"]
        assert card["number"] == "138****0702"
        wall = (await agent.get("/api/wall")).raise_for_status().json()
        assert wall["waiting"] == 2
    await desk.page.get_by_text("138****0702").first.wait_for(timeout=15_000)


async def the_rest_end(hotline: Hotline, desk: Desk, phones: dict[str, Telephone]) -> None:
    await desk.hang_up()
    await phones[WAITS].done()
    for number in (LISTENS, NEW):
        channel = await hotline.until_in(number, "Queue")
        await hotline.asterisk_cli(f"channel request hangup {channel.name}")
        await phones[number].done()


async def the_books_are_complete(hotline: Hotline) -> None:
    outcomes = {TALKS: "served", WAITS: "served", LISTENS: "abandoned", NEW: "abandoned", MESSAGE: "message"}

    async def all_there() -> bool:
        return dict(_calls(hotline)) == outcomes

    await eventually(all_there, what="every call with its outcome")
    assert len(_calls(hotline)) == len(outcomes), "no call twice"
    lines = hotline.asterisk_log("queue_log").splitlines()

    async def all_read() -> bool:
        return hotline.rows("select count(*) from queue_event") == [(len(lines),)]

    await eventually(all_read, what="each line of queue_log once")
    assert not list(hotline.settings.spool.glob("**/*.json")), "every call's file was taken"
    await the_figures_and_the_work_follow(hotline)


def _calls(hotline: Hotline) -> list[tuple[str, str]]:
    told = "started_at, answered_at, ended_at, dialled, outcome, number"
    calls = hotline.rows(f"select {told} from call where id like 'e2e-%'")
    for started, answered, ended, dialled, outcome, _ in calls:
        assert not ended or started < ended
        assert bool(answered) == (outcome == "served") or not outcome
        assert dialled == "12345" or not outcome
    return [(number, outcome) for *_, outcome, number in calls]


async def the_figures_and_the_work_follow(hotline: Hotline) -> None:
    async with hotline.api("1201") as supervisor, hotline.api("1027") as agent:
        measured = (await supervisor.get("/api/figures")).raise_for_status().json()["figures"]
        values = {figure["key"]: figure["value"] for figure in measured}
        assert [values[key] for key in ("offered", "answered", "abandoned", "timed_out")] == [5, 2, 2, 1]
        behind = (await supervisor.get("/api/calls", params={"figure": "offered"})).json()
        assert sorted(row["outcome"] for row in behind["rows"]) == sorted(
            ["served", "served", "abandoned", "abandoned", "message"]
        )
        work = Counter(task["kind"] for task in (await agent.get("/api/seat/work")).json() if task["call_id"])
        assert (work["voicemail"], work["missed"]) == (1, 2)


def the_conversation_was_heard_to_its_end(hotline: Hotline) -> None:
    """Both legs of the call that went on through our death, and the citizen in the last two seconds of it."""
    ((recording, answered, ended),) = hotline.rows(
        f"select recording, answered_at, ended_at from call where number = '{TALKS}'"
    )
    tape = hotline.settings.recordings / recording
    talk = datetime.fromisoformat(ended) - datetime.fromisoformat(answered)
    assert seconds(tape) >= talk.total_seconds() - 1
    assert level(_last(tape.with_stem(tape.stem + "-in"), 2), CITIZEN_HZ) > HEARD


def _last(sound: Path, length: float) -> Path:
    end = sound.with_stem(sound.stem + "-end")
    with wave.open(str(sound), "rb") as whole, wave.open(str(end), "wb") as part:
        part.setparams(whole.getparams())
        frames = int(length * whole.getframerate())
        whole.setpos(max(0, whole.getnframes() - frames))
        part.writeframes(whole.readframes(frames))
    return end


@pytest.mark.browser
async def test_no_call_ends_and_none_is_missing_when_the_service_is_killed(
    hotline: Hotline, voice: Says
) -> None:
    async with chromium() as browser:
        desk = await a_ready_seat(browser, hotline.url, "1027", hotline.password)
        phones = await one_talks_one_waits_one_listens(hotline, desk, voice)
        died = await the_service_is_killed(hotline)
        phones[NEW] = await someone_calls(hotline, voice, NEW)
        await hotline.until_in(NEW, "Queue")
        await a_message_is_left(hotline, voice)
        await asyncio.sleep(max(0.0, died + STALE_S - time.monotonic()))
        await nobody_was_cut_off(hotline, phones)
        await the_seat_goes_on_by_itself(desk, phones)
        await hotline.start_service()
        await the_seat_is_known_again(hotline, desk)
        await the_rest_end(hotline, desk, phones)
        await the_books_are_complete(hotline)
        the_conversation_was_heard_to_its_end(hotline)


async def someone_leaves_a_message(hotline: Hotline, voice: Says, number: str) -> Telephone:
    return await hotline.telephones.call("12345", voice, IsHungUpOn(within=60), number=number)


async def until_recording(hotline: Hotline, number: str, within: float) -> None:
    began = time.monotonic()
    await hotline.until_in(number, "Record", within=within + 10)
    assert time.monotonic() - began < within, "the citizen waited for us"


async def the_message_ends(hotline: Hotline, number: str, phone: Telephone) -> None:
    channel = await hotline.until_in(number, "Record")
    message = hotline.settings.state_dir / "messages" / f"{channel.call_id}.wav"

    async def something_was_said() -> bool:
        return message.exists() and message.stat().st_size > SECOND_OF_SOUND

    await eventually(something_was_said, what="a second of the message on disk")
    await hotline.asterisk_cli(f"channel request hangup {channel.name}")
    await phone.done()


def waits_for_us(hotline: Hotline, number: str) -> list[float]:
    """Seconds that this call waited for each answer that never came, by Asterisk's own log."""
    ((call_id, started),) = hotline.rows(f"select id, started_at from call where number = '{number}'")
    silent = rf"\[([\d-]+ [\d:.]+)\] WARNING.*{re.escape(call_id)}: the service was silent"
    stamps = re.findall(silent, hotline.asterisk_log("messages.log"))
    times = [datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S.%f").astimezone() for stamp in stamps]
    began = datetime.fromisoformat(started).replace(tzinfo=UTC)
    return [(b - a).total_seconds() for a, b in pairwise([began, *times])]


async def test_a_service_that_stands_still_costs_three_seconds_at_most(hotline: Hotline, voice: Says) -> None:
    """Nobody is signed in, so everybody is asked for a message; our process is stopped, not ended."""
    phones = {ASKED: await someone_leaves_a_message(hotline, voice, ASKED)}
    await hotline.until_in(ASKED, "AGI", data="/night")
    os.kill(hotline.service.pid, signal.SIGSTOP)
    stopped = time.monotonic()
    try:
        phones[AT_ONCE] = await someone_leaves_a_message(hotline, voice, AT_ONCE)
        await asyncio.gather(
            until_recording(hotline, ASKED, KEY_WAIT_S + LONGEST_WAIT_S + SLACK_S),
            until_recording(hotline, AT_ONCE, 2 * LONGEST_WAIT_S + SLACK_S),
        )
        await asyncio.sleep(max(0.0, stopped + STALE_S - time.monotonic()))
        phones[LATER] = await someone_leaves_a_message(hotline, voice, LATER)
        await until_recording(hotline, LATER, SLACK_S)
    finally:
        os.kill(hotline.service.pid, signal.SIGCONT)
    for number, phone in phones.items():
        await the_message_ends(hotline, number, phone)

    async def all_there() -> bool:
        return sorted(_calls(hotline)) == [(number, "message") for number in sorted(phones)]

    await eventually(all_there, what="three messages")
    assert all(wait < LONGEST_WAIT_S + 0.3 for wait in waits_for_us(hotline, AT_ONCE))
    assert waits_for_us(hotline, LATER) == []
    assert hotline.service.running
