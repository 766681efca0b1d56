"""Absurd callers, hostile requests, a full disk, a cut stream: a clear word, and nothing is lost."""

import asyncio
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.asterisk_kit.audio import tone
from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Says, Waits
from tests.e2e.browser import a_ready_seat, chromium
from tests.e2e.hotline import LOCAL, Hotline, eventually, running_hotline, without_texts

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

PLAIN, REFUSED, UNRECORDED, CUT = (f"1380000080{n}" for n in range(1, 5))
ABSURD = {
    PLAIN: PLAIN,
    f"%2B86{PLAIN}": PLAIN,
    "": "",
    "anonymous": "",
    "7" * 500: "",
    "%22%27%3B%20DROP%20TABLE%20call%3B--": "",
    "%24%7BSHELL%28id%29%7D": "",
    "%00%01%0d%0aX-Evil%3a%20yes": "",
    "..%2F..%2Fetc%2Fpasswd": "",
}
"""User part of From -> the number that is kept; '' = as if it was withheld."""

FORM = {
    "decision": "answer",
    "appeal": "consult",
    "content": "咨询办理事项，需要哪些材料",
    "answer": "已经答复",
}


@pytest.fixture(scope="module")
async def hotline() -> AsyncIterator[Hotline]:
    """One for all tests of this file: what one of them throws at it, the next ones must not feel."""
    folder = Path(tempfile.mkdtemp(prefix="hl"))
    async with running_hotline(without_texts(folder)) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture
async def agent(hotline: Hotline) -> AsyncIterator[httpx.AsyncClient]:
    async with hotline.api("1027") as client:
        yield client


def calls(hotline: Hotline) -> list[tuple[str, str]]:
    return hotline.rows("select number, outcome from call where id like 'e2e-%' and outcome <> ''")


# ------------------------------------------------------------------------------------- telephone


async def test_an_absurd_caller_is_served_and_belongs_to_nobody(
    hotline: Hotline,
) -> None:
    async with hotline.api("1028") as other:
        (await other.post("/api/seat/sign-in")).raise_for_status()  # somebody on duty: callers are queued
    callers = [
        await hotline.telephones.call("12345", Waits(2), HangsUp(), number=number) for number in ABSURD
    ]
    for caller in callers:
        await caller.done()

    async def all_there() -> bool:
        return len(calls(hotline)) == len(ABSURD)

    await eventually(all_there, what="every caller in the books")
    assert sorted(calls(hotline)) == sorted((number, "abandoned") for number in ABSURD.values())
    contacts = hotline.rows("select distinct contact_id <> '', number <> '' from call where id like 'e2e-%'")
    assert sorted(contacts) == [(0, 0), (1, 1)]
    async with hotline.api("1201") as supervisor:
        shown = (await supervisor.get("/api/calls", params={"figure": "offered"})).json()
        assert shown["total"] == len(ABSURD)
        assert {row["number"] for row in shown["rows"]} == {"138****0801", "未显示号码"}


async def test_an_unknown_dialled_number_is_refused_and_logged(hotline: Hotline) -> None:
    before = len(calls(hotline))
    caller = await hotline.telephones.call_in_vain("99999", 404, number=REFUSED)
    await caller.done()
    assert "extension '99999' rejected because extension not found" in hotline.asterisk_log("messages.log")
    assert len(calls(hotline)) == before


# ------------------------------------------------------------------------------------- HTTP


def reports(hotline: Hotline) -> int:
    return int(hotline.rows("select count(*) from report")[0][0])


async def test_a_hundred_kilobytes_in_a_field_are_refused_by_its_name_and_not_stored(
    hotline: Hotline, agent: httpx.AsyncClient
) -> None:
    before = reports(hotline)
    form = {**FORM, "content": "长" * 34_000, "client_key": "form-100kB"}
    assert len(json.dumps(form, ensure_ascii=False).encode()) > 100_000
    answer = await agent.post("/api/reports", json=form)
    assert (answer.status_code, answer.json()["field"]) == (422, "content")
    assert answer.json()["message"] == "“诉求内容”太长，最多 20000 个字，请检查删减后再提交。"
    assert reports(hotline) == before


