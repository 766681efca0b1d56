"""Whose a message is, what may be answered, which conversation and case it belongs to."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from callcenter.domain.contacts import Address
from callcenter.domain.conversations import ConversationState
from callcenter.domain.extensions import extension
from callcenter.domain.messages import Kind
from callcenter.domain.records import Delivery, InboxMessage
from callcenter.domain.reports import Decision
from callcenter.domain.sending import ModeratedWord
from callcenter.usecases import conversations, dialogue, understanding
from callcenter.usecases.context import Context
from tests.builders import MOBILE
from tests.callcenter.usecases.story import a_closed_case, case_now, step, user
from tests.callcenter.usecases.talking import (
    OPENID,
    Writer,
    a_case_of,
    a_pending_report,
    by_sms,
    later,
    newest_report,
)

# ------------------------------------------------------------------------------------ what may be sent


async def test_who_wants_nothing_more_says_so_and_may_change_their_mind(context: Context) -> None:
    citizen = by_sms(context)
    assert "已退订" in (await citizen.say("TD"))[0]
    async with context.reading() as uow:
        assert await uow.sending.opted_out("sms", MOBILE)
    assert "恢复" in (await citizen.say("恢复"))[0]
    async with context.reading() as uow:
        assert not await uow.sending.opted_out("sms", MOBILE)


@pytest.mark.parametrize("event", ["auto_reply", "flood"])
async def test_machines_are_not_answered(context: Context, event: str) -> None:
    citizen = Writer(context, "email", "someone@example.cn")
    assert await citizen.say("我正在休假", kind=Kind.EVENT, event=event) == []
    with pytest.raises(AssertionError):
        await citizen.talk()


async def test_service_numbers_are_not_answered(context: Context) -> None:
    for number in ("10086", "106912345", "bank"):
        assert await Writer(context, "sms", number).say("您的话费余额不足") == []


async def test_a_word_that_carriers_block_holds_back_the_answer_and_not_the_message(context: Context) -> None:
    async with context.uow() as uow:
        await uow.sending.moderate(ModeratedWord("查询码", context.now()))
        await uow.commit()
    citizen = Writer(context)
    assert await citizen.say("实验小学门口路面塌了个大坑") == []
    assert (await newest_report(context, citizen)).decision is Decision.PENDING


async def test_whom_the_machine_cannot_answer_a_person_does(context: Context) -> None:
    async with context.uow() as uow:
        await uow.sending.moderate(ModeratedWord("什么", context.now()))
        await uow.commit()
    citizen = Writer(context)
    assert await citizen.say("路上有个坑") == []
    talk = await citizen.talk()
    assert (talk.state, talk.unread, talk.waiting_since) == (ConversationState.WAITING, 1, talk.last_at)


async def test_a_blocked_citizen_is_not_answered_unless_in_danger(context: Context) -> None:
    citizen = by_sms(context)
    await citizen.say("你好")
    async with context.uow() as uow:
        contact = await uow.contacts.by_number(MOBILE)
        contact.blocked_until = context.now() + timedelta(days=1)
        await uow.commit()
    assert await citizen.say("路上有个坑") == []
    assert "119" in (await citizen.say("楼道里全是煤气味"))[0]


async def test_no_answer_goes_out_for_ever(context: Context) -> None:
    citizen = Writer(context)
    answers = [len(await citizen.say("查")) for _ in range(8)]
    assert answers == [1, 1, 0, 0, 0, 0, 0, 0]


# ---------------------------------------------------------------------------- windows, threads, order


async def test_a_message_opens_the_window_of_the_platform_and_a_key_only_a_short_one(
    context: Context,
) -> None:
    citizen = Writer(context)
    await citizen.say(kind=Kind.EVENT, event="menu:progress")
    address = Address("wechat", "wechat", OPENID)
    async with context.uow() as uow:
        pressed = await uow.contacts.identity(address)
        assert pressed.window_until - pressed.last_in_at == timedelta(minutes=1)
    await citizen.say("你好", sender_name="周先生")
    await citizen.say(kind=Kind.EVENT, event="menu:progress")
    async with context.uow() as uow:
        wrote = await uow.contacts.identity(address)
        assert wrote.window_until - context.now() > timedelta(hours=47)
        assert (wrote.quota_left, wrote.name) == (3, "周先生")


async def test_who_unfollows_cannot_be_written_to(context: Context) -> None:
    citizen = Writer(context)
    await citizen.say("你好")
    await citizen.say(kind=Kind.EVENT, event="unfollow")
    async with context.uow() as uow:
        identity = await uow.contacts.identity(Address("wechat", "wechat", OPENID))
    assert (identity.quota_left, identity.window_until <= context.now()) == (0, True)
    assert (await citizen.talk()).state is ConversationState.CLOSED


async def test_who_unfollows_buries_neither_a_report_nor_a_danger_nor_a_wait(context: Context) -> None:
    for user_id, words in (
        ("o-report", "实验小学门口路面塌了个大坑"),
        ("o-person", "人工"),
        ("o-danger", "楼道里全是煤气味"),
    ):
        citizen = Writer(context, user=user_id)
        await citizen.say(words)
        await citizen.say(kind=Kind.EVENT, event="unfollow")
        assert (await citizen.talk()).state is ConversationState.WAITING


async def test_who_unblocks_us_is_answered_again_where_the_platform_has_no_window(context: Context) -> None:
    citizen = Writer(context, "telegram", "4711")
    await citizen.say("你好")
    await citizen.say(kind=Kind.EVENT, event="unfollow")
    assert len(await citizen.say("路上有个坑")) == 1


async def test_an_answer_by_mail_belongs_to_the_case_of_its_thread(context: Context) -> None:
    citizen = Writer(context, "email", "someone@example.cn")
    await citizen.say("实验小学门口路面塌了个大坑", subject="路面塌陷", ref="<1@example.cn>")
    number = await a_case_of(context, citizen)
    async with context.uow() as uow:
        case = await uow.cases.by_number(number)
        ours = (await uow.messages.sent_for_case(case.id))[-1]
        uow.messages._session.add(Delivery("email", "<ours@12345>", outbox_id=ours.id))
        await uow.commit()
    async with context.uow() as uow:
        talk = await uow.conversations.get((await citizen.talk()).id, lock=True)
        talk.open_key, talk.state = "", ConversationState.CLOSED
        await uow.commit()
    await citizen.say("又塌了一块", answers=("<ours@12345>",), subject="Re: 路面塌陷")
    talk = await citizen.talk()
    assert talk.case_id == case.id


async def test_a_command_by_mail_means_the_same_under_any_subject(context: Context) -> None:
    citizen = Writer(context, "email", "someone@example.cn")
    (first,) = await citizen.say("实验小学门口路面塌了个大坑", subject="路面塌陷")
    report = await newest_report(context, citizen)
    assert report.content == "路面塌陷\n实验小学门口路面塌了个大坑"
    assert report.number in first
    assert "等待登记" in (await citizen.say("查", subject="我的事怎么样了"))[0]
    await citizen.say("坑里有水", subject="Re: 路面塌陷")
    assert (await newest_report(context, citizen)).content.endswith("补充：坑里有水")


async def test_what_a_platform_tells_of_itself_opens_no_conversation(context: Context) -> None:
    citizen = Writer(context)
    assert await citizen.say(kind=Kind.EVENT, event="view:https://example.cn") == []
    with pytest.raises(AssertionError):
        await citizen.talk()


async def test_the_digits_behind_our_number_say_which_case_is_urged(context: Context) -> None:
    context.city = replace(context.city, extension_digits={"sms": 4})
    citizen = by_sms(context)
    await citizen.say("实验小学门口路面塌了个大坑")
    number = await a_case_of(context, citizen)
    async with context.reading() as uow:
        case = await uow.cases.by_number(number)
        told = (await uow.messages.sent_for_case(case.id))[0]
    assert number in (await citizen.say("催", to=f"106912345{extension(told.id, 4)}"))[0]


async def test_messages_that_arrived_together_are_understood_in_their_order_in_one_conversation(
    context: Context,
) -> None:
    citizen = Writer(context)
    for text in ("路上有个坑", "实验小学北门", "没有", "不方便", "是"):
        await citizen.write(text)
    assert await understanding.tick(context) == 5
    answers = await citizen.answers()
    assert "已登记" in answers[-1]
    async with context.reading() as uow:
        kept = await uow.messages.received_in((await citizen.talk()).id, 10)
    assert len(kept) == 5
    assert all(message.processed_at for message in kept)


async def test_a_closed_conversation_is_followed_by_another_one_of_the_same_citizen(context: Context) -> None:
    citizen = Writer(context)
    await citizen.say("你好")
    first = await citizen.talk()
    async with context.uow() as uow:
        talk = await uow.conversations.get(first.id, lock=True)
        talk.open_key, talk.state = "", ConversationState.CLOSED
        await uow.commit()
    later(context, minutes=1)
    await citizen.say("路上有个坑")
    second = await citizen.talk()
    assert second.id != first.id
    assert second.contact_id == first.contact_id


async def test_an_album_understood_by_several_nodes_at_once_is_one_conversation_and_one_answer(
    context: Context,
) -> None:
    citizen = Writer(context)
    for _ in range(4):
        await citizen.write(kind=Kind.IMAGE)
    await asyncio.gather(*(understanding.tick(context) for _ in range(3)))
    answers = await citizen.answers()
    assert [answer for answer in answers if "发生了什么" in answer] == answers[:1]
    talk = await citizen.talk()
    async with context.reading() as uow:
        kept = await uow.messages.received_in(talk.id, 10)
    assert len(kept) == 4
    assert dialogue.draft_of(talk).photos == 4


async def a_case_to_rate(context: Context, citizen: Writer) -> str:
    number = await a_case_of(context, citizen)
    await step(context, "2001", number, "register_case", opinion="同意")
    await step(context, "2101", number, "dispatch", department_id="shizheng")
    await step(context, "3001", number, "assign", handler="孙科")
    await step(context, "3001", number, "feedback", result="已回填")
    await step(context, "3001", number, "unit_confirm")
    await step(context, "2101", number, "forward_check")
    await step(context, "2001", number, "close", opinion="属实")
    await citizen.answers()
    return number


async def test_a_rating_goes_the_way_it_came(context: Context) -> None:
    citizen = await a_pending_report(context)
    number = await a_case_to_rate(context, citizen)
    assert "survey_thanks" in (await citizen.say("2"))[0]
    assert (await case_now(context, number)).score == 2
    async with context.reading() as uow:
        thanks = (await uow.messages.sent_to(OPENID, 1))[0]
    assert thanks.params == {"case_number": number}  # rendered again where another way is taken


async def test_a_rating_is_kept_though_the_thanks_for_it_cannot_go_out(context: Context) -> None:
    citizen = await a_pending_report(context)
    number = await a_case_to_rate(context, citizen)
    async with context.uow() as uow:
        await uow.sending.moderate(ModeratedWord("survey", context.now()))
        await uow.commit()
    assert await citizen.say("2") == []
    assert (await case_now(context, number)).score == 2


async def test_who_wants_nothing_more_is_obeyed_while_talking_with_a_seat(context: Context) -> None:
    citizen = by_sms(context)
    await citizen.say("人工")
    await conversations.take(context, await user(context, "1027"), (await citizen.talk()).id)
    assert "已退订" in (await citizen.say("TD"))[0]
    async with context.reading() as uow:
        assert await uow.sending.opted_out("sms", MOBILE)


async def test_keys_of_the_menu_work_while_a_seat_has_the_conversation(context: Context) -> None:
    citizen = await a_pending_report(context)
    talk_id = (await citizen.talk()).id
    await conversations.take(context, await user(context, "1027"), talk_id)
    unread = (await citizen.talk()).unread
    number = (await newest_report(context, citizen)).number
    assert number in (await citizen.say(kind=Kind.EVENT, event="menu:progress"))[0]
    assert (await citizen.talk()).unread == unread
    assert await citizen.say(kind=Kind.EVENT, event="menu:person") == []
    talk = await citizen.talk()
    assert (talk.unread, talk.waiting_since is not None) == (unread + 1, True)
    assert talk.state is ConversationState.ASSIGNED


async def test_who_answers_and_who_writes_at_the_same_time_wait_for_each_other_in_one_order(
    context: Context,
) -> None:
    citizen = Writer(context)
    await citizen.say("人工")
    talk_id = (await citizen.talk()).id
    await citizen.write("在吗")
    async with context.uow() as seat:
        await seat.conversations.get(talk_id, lock=True)
        understood = asyncio.create_task(understanding.tick(context))
        await asyncio.wait({understood}, timeout=0.5)  # it waits for the conversation, and holds nothing
        await asyncio.wait_for(seat.contacts.identity(citizen.address), timeout=5)
        await seat.commit()
    await understood
    async with context.reading() as uow:
        assert {one.attempts for one in await uow.messages.received_in(talk_id, 10)} == {0}


async def test_what_cannot_be_understood_holds_up_what_the_same_citizen_wrote_after_it(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    citizen = Writer(context)
    await citizen.write("路上有个坑")
    await citizen.write("实验小学门口")
    seen: list[str] = []

    async def failing(_context: Context, message: InboxMessage) -> None:
        seen.append(message.text)
        raise OSError

    monkeypatch.setattr(understanding, "_take_up", failing)
    await understanding.tick(context)
    assert seen == ["路上有个坑"]


async def test_danger_told_to_a_seat_alarms_it_once(context: Context) -> None:
    citizen = by_sms(context)
    await citizen.say("人工")
    await conversations.take(context, await user(context, "1027"), (await citizen.talk()).id)
    assert await citizen.say("楼道里全是煤气味") == []
    await citizen.say("煤气味更大了")
    assert context.live.kinds("seat:1027").count("inbox.alarm") == 1
    assert dialogue.in_danger(await citizen.talk())


ODD = [
    "😀" * 40,
    "【银行】点击{number}%s",
    "A" * 30_000,
    "1" * 30,
    "'; drop table",
    "٢٠٢٦",
    "\n\n",
    "<script>",
    "\ud83d",
]


@pytest.mark.parametrize("medium", ["sms", "wechat", "email", "telegram"])
async def test_odd_messages_are_understood_at_the_first_attempt(context: Context, medium: str) -> None:
    citizen = Writer(context, medium, MOBILE if medium == "sms" else "someone")
    shown = {"label": "长" * 300, "subject": "题" * 400, "sender_name": "名" * 100}
    for text in [*ODD, "路上有个坑", *ODD, "人工", *ODD]:
        await citizen.write(text, **shown)
    for kind in (Kind.LOCATION, Kind.VIDEO, Kind.FILE, Kind.LINK, Kind.VOICE):
        await citizen.write(kind=kind, lat=28.5, lon=118.5, **shown)
    while await understanding.tick(context):
        pass
    talk = await citizen.talk()
    async with context.reading() as uow:
        kept = await uow.messages.received_in(talk.id, 100)
    assert len(kept) == 3 * len(ODD) + 7
    assert {message.attempts for message in kept} == {0}
    assert len(await citizen.answers()) <= 30


async def test_a_yes_to_a_seat_is_no_answer_to_the_survey(context: Context) -> None:
    number = await a_closed_case(context)
    citizen = by_sms(context)
    await citizen.say("人工")
    await conversations.take(context, await user(context, "1027"), (await citizen.talk()).id)
    await citizen.say("是")
    assert (await case_now(context, number)).solved is None
    assert (await citizen.talk()).unread == 2
