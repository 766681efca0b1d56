"""Duplicates as the form sees them, and the text that the seat reads out after a join."""

from callcenter.usecases.context import Context
from tests.agent_console.test_interface import FORM, a_case

SEEN = {"text": "文昌路路面塌了个大坑", "category": FORM["category"], "lat": 28.5, "lon": 118.5}


async def offered(seat, **given):
    answer = await seat.post("/api/suggestions", json={**SEEN, **given})
    assert answer.status_code == 200, answer.text
    return answer.json()["duplicates"]


async def joined(seat, number, **given):
    form = {**FORM, "decision": "join", "join_case": number, "client_key": "form-joined", **given}
    answer = await seat.post("/api/reports", json=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_duplicate_says_what_is_the_same(context: Context, signed_in) -> None:
    seat = await signed_in("1027")
    number = await a_case(context, seat)
    (found,) = await offered(seat)
    assert found["case_number"] == number
    assert found["same_category"]
    assert found["same"]
    assert found["distance_m"] < 50


async def test_of_a_confidential_case_neither_title_nor_place_nor_words_are_told(
    context: Context, signed_in
) -> None:
    seat = await signed_in("1027")
    await a_case(context, seat, confidential=True)
    (found,) = await offered(seat)
    assert (found["title"], found["place"], found["same"]) == ("保密件", "", [])


async def test_after_a_join_the_seat_reads_this_citizens_text_not_the_first_ones(
    context: Context, signed_in
) -> None:
    seat = await signed_in("1027")
    number = await a_case(context, seat)
    context.clock.pass_by(minutes=5)
    anonymous = await joined(seat, number, call_id="", phone="")
    assert anonymous["message_preview"] == ""
    left = await joined(seat, number, call_id="", phone="13900006637", client_key="form-with-phone")
    assert left["message_preview"].startswith("joined")
