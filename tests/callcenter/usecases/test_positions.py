"""Pin by text: who gets the link, what arrives where, and when it is over."""

import io

import pytest
from PIL import Image

from callcenter.domain.calls import Call
from callcenter.domain.conversations import Conversation, ConversationState, open_key
from callcenter.domain.errors import InvalidInputError, NotFoundError
from callcenter.domain.messages import Purpose
from callcenter.domain.telephony import CallEnded, CallOutcome, CallRecord
from callcenter.usecases import case_photos, positions
from callcenter.usecases.books import CallBooks
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor
from callcenter.usecases.positions import AlreadySentError, LinkOverError, Wanted
from tests.builders import FRIDAY_10, MOBILE
from tests.callcenter.usecases.story import (
    CALL,
    a_call_in_talk,
    a_filed_case,
    a_ready_seat,
    case_now,
    user,
)


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "red").save(out, "JPEG")
    return out.getvalue()


async def talking(context: Context) -> HotlineDesk:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await a_call_in_talk(context, desk)
    return desk


async def send(context: Context, **given: object) -> str:
    """Send the link for the call; its token."""
    wanted = Wanted(**{"call_id": CALL, **given})
    await positions.begin(context, await user(context, "1027"), wanted)
    async with context.reading() as uow:
        number = str(given.get("number") or MOBILE)
        newest = (await uow.messages.sent_to(number, 1))[0]
    assert newest.purpose is Purpose.REPLY
    return newest.text.split("/p/")[1].split()[0]


async def test_the_position_arrives_at_the_seat_that_asked(context: Context) -> None:
    await talking(context)
    token = await send(context)
    await positions.opened(context, token)
    await positions.place(context, token, 28.5, 118.5, 12.0)
    told = [(kind, data) for to, kind, data in context.live.told if to == "seat:1027" and "position" in kind]
    assert [kind for kind, _ in told] == ["position.opened", "position.arrived"]
    arrived = told[1][1]
    assert (arrived["lat"], arrived["lon"], arrived["accuracy"], arrived["call_id"]) == (
        28.5,
        118.5,
        12.0,
        CALL,
    )
    assert token not in repr(context.live.told)


async def test_a_link_is_for_a_call_or_for_a_conversation_and_for_nothing_else(context: Context) -> None:
    await talking(context)
    for given in ({"call_id": ""}, {"conversation_id": "talk-1"}):
        with pytest.raises(InvalidInputError):
            await send(context, **given)


async def test_another_seat_is_not_even_told_that_there_is_a_link(context: Context) -> None:
    await talking(context)
    await send(context)
    with pytest.raises(NotFoundError):
        await positions.begin(context, await user(context, "1028"), Wanted(CALL))


async def test_whoever_names_no_call_and_no_conversation_sees_no_pins(context: Context) -> None:
    await talking(context)
    await send(context)
    mine = await user(context, "1027")
    assert len(await positions.pins(context, mine, Wanted(CALL))) == 1
    assert await positions.pins(context, mine, Wanted()) == []


async def test_opening_it_twice_tells_the_seat_once(context: Context) -> None:
    await talking(context)
    token = await send(context)
    await positions.opened(context, token)
    await positions.opened(context, token)
    assert context.live.kinds("seat:1027").count("position.opened") == 1


async def test_the_link_dies_with_the_call(context: Context) -> None:
    desk = await talking(context)
    token = await send(context)
    await desk.told(CallEnded(CALL, context.now()))
    assert "position.over" in context.live.kinds("seat:1027")
    for use in (positions.opened(context, token), positions.place(context, token, 28.5, 118.5, 5.0)):
        with pytest.raises(LinkOverError):
            await use


async def test_the_link_is_dead_too_when_only_the_books_know_that_the_call_is_over(context: Context) -> None:
    await talking(context)
    token = await send(context)
    over = CallRecord(
        call_id=CALL,
        number=MOBILE,
        dialled="12345",
        direction="in",
        started_at=FRIDAY_10,
        answered_at=FRIDAY_10,
        ended_at=FRIDAY_10,
        outcome=CallOutcome.SERVED,
        queue="general",
        seat="1027",
        recording="",
        message="",
    )
    await CallBooks(context).finished_call(over)
    with pytest.raises(LinkOverError):
        await positions.opened(context, token)


