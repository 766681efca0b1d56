"""The citizens' pages as their browser, and as those who would abuse them, see the interface."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import text

from agent_console.live import LiveHub
from callcenter.domain.calls import Call
from callcenter.domain.challenge import BASE_BITS, Challenge
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor
from callcenter.usecases.positions import digest_of
from tests.builders import FRIDAY_10, MOBILE, solve
from tests.fakes import FakeClock

ORIGIN = "http://hotline"
DEVICE = "device-of-one-browser"
FORM = {
    "device": DEVICE,
    "client_key": "form-00000001",
    "content": "实验小学北门路面塌了个大坑",
    "place": "实验小学北门",
    "phone": "138 0000 5526",
}


def a_photo(width: int = 64, height: int = 48, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, kind)
    return out.getvalue()


@pytest.fixture
async def page(client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of a citizen."""
    client.headers["Origin"] = str(client.base_url).rstrip("/")
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


async def proof(page: httpx.AsyncClient) -> dict[str, str]:
    asked = (await page.get("/api/citizen/challenge")).raise_for_status().json()
    counter = solve(Challenge(**asked))
    return {"X-Proof": ".".join(str(asked[name]) for name in asked).replace("..", ".") + f".{counter}"}


async def send(page: httpx.AsyncClient, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await page.post(f"/api/citizen/{path}", json=body, headers=await proof(page) | headers)


async def add_photo(page: httpx.AsyncClient, content: bytes) -> httpx.Response:
    headers = await proof(page) | {"Content-Type": "image/jpeg"}
    return await page.put("/api/citizen/photos", content=content, headers=headers)


async def filed(page: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await send(page, "reports", {**FORM, **given})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def count(context: Context, table: str) -> int:
    async with context.reading() as uow:
        return int((await uow._session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


# ------------------------------------------------------------------------------------------- the whole way


async def test_a_citizen_reports_with_a_photo_and_finds_it_again(page: httpx.AsyncClient, context) -> None:
    photo = (await add_photo(page, a_photo())).json()["id"]
    receipt = await filed(page, photos=[photo])
    assert receipt["number"] == "20261120-0001"
    assert len(receipt["code"]) == 6
    answer = await send(page, "progress", {"number": receipt["number"], "code": receipt["code"]})
    found = answer.json()
    assert found["content"] == FORM["content"]
    assert found["photos"] == 1
    assert found["phone"] == "138****5526"
    assert (found["stage"], found["state"]) == (1, "已收到，等待登记")
    assert found["may"] == {"urge": False, "withdraw": True, "rate": False}
    async with context.reading() as uow:
        waiting = await uow.conversations.waiting()
    assert [one.channel for one in waiting] == ["web"]
    assert "实验小学北门" in waiting[0].last_text


async def test_the_same_form_sent_twice_at_once_files_once(page: httpx.AsyncClient, context) -> None:
    proofs = [await proof(page) for _ in range(4)]
    answers = await asyncio.gather(
        *(page.post("/api/citizen/reports", json=FORM, headers=one) for one in proofs)
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert await count(context, "report") == 1


async def test_another_browser_with_the_same_key_gets_no_receipt_of_mine(page: httpx.AsyncClient) -> None:
    mine = await filed(page)
    assert (await filed(page, device="another-browsers-key"))["number"] != mine["number"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"content": "坑"}, "content"),
        ({"place": ""}, "place"),
        ({"phone": "12"}, "phone"),
        ({"photos": ["nobody-has-this"]}, "photos"),
        ({"lat": 91}, "lat"),
        ({"device": "short"}, "device"),
    ],
)
async def test_what_is_missing_is_named(page: httpx.AsyncClient, context, given, field) -> None:
    answer = await send(page, "reports", {**FORM, **given})
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert await count(context, "report") == 0


async def test_photos_lose_what_the_camera_wrote(page: httpx.AsyncClient, context) -> None:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "SpyCam"
    Image.new("RGB", (4000, 3000), "red").save(out, "JPEG", exif=exif)
    assert (await add_photo(page, out.getvalue())).status_code == 200
    (kept,) = context.media.files.values()
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (2048, 1536)
        assert not picture.getexif()
    assert b"SpyCam" not in kept


# ------------------------------------------------------------------------------------------- abuse


async def test_nothing_is_taken_without_a_solved_challenge(page: httpx.AsyncClient, context) -> None:
    used = await proof(page)
    assert (await page.post("/api/citizen/reports", json=FORM, headers=used)).status_code == 200
    forged = {"X-Proof": used["X-Proof"].replace(f".{BASE_BITS}.", ".0.")}
    for headers in ({}, used, forged, {"X-Proof": "x"}, {"X-Proof": "....."}):
        answer = await page.post(
            "/api/citizen/reports", json={**FORM, "client_key": "form-00000002"}, headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "proof"), headers
    assert await count(context, "report") == 1


async def test_an_old_solution_is_worth_nothing(page: httpx.AsyncClient, context) -> None:
    old = await proof(page)
    context.clock.pass_by(minutes=11)
    answer = await page.post("/api/citizen/reports", json=FORM, headers=old)
    assert answer.json()["code"] == "proof"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": ""},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Content-Type": "text/plain"},
    ],
)
async def test_no_other_page_may_send(page: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await send(page, "reports", FORM, **headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_page")


async def test_a_huge_upload_is_not_even_read(page: httpx.AsyncClient) -> None:
    answer = await add_photo(page, b"\xff" * 30_000_000)
    assert answer.status_code == 413
    assert (await send(page, "reports", {**FORM, "content": "长" * 1_000_000})).status_code == 413


def a_bomb() -> bytes:
    """A small file that says it has two thousand million pixels."""
    png = a_photo(kind="PNG")
    return png[:16] + (50_000).to_bytes(4) + (40_000).to_bytes(4) + png[24:]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ this is a program",
        b"<svg onload='alert(1)'/>",
        a_photo()[:300],
        a_bomb(),
        a_photo(kind="GIF"),
    ],
    ids=["nothing", "program", "svg", "cut off", "bomb", "gif"],
)
async def test_what_is_no_picture_is_refused(page: httpx.AsyncClient, context, content: bytes) -> None:
    answer = await add_photo(page, content)
    assert (answer.status_code, answer.json()["field"]) == (422, "photos")
    assert not context.media.files


