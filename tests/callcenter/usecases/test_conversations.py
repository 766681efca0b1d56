"""Conversations with seats: given out, taken, answered, handed on, closed, alarmed about."""

from datetime import timedelta

import pytest

from callcenter.domain.conversations import CAPACITY, CloseCode, ConversationState
from callcenter.domain.errors import ConflictError, InvalidInputError, NotAllowedError
from callcenter.domain.messages import Kind, Purpose
from callcenter.domain.reports import Decision
from callcenter.domain.sending import ModeratedWord
from callcenter.domain.staff import AgentState
from callcenter.usecases import contacts, conversations, matters, presence, seat_inbox
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.context import Context
from callcenter.usecases.conversations import Reply
from callcenter.usecases.floor import Floor
from callcenter.usecases.sending import HeldBackError, WindowClosedError
from tests.builders import FRIDAY_10, MOBILE
from tests.callcenter.usecases.story import a_ready_seat, case_now, user
from tests.callcenter.usecases.talking import Writer, a_pending_report, by_sms, later

RED_DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


async def on_duty(context: Context, *numbers: str) -> None:
    desk = HotlineDesk(context, Floor())
    for no in numbers:
        await a_ready_seat(context, desk, no)


async def moved(context: Context, no: str, state: AgentState) -> None:
    async with context.uow() as uow:
        seat = await uow.seats.get(no, lock=True)
        seat.state = state
        await uow.commit()


async def with_a_seat(context: Context, no: str = "1027") -> Writer:
    """A citizen who asked for a person and has one."""
    await on_duty(context, no)
    citizen = Writer(context)
    await citizen.say("人工")
    await seat_inbox.tick(context)
    assert (await citizen.talk()).seat == no
    return citizen


# ------------------------------------------------------------------------------------------- given out


async def test_what_waits_is_given_to_a_seat_with_the_skill(context: Context) -> None:
    await on_duty(context, "1027")
    citizen = Writer(context)
    await citizen.say("人工")
    await seat_inbox.tick(context)
    talk = await citizen.talk()
    assert (talk.state, talk.seat) == (ConversationState.ASSIGNED, "1027")
    assert ("office", "inbox.changed", {"id": talk.id}) in context.live.told


@pytest.mark.parametrize("state", [AgentState.OFF, AgentState.BREAK, AgentState.RINGING])
async def test_nobody_gets_one_while_off_in_a_break_or_ringing(context: Context, state: AgentState) -> None:
    await on_duty(context, "1027")
    await moved(context, "1027", state)
    citizen = Writer(context)
    await citizen.say("人工")
    await seat_inbox.tick(context)
    assert (await citizen.talk()).state is ConversationState.WAITING


async def test_the_load_is_even_and_ends_at_the_capacity(context: Context) -> None:
    await on_duty(context, "1027", "1028")
    for number in range(2 * CAPACITY + 2):
        await Writer(context, user=f"o-{number}").say("人工")
    await seat_inbox.tick(context)
    async with context.reading() as uow:
        assert await uow.conversations.load() == {"1027": CAPACITY, "1028": CAPACITY}
        assert len(await uow.conversations.waiting()) == 2


async def test_who_is_in_danger_is_before_all_who_waited_longer(context: Context) -> None:
    for number in range(CAPACITY):
        await Writer(context, user=f"o-{number}").say("人工")
    in_danger = Writer(context, user="o-danger")
    await in_danger.say("楼道里全是煤气味")
    await on_duty(context, "1027")
    await seat_inbox.tick(context)
    assert (await in_danger.talk()).seat == "1027"


async def test_a_seat_that_signs_out_leaves_nobody_waiting_for_it(context: Context) -> None:
    citizen = await with_a_seat(context)
    await citizen.say("在吗，我的事怎么样了")
    await moved(context, "1027", AgentState.OFF)
    await on_duty(context, "1028")
    await seat_inbox.tick(context)
    assert (await citizen.talk()).seat == "1028"


# ------------------------------------------------------------------------------------------ the clock