async def test_half_an_hour_is_the_longest(context: Context) -> None:
    await talking(context)
    token = await send(context)
    context.clock.pass_by(minutes=29)
    await positions.opened(context, token)
    context.clock.pass_by(minutes=1)
    with pytest.raises(LinkOverError):
        await positions.opened(context, token)


async def test_a_second_link_wants_a_second_word(context: Context) -> None:
    await talking(context)
    await send(context)
    with pytest.raises(AlreadySentError):
        await send(context)
    await send(context, again=True)
    async with context.reading() as uow:
        assert len(await uow.positions.of_call(CALL)) == 2


async def test_a_call_of_somebody_else_or_one_that_is_over_gets_none(context: Context) -> None:
    await talking(context)
    with pytest.raises(NotFoundError):
        await positions.begin(context, await user(context, "1028"), Wanted(call_id=CALL))
    with pytest.raises(NotFoundError):
        await positions.begin(context, await user(context, "1027"), Wanted(call_id="nothing"))


async def test_a_land_line_gets_it_on_the_mobile_that_the_caller_names(context: Context) -> None:
    async with context.uow() as uow:
        await uow.calls.ensure(Call("call-2", FRIDAY_10, "057186668888"))
        (await uow.calls.get("call-2")).seat = "1027"
        await uow.commit()
    with pytest.raises(InvalidInputError):
        await send(context, call_id="call-2")
    await send(context, call_id="call-2", number="13912345678")


async def test_in_a_conversation_it_goes_the_way_the_citizen_came(context: Context) -> None:
    async with context.uow() as uow:
        talk = Conversation("talk-1", "contact-1", "wechat", "city", "openid-1", FRIDAY_10, FRIDAY_10)
        kept = await uow.conversations.ensure_open(talk)
        kept.state, kept.seat = ConversationState.ASSIGNED, "1027"
        await uow.commit()
    seat = await user(context, "1027")
    await positions.begin(context, seat, Wanted(conversation_id="talk-1"))
    async with context.reading() as uow:
        (sent,) = await uow.messages.sent_in("talk-1", 5)
    assert (sent.channel, sent.account, sent.to) == ("wechat", "city", "openid-1")
    token = sent.text.split("/p/")[1].split()[0]
    await positions.opened(context, token)
    async with context.uow() as uow:
        kept = await uow.conversations.get("talk-1", lock=True)
        kept.state, kept.open_key = ConversationState.CLOSED, ""
        await uow.commit()
    assert open_key("wechat", "city", "openid-1")
    with pytest.raises(LinkOverError):
        await positions.opened(context, token)


async def test_photos_of_a_call_are_on_the_page_of_its_case(context: Context) -> None:
    await talking(context)
    token = await send(context)
    file = await positions.take_photo(context, token, a_photo())
    number = await a_filed_case(context)
    seat, department = await user(context, "1027"), await user(context, "3001")
    assert [one.id for one in await case_photos.photos(context, seat, number)] == [file.id]
    small = await case_photos.photo(context, seat, number, file.id, small=True)
    assert max(small.width, small.height) <= case_photos.PREVIEW_SIDE
    with pytest.raises(NotFoundError):
        await case_photos.photos(context, department, number)
    with pytest.raises(NotFoundError):
        await case_photos.photo(context, seat, number, "another", small=True)


async def test_opening_a_photo_in_full_is_written_down(context: Context) -> None:
    await talking(context)
    file = await positions.take_photo(context, await send(context), a_photo())
    number = await a_filed_case(context)
    seat = await user(context, "1027")
    await case_photos.photo(context, seat, number, file.id, small=False)
    case = await case_now(context, number)
    async with context.reading() as uow:
        looks = await uow.notes.views_of_case(case.id, 10)
    assert "file" in {look.kind for look in looks}


async def test_a_link_takes_a_dozen_photos_and_no_more(context: Context) -> None:
    await talking(context)
    token = await send(context)
    for _ in range(positions.MAX_PHOTOS):
        await positions.take_photo(context, token, a_photo())
    with pytest.raises(InvalidInputError):
        await positions.take_photo(context, token, a_photo())
    with pytest.raises(InvalidInputError):
        await positions.take_photo(context, token, b"no picture")
