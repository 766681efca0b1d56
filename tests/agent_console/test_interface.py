"""What the interface lets through, to whom, and what it says when it does not."""

import json
import wave
from pathlib import Path

import httpx
import pytest

from callcenter.domain.calls import Call
from callcenter.domain.telephony import QueueLogEntry
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor
from tests.builders import COLLAPSE, FRIDAY_10, MOBILE

FORM = {
    "decision": "case",
    "appeal": "help",
    "urgency": "urgent",
    "content": "文昌路路面塌了个大坑，没有围挡",
    "title": "文昌路路面塌陷",
    "category": COLLAPSE,
    "condition_no": 1,
    "place": {"label": "文昌路", "lat": 28.5, "lon": 118.5},
    "client_key": "form-00000001",
}


async def a_case(context: Context, seat: httpx.AsyncClient, **given: object) -> str:
    await HotlineDesk(context, Floor()).arrive("call-1", MOBILE, "12345")
    answer = await seat.post("/api/reports", json={**FORM, "call_id": "call-1", **given})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["case_number"])


async def test_nobody_gets_in_without_signing_in(client: httpx.AsyncClient) -> None:
    for path in ("/api/session", "/api/seat", "/api/cases", "/api/wall", "/api/live", "/api/calls"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), path


async def test_a_wrong_password_is_one_sentence_and_five_lock(client: httpx.AsyncClient) -> None:
    form = {"username": "1027", "password": "wrong"}
    answers = [await client.post("/api/session", json=form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 429, 429]
    assert "十五分钟" in answers[-1].json()["message"]


async def test_a_request_without_the_csrf_token_changes_nothing(signed_in) -> None:
    client = await signed_in("1027")
    del client.headers["X-CSRF-Token"]
    answer = await client.post("/api/seat/sign-in")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


async def test_the_cookie_is_for_the_browser_alone(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/session", json={"username": "1027", "password": "secret"})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


async def test_signing_out_ends_the_session_on_the_server(signed_in) -> None:
    client = await signed_in("1027")
    cookie = client.cookies["hotline_session"]
    assert (await client.delete("/api/session")).status_code == 204
    client.cookies.set("hotline_session", cookie)
    assert (await client.get("/api/session")).status_code == 401


async def test_the_number_is_masked_everywhere_until_a_reason_is_given(context: Context, signed_in) -> None:
    client = await signed_in("1027")
    number = await a_case(context, client)
    for path in ("/api/seat", f"/api/cases/{number}", "/api/cases", "/api/seat/work", "/api/seat/calls"):
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        assert MOBILE not in answer.text, path
    people = (await client.get(f"/api/cases/{number}")).json()["people"]
    wanted = {"contact_id": people[0]["contact_id"], "reason": "核对回电"}
    assert (await client.post("/api/reveal", json=wanted)).json() == {"number": MOBILE}
    assert (await client.post("/api/reveal", json={**wanted, "reason": ""})).status_code == 422


async def test_a_department_never_gets_a_number_or_a_name(context: Context, signed_in) -> None:
    said = "文昌路路面塌了个大坑，请联系李建明先生13912345678"
    number = await a_case(context, await signed_in("1027"), caller_name="王女士", content=said)
    acceptor = await signed_in("2001")
    await acceptor.post(f"/api/cases/{number}/actions/register_case", json={"version": 2})
    dispatcher = await signed_in("2101")
    step = {"version": 3, "department_id": "shizheng"}
    assert (await dispatcher.post(f"/api/cases/{number}/actions/dispatch", json=step)).status_code == 200
    department = await signed_in("3001")
    page = (await department.get(f"/api/cases/{number}")).text
    assert "路面塌了个大坑" in page
    for hidden in (MOBILE, "5526", "王女士", "contact-", "李建明", "13912345678"):
        assert hidden not in page
    assert (
        await department.post("/api/reveal", json={"contact_id": "x", "reason": "想打"})
    ).status_code == 403
    stranger = await signed_in("3003")
    assert (await stranger.get(f"/api/cases/{number}")).status_code == 404
    assert (await stranger.get("/api/cases")).json()["total"] == 0


async def test_an_hundred_kilobyte_field_is_refused_with_its_name(signed_in) -> None:
    client = await signed_in("1027")
    answer = await client.post("/api/reports", json={**FORM, "content": "长" * 100_000})
    assert (answer.status_code, answer.json()["field"]) == (422, "content")


async def test_a_body_over_a_megabyte_is_not_even_read(signed_in) -> None:
    client = await signed_in("1027")
    assert (await client.post("/api/reports", content=b"x" * 2_000_000)).status_code == 413


@pytest.mark.parametrize("given", [{"category": ""}, {"condition_no": None}, {"content": "短"}])
async def test_an_incomplete_case_names_its_field_and_stores_nothing(signed_in, given) -> None:
    client = await signed_in("1027")
    answer = await client.post("/api/reports", json={**FORM, **given})
    assert answer.status_code == 422
    assert answer.json()["field"]
    assert (await client.get("/api/cases")).json()["total"] == 0


async def test_a_step_from_an_old_page_is_a_conflict(context: Context, signed_in) -> None:
    number = await a_case(context, await signed_in("1027"))
    client = await signed_in("2001")
    answer = await client.post(f"/api/cases/{number}/actions/register_case", json={"version": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_opening_a_case_again_and_again_is_one_look(context: Context, signed_in) -> None:
    client = await signed_in("1027")
    number = await a_case(context, client)
    pages = [(await client.get(f"/api/cases/{number}")).json() for _ in range(3)]
    assert len(pages[-1]["viewers"]) == 1


async def test_a_recording_is_played_with_seeking_and_never_from_elsewhere(
    context: Context, signed_in, recordings: Path
) -> None:
    (recordings / "20261120").mkdir()
    with wave.open(str(recordings / "20261120" / "a.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 8000, "NONE", ""))
        sound.writeframes(b"\x00\x40" * 8000)
    (recordings.parent / "secret.wav").write_bytes(b"not yours")
    async with context.uow() as uow:
        for call_id, name in (("good", "20261120/a.wav"), ("evil", "../secret.wav"), ("none", "")):
            call = await uow.calls.ensure(Call(id=call_id, started_at=FRIDAY_10))
            call.recording, call.seat = name, "1027"
        await uow.commit()
    client = await signed_in("1027")
    part = await client.get("/api/calls/good/recording", headers={"Range": "bytes=100-199"})
    assert (part.status_code, len(part.content)) == (206, 100)
    assert (await client.get("/api/calls/good/peaks")).json()["duration_s"] == 1.0
    for call_id in ("evil", "none"):
        assert (await client.get(f"/api/calls/{call_id}/recording")).status_code == 404
    other = await signed_in("1028")
    assert (await other.get("/api/calls/good/recording")).status_code == 403


async def test_every_figure_opens_the_calls_behind_it(context: Context, signed_in) -> None:
    line = [
        QueueLogEntry(FRIDAY_10, "a", "general", "", "ENTERQUEUE", ("", "", "1")),
        QueueLogEntry(FRIDAY_10, "a", "general", "1027", "CONNECT", ("3", "x", "1")),
        QueueLogEntry(FRIDAY_10, "b", "general", "", "ENTERQUEUE", ("", "", "1")),
        QueueLogEntry(FRIDAY_10, "b", "general", "", "ABANDON", ("1", "1", "9")),
    ]
    async with context.uow() as uow:
        await uow.books.write(line, "queue_log", "1:1")
        await uow.commit()
    client = await signed_in("1201")
    figures = {f["key"]: f["value"] for f in (await client.get("/api/figures")).json()["figures"]}
    assert (figures["offered"], figures["answered"], figures["connect_rate"]) == (2, 1, 0.5)
    for key, count in (("offered", 2), ("answered", 1), ("abandoned", 1)):
        assert (await client.get("/api/calls", params={"figure": key})).json()["total"] == count
    assert (await client.get("/api/calls", params={"figure": "nonsense"})).status_code == 422


async def test_health_tells_the_process_apart_from_its_parts(context: Context, client) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    assert (await client.get("/readyz")).json()["ready"] is True
    context.telephony.away = True
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["ami"]) == (503, False)


async def test_the_interface_describes_itself(client) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert {"/api/reports", "/api/live", "/readyz"} <= set(paths)


async def test_a_draft_survives_and_goes_when_the_form_is_filed(context: Context, signed_in) -> None:
    client = await signed_in("1027")
    await client.put("/api/drafts/call-1", json={"key": "call-1", "body": {"content": "写到一半"}})
    assert (await client.get("/api/drafts/call-1")).json()["body"] == {"content": "写到一半"}
    assert [item["kind"] for item in (await client.get("/api/seat/work")).json()] == ["draft"]
    await a_case(context, client)
    assert (await client.get("/api/drafts/call-1")).status_code == 404


async def test_a_broken_request_is_answered_in_chinese(signed_in) -> None:
    client = await signed_in("1027")
    answer = await client.post(
        "/api/reports", content=b"{broken", headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert "检查" in json.loads(answer.text)["message"]


async def test_a_department_cannot_see_take_or_finish_citizens_work(context: Context, signed_in) -> None:
    await HotlineDesk(context, Floor()).wants_callback("call-9")
    seat = await signed_in("1027")
    task = (await seat.get("/api/seat/work")).json()[0]["id"]
    department = await signed_in("3001")
    assert (await department.get("/api/seat/work")).status_code == 403
    assert (await department.post(f"/api/work/{task}/done")).status_code == 403
    assert (await department.post("/api/suggestions", json={"text": "路"})).status_code == 403
    other = await signed_in("1028")
    assert (await other.post(f"/api/work/{task}/take")).status_code == 204
    again = await signed_in("1027")
    assert (await again.post(f"/api/work/{task}/done")).status_code == 409


async def test_who_asked_to_be_hidden_is_revealed_to_follow_up_callers_only(
    context: Context, signed_in
) -> None:
    await a_case(context, await signed_in("1027"), confidential=True)
    async with context.uow() as uow:
        contact = await uow.contacts.by_number(MOBILE)
    wanted = {"contact_id": contact.id, "reason": "回访"}
    assert (await (await signed_in("1027")).post("/api/reveal", json=wanted)).status_code == 403
    assert (await (await signed_in("2301")).post("/api/reveal", json=wanted)).json() == {"number": MOBILE}


async def test_steps_of_the_form_are_refused_on_the_page(context: Context, signed_in) -> None:
    client = await signed_in("1027")
    number = await a_case(context, client)
    step = {"version": 2, "main_case": "x"}
    assert (await client.post(f"/api/cases/{number}/actions/merge", json=step)).status_code == 409