async def test_a_wait_over_three_minutes_is_alarmed_once_to_seat_and_leader(context: Context) -> None:
    citizen = await with_a_seat(context)
    later(context, minutes=2)
    await seat_inbox.tick(context)
    assert "inbox.alarm" not in context.live.kinds("seat:1027")
    later(context, minutes=2)
    for _ in range(3):
        await seat_inbox.tick(context)
    assert context.live.kinds("seat:1027").count("inbox.alarm") == 1
    assert context.live.kinds("role:team_leader").count("inbox.alarm") == 1
    talk = await citizen.talk()
    assert talk.due_at == talk.waiting_since + timedelta(minutes=3)


async def test_a_letter_may_wait_a_day(context: Context) -> None:
    await Writer(context, "email", "someone@example.cn").say("想约局长谈谈合作的事情")
    later(context, hours=23)
    await seat_inbox.tick(context)
    assert "inbox.alarm" not in context.live.kinds("role:team_leader")
    later(context, hours=2)
    await seat_inbox.tick(context)
    assert "inbox.alarm" in context.live.kinds("role:team_leader")


async def test_an_answer_stops_the_clock_and_the_next_message_starts_it_anew(context: Context) -> None:
    citizen, agent = await with_a_seat(context), await user(context, "1027")
    await conversations.reply(context, agent, (await citizen.talk()).id, Reply("您好，请讲"))
    talk = await citizen.talk()
    assert (talk.waiting_since, talk.unread, talk.answered_at) == (None, 0, context.now())
    await citizen.say("路上有个坑")
    talk = await citizen.talk()
    assert (talk.unread, talk.waiting_since is not None) == (1, True)


async def test_a_dialogue_that_nobody_continues_ends_by_itself_and_a_waiting_citizen_does_not(
    context: Context,
) -> None:
    forgotten, waiting = Writer(context, user="o-1"), Writer(context, user="o-2")
    await forgotten.say("路上有个坑")
    await waiting.say("人工")
    later(context, days=8)
    await seat_inbox.tick(context)
    talk = await forgotten.talk()
    assert (talk.state, talk.close_code) == (ConversationState.CLOSED, CloseCode.NO_ANSWER)
    assert (await waiting.talk()).state is ConversationState.WAITING


# -------------------------------------------------------------------------------------- what seats do


async def test_an_answer_of_a_seat_goes_to_the_citizen_with_the_name_of_its_author(context: Context) -> None:
    citizen, agent = await with_a_seat(context), await user(context, "1027")
    await citizen.answers()
    sent = await conversations.reply(context, agent, (await citizen.talk()).id, Reply("已为您登记"))
    assert (sent.author_id, sent.purpose, sent.account) == (agent.id, Purpose.REPLY, "wechat")
    assert await citizen.answers() == ["已为您登记"]


async def test_a_text_message_carries_the_signature(context: Context) -> None:
    citizen, agent = by_sms(context), await user(context, "1027")
    (answer,) = await citizen.say("人工")
    sent = await conversations.reply(context, agent, (await citizen.talk()).id, Reply("您好"))
    assert answer == context.templates.signed(answer.removeprefix(context.templates.signed("")))
    assert sent.text == context.templates.signed("您好")


async def test_a_picture_of_a_seat_is_a_message_of_its_own(context: Context) -> None:
    citizen, agent = await with_a_seat(context), await user(context, "1027")
    talk_id = (await citizen.talk()).id
    file = await conversations.upload(context, agent, talk_id, RED_DOT)
    sent = await conversations.reply(context, agent, talk_id, Reply("见图", file_id=file.id))
    assert sent.attachment["digest"] == file.digest
    async with context.reading() as uow:
        assert [one.text for one in await uow.messages.sent_in(talk_id, 2)] == ["", "见图"]
    with pytest.raises(InvalidInputError):
        await conversations.upload(context, agent, talk_id, b"no picture")