async def test_a_photo_of_somebody_else_cannot_be_claimed_twice(page: httpx.AsyncClient) -> None:
    photo = (await add_photo(page, a_photo())).json()["id"]
    await filed(page, photos=[photo])
    answer = await send(page, "reports", {**FORM, "device": "another-browsers-key", "photos": [photo]})
    assert (answer.status_code, answer.json()["field"]) == (422, "photos")


async def test_a_storm_of_wrong_codes_is_slowed_and_tells_nothing(page: httpx.AsyncClient, context) -> None:
    receipt = await filed(page)
    said: dict[str, list[tuple[int, str]]] = {}
    for number in (receipt["number"], "20261120-9999"):
        said[number] = []
        for code in ("000000", "９９", "111111", "222222", "333333", "444444", "555555"):
            context.clock.pass_by(seconds=1)
            answer = await send(page, "progress", {"number": f" {number}"[int(code[0]) % 2 :], "code": code})
            said[number].append((answer.status_code, answer.json()["code"]))
        context.clock.pass_by(hours=2)
    real, invented = said.values()
    assert real == invented
    assert real[:5] == [(403, "wrong_code")] * 5
    assert real[5:] == [(429, "too_fast")] * 2


async def test_guesses_at_the_same_time_are_no_more_than_one_after_the_other(
    page: httpx.AsyncClient, context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_console.bodies.EACH", 40)
    receipt = await filed(page)
    proofs = [await proof(page) for _ in range(20)]
    guesses = ({"number": receipt["number"], "code": f"{n:06d}"} for n in range(20))
    answers = await asyncio.gather(
        *(
            page.post("/api/citizen/progress", json=guess, headers=one)
            for guess, one in zip(guesses, proofs, strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [403] * 5 + [429] * 15
    context.clock.pass_by(minutes=6)
    right = {"number": receipt["number"], "code": receipt["code"]}
    assert (await send(page, "progress", right)).status_code == 200


async def test_whoever_waits_gets_in_with_the_right_code(page: httpx.AsyncClient, context) -> None:
    receipt = await filed(page)
    right = {"number": receipt["number"], "code": receipt["code"]}
    for _ in range(5):
        await send(page, "progress", {**right, "code": "wrong"})
    assert (await send(page, "progress", right)).status_code == 429
    context.clock.pass_by(seconds=11)
    assert (await send(page, "progress", right)).status_code == 200


async def test_who_asks_for_many_challenges_gets_harder_ones(page: httpx.AsyncClient) -> None:
    bits = [(await page.get("/api/citizen/challenge")).json()["bits"] for _ in range(45)]
    assert bits[0] == BASE_BITS
    assert bits[-1] == BASE_BITS + 2


async def test_somebody_too_fast_is_told_how_long_to_wait(page: httpx.AsyncClient) -> None:
    answers = [await page.post("/api/citizen/suggest", json={"text": "路灯坏了"}) for _ in range(61)]
    assert answers[-1].status_code == 429
    assert "请等 2 秒" in answers[-1].json()["message"]


async def test_a_proxy_that_nobody_named_is_not_believed(client: httpx.AsyncClient, page) -> None:
    del client
    answers = [
        await page.post(
            "/api/citizen/suggest", json={"text": "x"}, headers={"X-Forwarded-For": f"10.0.0.{n}"}
        )
        for n in range(61)
    ]
    assert answers[-1].status_code == 429


async def test_departments_and_strangers_have_no_way_to_the_seats_side(page: httpx.AsyncClient) -> None:
    assert (await page.get("/api/positions?call_id=call-1")).status_code == 401
    assert (await page.get("/api/positions/photos/x")).status_code == 401


# ------------------------------------------------------------------------------------------- help


async def test_the_map_shows_what_is_public_and_no_more(page: httpx.AsyncClient) -> None:
    for layer in ("grids", "gazetteer", "nothing"):
        assert (await page.get(f"/api/citizen/map/{layer}")).status_code == 404


async def test_every_page_knows_the_emergency_numbers(page: httpx.AsyncClient) -> None:
    found = (await page.get("/api/citizen/city")).json()
    assert found["number"] == "12345"
    assert [one["number"] for one in found["emergency"]] == ["110", "119", "120", "122"]


# ------------------------------------------------------------------------------------------- position link


@pytest.fixture
async def token(context: Context, hub: LiveHub, monkeypatch: pytest.MonkeyPatch, signed_in) -> str:
    """A link that seat 1027 sent to its caller."""
    del hub
    await HotlineDesk(context, Floor()).arrive("call-1", MOBILE, "12345")
    async with context.uow() as uow:
        call: Call | None = await uow.calls.get("call-1")
        assert call is not None
        call.seat, call.answered_at = "1027", FRIDAY_10
        await uow.commit()
    given = "AbcdefghijklmnopqrstuV"
    letters = iter(given)
    monkeypatch.setattr("callcenter.usecases.positions.secrets.choice", lambda _all: next(letters))
    seat = await signed_in("1027")
    answer = await seat.post("/api/positions", json={"call_id": "call-1"})
    assert answer.status_code == 200, answer.text
    return given


async def test_the_caller_puts_a_pin_and_a_photo_on_the_open_form(
    page: httpx.AsyncClient, token: str, signed_in, context: Context
) -> None:
    async with context.reading() as uow:
        (sent,) = await uow.messages.sent_to(MOBILE, 5)
    assert f"/p/{token}" in sent.text
    assert (await page.post("/api/citizen/link/opened", json={"token": token})).json()["placed"] is False
    where = {"token": token, "lat": 28.5, "lon": 118.5, "accuracy": 12.5}
    assert (await page.post("/api/citizen/link/place", json=where)).status_code == 204
    answer = await page.put("/api/citizen/photos/link", content=a_photo(), headers={"X-Link": token})
    assert answer.status_code == 200, answer.text
    seat = await signed_in("1027")
    (pin,) = (await seat.get("/api/positions?call_id=call-1")).json()
    assert (pin["lat"], pin["lon"], pin["accuracy_m"], pin["alive"]) == (28.5, 118.5, 12.5, True)
    assert pin["area"] == "实验社区网格07"
    picture = await seat.get(pin["photos"][0])
    assert picture.headers["content-type"] == "image/jpeg"
    assert "sandbox" in picture.headers["content-security-policy"]
    other = await signed_in("1028")
    assert (await other.get("/api/positions?call_id=call-1")).json() == []
    assert (await other.get(pin["photos"][0])).status_code == 404


async def test_a_photo_by_a_link_that_is_over_is_not_taken_off_the_wire(page: httpx.AsyncClient) -> None:
    read: list[bytes] = []

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"\xff\xd8", b"more"):
            read.append(piece)
            yield piece

    headers = {"X-Link": "nobody-sent-this", "Content-Length": "6"}
    answer = await page.put("/api/citizen/photos/link", content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["code"], read) == (410, "link_over", [])


async def test_a_seat_that_names_nothing_gets_nothing(token: str, signed_in) -> None:
    assert token
    seat = await signed_in("1027")
    assert (await seat.get("/api/positions")).json() == []
    both = {"call_id": "call-1", "conversation_id": "talk-1"}
    assert [(await seat.post("/api/positions", json=one)).status_code for one in ({}, both)] == [422, 422]


async def test_only_the_digest_of_the_token_is_kept(token: str, context: Context) -> None:
    async with context.reading() as uow:
        (link,) = await uow.positions.of_call("call-1")
    assert link.id == digest_of(token)
    assert token not in repr(link)


async def test_a_link_of_an_ended_call_an_old_one_and_an_invented_one_say_the_same(
    page: httpx.AsyncClient, token: str, context: Context
) -> None:
    assert isinstance(context.clock, FakeClock)
    context.clock.pass_by(minutes=31)
    old = await page.post("/api/citizen/link/opened", json={"token": token})
    invented = await page.post("/api/citizen/link/opened", json={"token": "x" * 22})
    photo = await page.put("/api/citizen/photos/link", content=a_photo(), headers={"X-Link": token})
    assert (old.status_code, photo.status_code) == (410, 410)
    assert old.json() == invented.json() == photo.json()


async def test_a_second_link_is_sent_only_when_the_seat_says_so(token: str, signed_in) -> None:
    del token
    seat = await signed_in("1027")
    again = await seat.post("/api/positions", json={"call_id": "call-1"})
    assert (again.status_code, again.json()["code"]) == (409, "already_sent")
