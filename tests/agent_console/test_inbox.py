"""The inbox as a seat's page sees it, and as those who have no part in it do."""

import io
from datetime import timedelta

import httpx
import pytest
from PIL import Image

from callcenter.domain.codes import Knowledge
from callcenter.domain.messages import Kind
from callcenter.domain.records import MediaFile, MediaState
from callcenter.domain.sending import CannedText
from callcenter.domain.staff import AgentState
from callcenter.usecases import conversations, seat_inbox
from callcenter.usecases.context import Context
from callcenter.usecases.conversations import Reply
from callcenter.usecases.presence import VIEWING
from tests.agent_console.conftest import SignedIn
from tests.builders import COLLAPSE, MOBILE, a_user
from tests.callcenter.usecases.story import user
from tests.callcenter.usecases.talking import Writer, a_pending_report, by_sms, later
from tests.callcenter.usecases.test_conversations import moved, on_duty

MASKED = "138****5526"


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), "red").save(out, "JPEG")
    return out.getvalue()


async def given_out(context: Context) -> str:
    """A pending report of WeChat with the seat 1027; the conversation's id."""
    await on_duty(context, "1027")
    citizen = await a_pending_report(context)
    await seat_inbox.tick(context)
    return (await citizen.talk()).id


async def row_of(client: httpx.AsyncClient, talk_id: str) -> dict:
    rows = (await client.get("/api/inbox")).json()["rows"]
    return next(row for row in rows if row["id"] == talk_id)


async def test_the_list_has_ones_own_the_oldest_wait_first_and_the_queue(
    context: Context, signed_in: SignedIn
) -> None:
    talk_id = await given_out(context)
    await moved(context, "1027", AgentState.BREAK)
    waiting = by_sms(context)
    await waiting.say("人工")
    client = await signed_in("1027")
    list_ = (await client.get("/api/inbox")).json()
    assert (list_["load"], list_["capacity"]) == (1, 6)
    assert list_["counts"] == {"reply": 1, "citizen": 0, "queue": 1, "closed": 0, "overdue": 0}
    mine, queued = list_["rows"]
    assert (mine["id"], mine["tab"], mine["channel"], mine["who"]) == (talk_id, "reply", "wechat", "微信用户")
    assert (queued["tab"], queued["who"]) == ("queue", MASKED)
    assert mine["due_at"] > mine["waiting_since"]
    later(context, minutes=4)
    assert (await client.get("/api/inbox")).json()["counts"]["overdue"] == 2


async def test_a_team_leader_sees_late_ones_of_every_seat(context: Context, signed_in: SignedIn) -> None:
    async with context.uow() as uow:
        uow.staff.add(a_user("team_leader", "1101"))
        await uow.commit()
    talk_id = await given_out(context)
    client = await signed_in("1101")
    assert (await client.get("/api/inbox")).json()["rows"] == []
    later(context, minutes=4)
    assert (await row_of(client, talk_id))["seat"] == "1027"


async def test_one_conversation_shows_everything_that_the_form_needs(
    context: Context, signed_in: SignedIn
) -> None:
    talk_id = await given_out(context)
    client = await signed_in("1027")
    one = (await client.get(f"/api/inbox/{talk_id}")).json()
    assert one["pending"]["content"] == "实验小学门口路面塌了个大坑"
    assert (one["pending"]["category"], one["place"], one["lat"]) == (COLLAPSE, "实验小学", 28.5)
    assert one["facts"] == "实验小学门口路面塌了个大坑"
    assert [(bubble["author"], bubble["kind"]) for bubble in one["messages"]] == [
        ("citizen", "text"),
        ("machine", "text"),
    ]
    assert one["messages"][1]["state"] == "queued"
    assert (one["can_write"], one["cannot_write"], one["quota_left"]) == (True, "", 4)
    assert one["row"]["unread"] == 0