async def test_a_picture_of_another_conversation_cannot_be_sent(context: Context) -> None:
    first, agent = await with_a_seat(context), await user(context, "1027")
    second = Writer(context, user="o-2")
    await second.say("人工")
    await seat_inbox.tick(context)
    file = await conversations.upload(context, agent, (await first.talk()).id, RED_DOT)
    with pytest.raises(InvalidInputError):
        await conversations.reply(context, agent, (await second.talk()).id, Reply(file_id=file.id))


async def test_only_one_seat_has_a_conversation(context: Context) -> None:
    citizen, other = await with_a_seat(context), await user(context, "1028")
    talk_id = (await citizen.talk()).id
    with pytest.raises(ConflictError):
        await conversations.take(context, other, talk_id)
    with pytest.raises(NotAllowedError, match="1027"):
        await conversations.reply(context, other, talk_id, Reply("您好"))


async def test_a_seat_may_take_over_from_the_machine_and_from_the_queue(context: Context) -> None:
    agent = await user(context, "1027")
    talking = Writer(context)
    await talking.say("路上有个坑")
    await conversations.take(context, agent, (await talking.talk()).id)
    assert await talking.say("实验小学门口") == []
    waiting = Writer(context, user="o-2")
    await waiting.say("人工")
    await conversations.reply(context, agent, (await waiting.talk()).id, Reply("您好"))
    assert (await waiting.talk()).seat == "1027"


async def test_a_conversation_is_handed_to_a_seat_on_duty_or_to_a_skill(context: Context) -> None:
    citizen, agent = await with_a_seat(context), await user(context, "1027")
    talk_id = (await citizen.talk()).id
    with pytest.raises(InvalidInputError, match="没有签入"):
        await conversations.transfer(context, agent, talk_id, "1028", "")
    with pytest.raises(InvalidInputError):
        await conversations.transfer(context, agent, talk_id, "", "no-skill")
    await on_duty(context, "1028")
    await conversations.transfer(context, agent, talk_id, "1028", "")
    assert (await citizen.talk()).seat == "1028"
    await conversations.transfer(context, await user(context, "1028"), talk_id, "", "business")
    talk = await citizen.talk()
    assert (talk.state, talk.skill, talk.seat) == (ConversationState.WAITING, "business", "")


async def test_what_a_seat_hands_on_does_not_come_back_while_others_can_have_it(context: Context) -> None:
    citizen, agent = await with_a_seat(context), await user(context, "1027")
    talk_id = (await citizen.talk()).id
    await conversations.transfer(context, agent, talk_id, "", "general")
    await seat_inbox.tick(context)
    assert (await citizen.talk()).seat == "1027"  # nobody else is there
    await on_duty(context, "1028")
    await conversations.transfer(context, agent, talk_id, "", "general")
    await seat_inbox.tick(context)
    assert (await citizen.talk()).seat == "1028"


async def test_the_last_message_of_the_window_is_for_the_closing_answer(context: Context) -> None:
    citizen, agent = await with_a_seat(context), await user(context, "1027")
    talk_id = (await citizen.talk()).id
    for _ in range(3):  # of five; the machine said one
        await conversations.reply(context, agent, talk_id, Reply("请稍候"))
    with pytest.raises(WindowClosedError):
        await conversations.reply(context, agent, talk_id, Reply("请稍候"))
    await conversations.reply(context, agent, talk_id, Reply("已办结", closing=True))
    with pytest.raises(WindowClosedError):
        await conversations.reply(context, agent, talk_id, Reply("再见", closing=True))


async def test_after_the_window_nothing_goes_out(context: Context) -> None:
    citizen, agent = await with_a_seat(context), await user(context, "1027")
    later(context, hours=49)
    with pytest.raises(WindowClosedError):
        await conversations.reply(context, agent, (await citizen.talk()).id, Reply("您好"))


async def test_words_that_carriers_block_are_named_to_the_seat(context: Context) -> None:
    citizen, agent = await with_a_seat(context), await user(context, "1027")
    async with context.uow() as uow:
        await uow.sending.moderate(ModeratedWord("贷款", context.now()))
        await uow.commit()
    with pytest.raises(HeldBackError, match="贷款"):
        await conversations.reply(context, agent, (await citizen.talk()).id, Reply("关于贷款"))