async def test_a_body_that_is_too_large_or_has_no_length_is_not_read(agent: httpx.AsyncClient) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b"x" * 65_536

    too_large = await agent.post("/api/reports", content=b"x" * 5_000_000)
    assert (too_large.status_code, too_large.json()["message"]) == (413, "内容太大，请删减后再提交。")
    assert (await agent.put("/api/drafts/pieces", content=in_pieces())).status_code == 411


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
async def test_a_form_in_another_format_is_refused(
    hotline: Hotline, agent: httpx.AsyncClient, kind: str
) -> None:
    before = reports(hotline)
    body = json.dumps({**FORM, "client_key": "another-format"})
    answer = await agent.post("/api/reports", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert answer.json()["message"].endswith("。")
    assert reports(hotline) == before


async def test_without_the_page_s_token_nothing_changes(hotline: Hotline, agent: httpx.AsyncClient) -> None:
    before = reports(hotline)
    for token in (b"", b"wrong", b"\xff\xfe"):
        answer = await agent.post(
            "/api/reports", json={**FORM, "client_key": "no-token"}, headers={"X-CSRF-Token": token}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert reports(hotline) == before


async def test_a_department_does_not_learn_that_another_s_case_exists(hotline: Hotline) -> None:
    taken = "select number, version from case_file where department_id not in ('', 'shizheng') limit 1"
    ((number, version),) = hotline.rows(taken)
    async with hotline.api("3001") as department:
        real = await department.get(f"/api/cases/{number}")
        invented = await department.get("/api/cases/20000101-0001")
        assert (real.status_code, real.text) == (404, invented.text)
        step = await department.post(
            f"/api/cases/{number}/actions/feedback", json={"version": version, "result": "已处理"}
        )
        assert step.status_code == 404
        assert number not in (await department.get("/api/cases", params={"size": 200})).text


@pytest.mark.parametrize(
    "target",
    [
        "/../../../../etc/passwd",
        "/assets/../../../pyproject.toml",
        "/assets/..%2f..%2f..%2fpyproject.toml",
        "/..%2f..%2fpyproject.toml",
        "//etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/api/calls/..%2f..%2fhotline.db/recording",
        "/api/calls/../../hotline.db/recording",
        "/api/map/..%2f..%2fetc%2fpasswd",
    ],
)
async def test_no_path_leads_out_of_the_house(
    hotline: Hotline, agent: httpx.AsyncClient, target: str
) -> None:
    """Over a bare socket: every HTTP client would tidy the path up."""
    cookie = "; ".join(f"{name}={value}" for name, value in agent.cookies.items())
    reader, writer = await asyncio.open_connection(LOCAL, hotline.settings.console.port)
    writer.write(
        f"GET {target} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode()
    )
    answer = (await reader.read()).decode(errors="replace")
    writer.close()
    assert answer.split()[1] in {"200", "404"}
    assert "root:" not in answer
    assert "hotline-12345" not in answer
    assert "SQLite" not in answer
    if " 200 " in answer.splitlines()[0]:
        assert "<!doctype html>" in answer, "the console's own page"


# ------------------------------------------------------------------------------------- full disk


@contextmanager
def full_disk(folder: Path) -> Iterator[str]:
    """`folder` on a disk of 64 kB that is full; gives what Asterisk says of it.

    Where nothing may be mounted (a container without the right), the day's folder is a device instead:
    no file can be made in it, which the call meets at the same place.
    """
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    day = folder / f"{datetime.now(UTC):%Y%m%d}"
    if subprocess.run(mount, check=False, capture_output=True).returncode == 0:
        try:
            with suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
                while filler.write(b"x" * 4096):
                    pass
            yield "No space left on device"
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    else:
        day.mkdir(exist_ok=True)
        kept = day.rename(folder / "kept")
        day.symlink_to("/dev/full")
        yield "Not a directory"
        day.unlink()
        kept.rename(day)


@pytest.mark.browser
async def test_a_full_disk_costs_the_recording_and_not_the_call(hotline: Hotline) -> None:
    voice = Says(tone(440, 2, hotline.settings.state_dir / "voice.wav"))
    async with chromium() as browser:
        desk = await a_ready_seat(browser, hotline.url, "1027", hotline.password)
        with full_disk(hotline.settings.recordings) as why:
            caller = await hotline.telephones.call("12345", voice, IsHungUpOn(within=60), number=UNRECORDED)
            await desk.answer()
            assert await hotline.until_in(UNRECORDED, "Queue")
            await asyncio.sleep(2)  # they talk
            await desk.hang_up()
            await caller.done()
            row = await eventually(lambda: the_call(hotline, UNRECORDED), what="the call in the books")
    assert (row["outcome"], row["seat"], row["recording"]) == ("served", "1027", False)
    async with hotline.api("1201") as supervisor:
        answer = await supervisor.get(f"/api/calls/{row['call_id']}/recording")
        assert answer.status_code == 404
        assert answer.json()["message"].startswith("找不到这通电话的录音")
    assert said(hotline, "recording_missing")["file"].endswith(f"{row['call_id']}.wav")
    assert why in hotline.asterisk_log("messages.log")


async def the_call(hotline: Hotline, number: str) -> dict[str, object] | None:
    ends = hotline.rows(f"select id from call where number = '{number}' and outcome <> ''")
    async with hotline.api("1201") as supervisor:
        shown = (await supervisor.get("/api/calls", params={"size": 200})).raise_for_status().json()
        return next((row for row in shown["rows"] if (row["call_id"],) in ends), None)


def said(hotline: Hotline, event: str) -> dict[str, str]:
    lines = [json.loads(line) for line in hotline.service.log().splitlines() if line.startswith("{")]
    return next(line for line in lines if line["event"] == event)


# ------------------------------------------------------------------------------------- live events


async def told(client: httpx.AsyncClient, count: int, last: str = "") -> list[tuple[str, str]]:
    """(id, kind) of the first so many events, then the stream is cut."""
    headers = {"Last-Event-ID": last} if last else {}
    async with client.stream("GET", "/api/live", headers=headers) as stream:
        events, fields = [], dict[str, str]()
        async with aclosing(stream.aiter_lines()) as lines:
            async for line in lines:
                if not line and fields.get("event"):
                    events.append((fields["id"], fields["event"]))
                    fields = {}
                elif line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    fields[name] = value
                if len(events) == count:
                    return events
    raise AssertionError("the stream ended by itself")


async def test_a_cut_stream_is_told_what_it_missed_and_after_a_restart_to_begin_anew(
    hotline: Hotline, agent: httpx.AsyncClient
) -> None:
    async with asyncio.timeout(60):
        ((first, kind),) = await told(agent, 1)
        assert kind == "reset", "whoever comes anew fetches everything"
        async with hotline.api("1029") as other:
            for _ in range(2):
                (await other.post("/api/seat/sign-in")).raise_for_status()
                (await other.post("/api/seat/sign-out")).raise_for_status()
        missed = await told(agent, 4, last=first)
        assert {kind for _, kind in missed} == {"wall.changed"}, "another seat's changes are not told"
        numbers = [int(event.rpartition("-")[2]) for event, _ in (("", first), *missed)[1:]]
        assert numbers == sorted(set(numbers))
        assert numbers[0] > int(first.rpartition("-")[2])
        assert await told(agent, 1, last=missed[1][0]) == [missed[2]], "from the middle on"
        assert [kind for _, kind in await told(agent, 1, last="another-life-1")] == ["reset"]
        await hotline.service.end()
        await hotline.start_service()
        ((anew, kind),) = await told(agent, 1, last=missed[-1][0])
        assert (kind, anew.partition("-")[0] == first.partition("-")[0]) == ("reset", False)
    assert hotline.service.running


# ------------------------------------------------------------------------------------- logs


async def test_no_log_holds_a_number(hotline: Hotline) -> None:
    """Last in the file: everything above has been logged by now. `queue_log` is no log but a book."""
    folders = (hotline.settings.state_dir / "log", hotline.settings.state_dir / "asterisk" / "log")
    logs = [file for folder in folders for file in folder.iterdir() if not file.name.startswith("queue_log")]
    assert {"service.log", "messages.log"} <= {file.name for file in logs}
    assert calls(hotline), "this hotline has been called"
    for file in logs:
        text = file.read_text(errors="replace")
        assert not [number for number in (PLAIN, REFUSED, UNRECORDED, "7" * 20) if number in text], file.name