async def test_a_form_beside_it_keeps_the_citizens_number(context: Context, signed_in: SignedIn) -> None:
    talk_id = await given_out(context)
    client = await signed_in("1027")
    number = (await client.get(f"/api/inbox/{talk_id}")).json()["pending"]["number"]
    form = {
        "decision": "case",
        "conversation_id": talk_id,
        "completes": number,
        "appeal": "help",
        "content": "实验小学门口路面塌了个大坑，没有围挡",
        "category": COLLAPSE,
        "condition_no": 1,
        "place": {"label": "实验小学", "lat": 28.5, "lon": 118.5},
        "client_key": "form-00000001",
    }
    filed = (await client.post("/api/reports", json=form)).json()
    assert (filed["number"], filed["case_number"]) == (number, number)
    one = (await client.get(f"/api/inbox/{talk_id}")).json()
    assert (one["pending"], one["case_numbers"]) == (None, [number])
    assert (await client.post(f"/api/inbox/{talk_id}/close", json={"code": "filed"})).status_code == 204
    assert (await row_of(client, talk_id))["close_code"] == "filed"
    readable = (await client.get(f"/api/inbox/{talk_id}")).json()
    assert len(readable["messages"]) >= 2
    assert not readable["can_write"]
    assert "新的会话" in readable["cannot_write"]


async def test_answers_go_out_and_carry_their_author(context: Context, signed_in: SignedIn) -> None:
    talk_id = await given_out(context)
    client = await signed_in("1027")
    sent = (await client.post(f"/api/inbox/{talk_id}/messages", json={"text": "您好，已收到"})).json()
    assert (sent["author"], sent["text"], sent["state"]) == ("1027", "您好，已收到", "queued")
    assert (await row_of(client, talk_id))["tab"] == "citizen"
    empty = await client.post(f"/api/inbox/{talk_id}/messages", json={})
    assert (empty.status_code, empty.json()["field"]) == (422, "text")


async def test_an_answer_that_is_sent_again_after_a_lost_answer_is_one_message(
    context: Context, signed_in: SignedIn
) -> None:
    talk_id = await given_out(context)
    client = await signed_in("1027")
    answer = {"text": "您好，已收到", "client_key": "k" * 32}
    first, again = [
        (await client.post(f"/api/inbox/{talk_id}/messages", json=answer)).json()["id"] for _ in range(2)
    ]
    assert first == again
    other = await client.post(f"/api/inbox/{talk_id}/messages", json={**answer, "client_key": "other"})
    assert other.json()["id"] != first


async def test_a_window_that_is_closed_says_what_to_do_instead(context: Context, signed_in: SignedIn) -> None:
    talk_id = await given_out(context)
    later(context, hours=49)
    async with context.uow() as uow:
        await uow.commit()
    client = await signed_in("1027")
    one = (await client.get(f"/api/inbox/{talk_id}")).json()
    assert not one["can_write"]
    assert "回拨" in one["cannot_write"]
    refused = await client.post(f"/api/inbox/{talk_id}/messages", json={"text": "您好"})
    assert (refused.status_code, refused.json()["code"]) == (400, "window_closed")


async def test_numbers_are_masked_everywhere(context: Context, signed_in: SignedIn) -> None:
    await on_duty(context, "1027")
    citizen = by_sms(context)
    await citizen.say("人工")
    await seat_inbox.tick(context)
    client = await signed_in("1027")
    talk_id = (await citizen.talk()).id
    one = await client.get(f"/api/inbox/{talk_id}")
    assert one.json()["number"] == MASKED
    assert MOBILE not in one.text
    assert MOBILE not in (await client.get("/api/inbox")).text


async def test_a_picture_is_uploaded_sent_and_shown_and_that_it_was_opened_is_kept(
    context: Context, signed_in: SignedIn
) -> None:
    talk_id = await given_out(context)
    client = await signed_in("1027")
    file = (
        await client.put(
            f"/api/inbox/{talk_id}/files", content=a_picture(), headers={"Content-Type": "image/jpeg"}
        )
    ).json()
    assert (file["kind"], file["state"]) == ("image", "stored")
    sent = (await client.post(f"/api/inbox/{talk_id}/messages", json={"file_id": file["id"]})).json()
    (shown,) = sent["files"]
    whole = await client.get(shown["url"])
    assert (whole.status_code, whole.headers["content-type"]) == (200, file["mime"])
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in whole.headers["content-security-policy"]
    small = Image.open(io.BytesIO((await client.get(shown["preview"])).content))
    assert max(small.size) <= 480
    async with context.reading() as uow:
        talk = await uow.conversations.get(talk_id)
        looks = [one for one in await uow.notes.views_of_case("", 10) if one.kind == "file"]
    assert [look.contact_id for look in looks] == [talk.contact_id]