# ------------------------------------------------------------------------------------ filing, closing


async def test_a_conversation_cannot_end_with_an_entered_report_forgotten(context: Context) -> None:
    await on_duty(context, "1027")
    citizen, agent = await a_pending_report(context), await user(context, "1027")
    await seat_inbox.tick(context)
    talk_id = (await citizen.talk()).id
    with pytest.raises(InvalidInputError, match="还没有登记"):
        await conversations.close(context, agent, talk_id, CloseCode.ANSWERED)
    await conversations.close(context, agent, talk_id, CloseCode.NUISANCE)
    async with context.reading() as uow:
        (matter,) = await matters.of_contact(uow, (await citizen.talk()).contact_id)
    assert matter.report.decision is Decision.REFUSE


async def test_a_closed_conversation_stays_closed_and_the_next_message_begins_another(
    context: Context,
) -> None:
    citizen, agent = await with_a_seat(context), await user(context, "1027")
    talk_id = (await citizen.talk()).id
    await conversations.close(context, agent, talk_id, CloseCode.ANSWERED)
    closed = await citizen.talk()
    assert (closed.state, closed.closed_by, closed.open_key) == (ConversationState.CLOSED, agent.id, "")
    with pytest.raises(ConflictError):
        await conversations.reply(context, agent, talk_id, Reply("您好"))
    later(context, minutes=1)
    assert await citizen.say("你好")
    assert (await citizen.talk()).id != talk_id


# ---------------------------------------------------------------------------------- merging, presence


async def test_two_contacts_become_one_person_and_keep_their_ways(context: Context) -> None:
    wechat, phone = await a_pending_report(context), by_sms(context)
    await phone.say("你好")
    kept, gone = (await phone.talk()).contact_id, (await wechat.talk()).contact_id
    leader = await user(context, "1201")
    await contacts.merge(context, leader, kept, gone, "同一人，电话核实")
    assert (await wechat.talk()).contact_id == kept
    assert "等待登记" in (await phone.say("查"))[0]
    async with context.reading() as uow:
        old = await uow.contacts.get(gone)
        ways = {one.medium for one in await uow.contacts.identities(kept)}
    assert (old.merged_into, ways) == (kept, {"phone", "wechat"})
    with pytest.raises(InvalidInputError):
        await contacts.merge(context, leader, kept, kept, "同一人")


async def test_a_number_goes_with_the_merge_when_the_kept_one_has_none(context: Context) -> None:
    wechat, phone = Writer(context), by_sms(context)
    await wechat.say("你好")
    await phone.say("你好")
    kept, gone = (await wechat.talk()).contact_id, (await phone.talk()).contact_id
    await contacts.merge(context, await user(context, "1201"), kept, gone, "同一人")
    async with context.reading() as uow:
        assert (await uow.contacts.by_number(MOBILE)).id == kept
        assert (await uow.contacts.get(kept)).number == MOBILE


def test_who_looks_is_known_for_seconds() -> None:
    watch = presence.Presence()
    assert watch.views("talk", "user-1", FRIDAY_10)
    assert not watch.views("talk", "user-1", FRIDAY_10 + timedelta(seconds=10))
    assert watch.viewers("talk", FRIDAY_10 + timedelta(seconds=20)) == ["user-1"]
    assert watch.viewers("talk", FRIDAY_10 + timedelta(seconds=40)) == []
    assert watch.views("talk", "user-1", FRIDAY_10 + timedelta(seconds=41))


async def test_a_file_of_a_kind_that_is_no_text_is_shown_in_the_list(context: Context) -> None:
    citizen = await with_a_seat(context)
    await citizen.say(kind=Kind.IMAGE)
    assert (await citizen.talk()).last_text == "[图片]"
    await citizen.say(kind=Kind.LOCATION, lat=28.5, lon=118.5, label="实验小学")
    assert (await citizen.talk()).last_text == "[位置] 实验小学"
    assert (await case_now(context, "20261120-0001")) is None
