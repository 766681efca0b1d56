"""The page of channels: who may see and change what, and that no number is shown."""

import httpx
import pytest

from callcenter.domain.contacts import PHONE, Address, Contact
from callcenter.domain.messages import DeliveryState, Purpose
from callcenter.domain.records import OutboxMessage
from callcenter.usecases.context import Context
from messaging.service import AccountHealth
from tests.agent_console.conftest import SignedIn
from tests.builders import MOBILE


@pytest.fixture
def client(client: httpx.AsyncClient) -> httpx.AsyncClient:
    app = client._transport.app  # type: ignore[attr-defined]
    app.state.accounts = lambda: [AccountHealth("mobile", "sms", "gateway away", None)]
    return client


async def a_lost_text(context: Context) -> None:
    now = context.now()
    async with context.uow() as uow:
        contact = await uow.contacts.ensure(Address(PHONE, "", MOBILE), Contact("c1", MOBILE, now))
        row = OutboxMessage("m1", "sms", MOBILE, "您好", Purpose.SERVICE, "accepted", now, None)
        row.state, row.last_code, row.contact_id, row.via = (
            DeliveryState.FAILED,
            "bad_address",
            contact.id,
            "mobile",
        )
        uow.messages.send(row)
        await uow.commit()


async def test_supervisors_see_accounts_and_seats_do_not(signed_in: SignedIn):
    answer = await (await signed_in("1201")).get("/api/messages/accounts")
    assert answer.json() == [
        {"name": "mobile", "medium": "sms", "trouble": "gateway away", "paused_until": None, "backlog": 0}
    ]
    assert (await (await signed_in("1027")).get("/api/messages/accounts")).status_code == 403


async def test_what_did_not_arrive_is_shown_without_the_number_and_can_be_sent_again(
    context: Context, signed_in: SignedIn
):
    await a_lost_text(context)
    console = await signed_in("1027")
    (row,) = (await console.get("/api/messages/undelivered")).json()
    assert (row["to"], row["why"], row["ways"]) == ("138****5526", "号码或地址不对", ["sms"])
    assert MOBILE not in str(row)
    assert (await console.post("/api/messages/m1/resend", json={"channel": "sms"})).status_code == 204
    async with context.reading() as uow:
        again = next(one for one in await uow.messages.sent_to(MOBILE, 5) if one.id != "m1")
    assert again.instead_of == "m1"


async def test_departments_see_none_of_it(signed_in: SignedIn):
    console = await signed_in("3001")
    for path in ("accounts", "undelivered", "opt-outs", "filings", "moderated", "canned"):
        assert (await console.get(f"/api/messages/{path}")).status_code == 403, path


async def test_an_opt_out_comes_and_goes_without_its_number_in_an_address(signed_in: SignedIn):
    console = await signed_in("1201")
    await console.post("/api/messages/opt-outs", json={"medium": "sms", "user": "+86 138 0000 5526"})
    (row,) = (await console.get("/api/messages/opt-outs")).json()
    assert (row["user"], row["source"]) == ("138****5526", "seat")
    assert MOBILE not in row["key"]
    assert (await console.delete(f"/api/messages/opt-outs/{row['key']}")).status_code == 204
    assert (await console.get("/api/messages/opt-outs")).json() == []


async def test_a_filing_is_kept_for_its_account(signed_in: SignedIn):
    console = await signed_in("1201")
    (row,) = (await console.get("/api/messages/filings")).json()
    assert (row["account"], row["template"], row["state"]) == ("mobile", "accepted", "")
    wanted = {"account": "mobile", "template": "accepted", "state": "approved", "code": "SMS_1"}
    assert (await console.put("/api/messages/filings", json=wanted)).status_code == 204
    (row,) = (await console.get("/api/messages/filings")).json()
    assert (row["state"], row["code"]) == ("approved", "SMS_1")
    wrong = {**wanted, "template": "nothing"}
    assert (await console.put("/api/messages/filings", json=wrong)).status_code == 404


async def test_held_back_words_and_canned_texts_are_kept_by_supervisors(signed_in: SignedIn):
    console = await signed_in("1201")
    assert (await console.put("/api/messages/moderated", json={"word": " 中奖 "})).status_code == 204
    assert [row["word"] for row in (await console.get("/api/messages/moderated")).json()] == ["中奖"]
    await console.delete("/api/messages/moderated/中奖")
    assert (await console.get("/api/messages/moderated")).json() == []
    await console.put("/api/messages/moderated", json={"word": "http://"})
    await console.delete("/api/messages/moderated/http%3A%2F%2F")
    assert (await console.get("/api/messages/moderated")).json() == []
    text = {"title": "已受理", "text": "您好{name}，已为您登记。"}
    await console.put("/api/messages/canned", json=text)
    (row,) = (await console.get("/api/messages/canned")).json()
    await console.delete(f"/api/messages/canned/{row['id']}")
    assert (await console.get("/api/messages/canned")).json() == []
