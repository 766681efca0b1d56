"""What arrives is on disk before a channel may acknowledge it, once, with its files."""

import asyncio
from datetime import timedelta

import pytest

from callcenter.domain.messages import DeliveryState, Inbound, Kind, Media, Purpose, Receipt
from callcenter.domain.records import Delivery, MediaState, OutboxMessage
from callcenter.usecases.context import Context
from callcenter.usecases.mailbox import LONGEST_TEXT, MOST_FILES, Mailbox
from tests.builders import MOBILE


def inbound(key: str, text: str = "你好", **more: object) -> Inbound:
    return Inbound("wechat", "wx", key, "openid-1", text, **more)


async def received(context: Context):
    async with context.reading() as uow:
        return list(await uow.messages.received_from("openid-1", 200))


async def test_a_repeat_is_known_as_one_also_when_both_come_at_the_same_moment(context: Context):
    box = Mailbox(context)
    fresh = await asyncio.gather(*(box.accept(inbound("e1")) for _ in range(5)))
    assert sorted(fresh) == [False, False, False, False, True]
    assert await box.accept(inbound("e1")) is False
    assert len(await received(context)) == 1


async def test_the_same_key_on_another_account_is_another_message(context: Context):
    box = Mailbox(context)
    assert await box.accept(Inbound("email", "a", "id@x", MOBILE, "1"))
    assert await box.accept(Inbound("email", "b", "id@x", MOBILE, "1"))


async def test_a_hundred_at_once_are_all_kept(context: Context):
    box = Mailbox(context)
    await asyncio.gather(*(box.accept(inbound(f"e{number}")) for number in range(100)))
    assert len(await received(context)) == 100


async def test_what_no_database_can_hold_is_left_out_and_the_rest_is_kept(context: Context):
    await Mailbox(context).accept(inbound("e1", "路\0灯\ud83d坏了" + "了" * LONGEST_TEXT))
    (message,) = await received(context)
    assert message.text.startswith("路灯坏了")
    assert len(message.text) == LONGEST_TEXT


async def test_files_that_came_along_are_stored_and_others_wait_to_be_fetched(context: Context):
    media = (
        Media(Kind.IMAGE, content=b"jpeg", mime="image/jpeg", name="a.jpg"),
        Media(Kind.VOICE, ref="media-7", expires_at=context.now() + timedelta(days=3)),
    )
    await Mailbox(context).accept(inbound("e1", media=media))
    (message,) = await received(context)
    async with context.reading() as uow:
        first, second = (await uow.media.of([message.id]))[message.id]
    assert await context.media.read(first.digest) == b"jpeg"
    assert (second.ref, second.digest, second.account) == ("media-7", "", "wx")
    assert {first.state, second.state} == {MediaState.WAITING}  # not looked at yet


async def test_no_message_brings_files_without_end(context: Context):
    many = tuple(Media(Kind.FILE, ref=str(number)) for number in range(500))
    await Mailbox(context).accept(inbound("e1", media=many))
    (message,) = await received(context)
    async with context.reading() as uow:
        assert len((await uow.media.of([message.id]))[message.id]) == MOST_FILES


async def test_a_store_that_is_away_keeps_the_message_unacknowledged(
    context: Context, monkeypatch: pytest.MonkeyPatch
):
    async def away(content: bytes) -> str:
        raise OSError("disk full")

    monkeypatch.setattr(context.media, "put", away)
    with pytest.raises(OSError, match="disk full"):
        await Mailbox(context).accept(inbound("e1", media=(Media(Kind.IMAGE, content=b"x"),)))
    assert await received(context) == []


async def test_receipts_of_a_conversation_are_shown_to_its_seat(context: Context):
    now = context.now()
    async with context.uow() as uow:
        row = OutboxMessage("m1", "wechat", "openid-1", "您好", Purpose.REPLY, "", now, None)
        row.state, row.via, row.conversation_id = DeliveryState.ACCEPTED, "wx", "c1"
        uow.messages.send(row)
        await uow.codes.add_all([Delivery("wx", "77", "m1")])
        await uow.commit()
    await Mailbox(context).receipt(Receipt("wx", "77", DeliveryState.DELIVERED))
    async with context.reading() as uow:
        assert (await uow.messages.sent("m1")).state is DeliveryState.DELIVERED
    assert ("office", "inbox.changed", {"id": "c1"}) in context.live.told