async def test_who_reads_the_conversation_of_another_seat_is_kept(
    context: Context, signed_in: SignedIn
) -> None:
    talk_id = await given_out(context)
    client = await signed_in("1027")
    await client.get(f"/api/inbox/{talk_id}")
    client = await signed_in("1028")
    for _ in range(3):
        await client.get(f"/api/inbox/{talk_id}")
    async with context.reading() as uow:
        looks = [one.user_id for one in await uow.notes.views_of_case("", 10) if one.kind == "view"]
    assert looks == ["user-1028"]


async def test_what_is_no_picture_is_not_taken(context: Context, signed_in: SignedIn) -> None:
    talk_id = await given_out(context)
    client = await signed_in("1027")
    for content in (b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0" + bytes(100)):
        refused = await client.put(f"/api/inbox/{talk_id}/files", content=content)
        assert refused.status_code == 422, content
    large = await client.put(f"/api/inbox/{talk_id}/files", content=bytes(11 * 1024 * 1024))
    assert large.status_code == 413


async def test_a_document_of_a_citizen_is_a_download_that_runs_nothing(
    context: Context, signed_in: SignedIn
) -> None:
    await on_duty(context, "1027")
    citizen = Writer(context)
    await citizen.say("人工")
    await citizen.say(kind=Kind.FILE)
    async with context.uow() as uow:
        (message, *_) = await uow.messages.received_in((await citizen.talk()).id, 1)
        digest = await context.media.put(b"<script>alert(1)</script>")
        file = MediaFile(
            "file-1", message.id, 0, Kind.FILE, MediaState.STORED, mime="text/html", name="a.html"
        )
        file.digest = digest
        uow.media.add(file)
        waiting = MediaFile("file-2", message.id, 1, Kind.FILE, MediaState.WAITING)
        uow.media.add(waiting)
        await uow.commit()
    client = await signed_in("1027")
    got = await client.get("/api/inbox/files/file-1")
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment")
    assert (await client.get("/api/inbox/files/file-2")).status_code == 404
    assert (await client.get("/api/inbox/files/file-1/preview")).status_code == 404
    one = (await client.get(f"/api/inbox/{(await citizen.talk()).id}")).json()
    assert [file["url"] for file in one["messages"][-1]["files"]] == ["/api/inbox/files/file-1", ""]


async def test_taking_and_handing_on(context: Context, signed_in: SignedIn) -> None:
    waiting = by_sms(context)
    await waiting.say("人工")
    talk_id = (await waiting.talk()).id
    client = await signed_in("1027")
    assert (await client.post(f"/api/inbox/{talk_id}/take")).status_code == 204
    assert (await row_of(client, talk_id))["tab"] == "reply"
    nobody = await client.post(f"/api/inbox/{talk_id}/transfer", json={"seat": "1028"})
    assert (nobody.status_code, nobody.json()["field"]) == (422, "seat")
    assert (
        await client.post(f"/api/inbox/{talk_id}/transfer", json={"skill": "business"})
    ).status_code == 204
    assert (await row_of(client, talk_id))["skill"] == "business"
    assert (await client.post("/api/inbox/no-such-one/take")).status_code == 404


async def test_colleagues_see_who_else_has_it_open(context: Context, signed_in: SignedIn) -> None:
    talk_id = await given_out(context)
    other = await user(context, "1028")
    client = await signed_in("1027")
    assert (await client.post(f"/api/inbox/{talk_id}/viewing")).status_code == 204
    await conversations.views(context, other, talk_id)
    assert (await client.get(f"/api/inbox/{talk_id}")).json()["viewers"] == [other.name]
    later(context, seconds=20)
    assert (await client.get(f"/api/inbox/{talk_id}")).json()["viewers"] == []


async def test_canned_texts_come_with_their_fields_filled(context: Context, signed_in: SignedIn) -> None:
    talk_id = await given_out(context)
    async with context.uow() as uow:
        text = "{name}您好，{seat}为您服务，{place}的事编号{number}。"
        await uow.sending.keep_canned(CannedText("c1", 1, "已受理", text))
        await uow.commit()
    client = await signed_in("1027")
    (canned,) = (await client.get("/api/inbox/canned", params={"conversation": talk_id})).json()
    number = (await client.get(f"/api/inbox/{talk_id}")).json()["pending"]["number"]
    assert canned["text"] == f"市民朋友您好，1027为您服务，实验小学的事编号{number}。"


async def test_earlier_conversations_of_the_same_citizen_are_there(
    context: Context, signed_in: SignedIn
) -> None:
    await on_duty(context, "1027")
    citizen = Writer(context)
    await citizen.say("人工")
    await seat_inbox.tick(context)
    agent = await user(context, "1027")
    await conversations.reply(context, agent, (await citizen.talk()).id, Reply("灯已修好"))
    client = await signed_in("1027")
    await client.post(f"/api/inbox/{(await citizen.talk()).id}/close", json={"code": "answered"})
    later(context, days=1)
    await citizen.say("人工")
    client = await signed_in("1027")
    one = (await client.get(f"/api/inbox/{(await citizen.talk()).id}")).json()
    assert "灯已修好" in [bubble["text"] for bubble in one["messages"]]


@pytest.mark.parametrize("who", ["3001", "2301"])
async def test_departments_and_follow_up_callers_have_no_part_in_it(
    context: Context, signed_in: SignedIn, who: str
) -> None:
    talk_id = await given_out(context)
    client = await signed_in(who)
    assert (await client.get("/api/inbox")).status_code == 403
    assert (await client.get(f"/api/inbox/{talk_id}")).status_code == 403
    assert (await client.post(f"/api/inbox/{talk_id}/messages", json={"text": "您好"})).status_code == 403
    assert (await client.get("/api/inbox/files/file-1")).status_code == 403
    merge = {"kept_id": "a", "gone_id": "b", "reason": "同一人"}
    assert (await client.post("/api/contacts/merge", json=merge)).status_code == 403


async def test_nobody_without_a_session_gets_anything(context: Context, client: httpx.AsyncClient) -> None:
    talk_id = await given_out(context)
    assert (await client.get("/api/inbox")).status_code == 401
    assert (await client.get(f"/api/inbox/{talk_id}")).status_code == 401
    assert (await client.get("/api/inbox/files/file-1")).status_code == 401


async def test_a_supervisor_reads_and_does_not_write(context: Context, signed_in: SignedIn) -> None:
    talk_id = await given_out(context)
    client = await signed_in("1201")
    one = (await client.get(f"/api/inbox/{talk_id}")).json()
    assert (one["can_write"], one["row"]["unread"]) == (False, 1)
    assert (await client.post(f"/api/inbox/{talk_id}/take")).status_code == 403


async def test_two_contacts_are_merged_over_http(context: Context, signed_in: SignedIn) -> None:
    wechat, phone = await a_pending_report(context), by_sms(context)
    await phone.say("你好")
    kept, gone = (await phone.talk()).contact_id, (await wechat.talk()).contact_id
    client = await signed_in("1027")
    given = {"kept_id": kept, "gone_id": gone, "reason": "电话核实为同一人"}
    assert (await client.post("/api/contacts/merge", json=given)).status_code == 204
    assert (await client.post("/api/contacts/merge", json=given)).status_code == 404
    later(context, seconds=1)
    assert (await wechat.talk()).contact_id == kept


def test_presence_outlives_the_ten_seconds_between_two_signs() -> None:
    assert timedelta(seconds=10) < VIEWING


async def test_a_supervisor_decides_what_may_be_answered(context: Context, signed_in: SignedIn) -> None:
    async with context.uow() as uow:
        await uow.codes.add_all([Knowledge("permit", "居住证办理", "公安局", "到派出所办理", "居住证")])
        await uow.commit()
    client = await signed_in("1201")
    assert [one["approved"] for one in (await client.get("/api/inbox/answers")).json()] == [False]
    assert (await client.put("/api/inbox/answers/permit", json={"approved": True})).status_code == 204
    assert [one["approved"] for one in (await client.get("/api/inbox/answers")).json()] == [True]
    assert (await client.put("/api/inbox/answers/none", json={"approved": True})).status_code == 404
    seat = await signed_in("1027")
    assert (await seat.put("/api/inbox/answers/permit", json={"approved": True})).status_code == 403
