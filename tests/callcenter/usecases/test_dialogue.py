"""Dialogues at work: what is written to us goes the whole way through mailbox, machine, books and outbox."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callcenter.domain.codes import Knowledge
from callcenter.domain.contacts import Address
from callcenter.domain.conversations import ConversationState
from callcenter.domain.dialogue.terms import Say
from callcenter.domain.extensions import extension
from callcenter.domain.messages import Kind
from callcenter.domain.records import Delivery
from callcenter.domain.reports import Decision
from callcenter.domain.sending import ModeratedWord
from callcenter.domain.tasks import TaskKind
from callcenter.usecases import dialogue, intake, sentences, understanding
from callcenter.usecases.context import Context
from tests.builders import COLLAPSE, MOBILE, a_report
from tests.callcenter.usecases.story import a_closed_case, case_now, user
from tests.callcenter.usecases.talking import OPENID, Writer, a_pending_report, by_sms, later
from tests.fakes import FakeClassifier


async def newest_report(context: Context, citizen: Writer):
    talk = await citizen.talk()
    async with context.reading() as uow:
        return (await uow.reports.of_contact(talk.contact_id, 1))[0]


async def tasks(context: Context, kind: TaskKind):
    async with context.reading() as uow:
        return [task for task in await uow.tasks.open("1027") if task.kind is kind]


# ---------------------------------------------------------------------------------------------- reports


async def test_a_whole_report_gets_its_number_and_code_at_once_and_waits_for_a_seat(context: Context) -> None:
    citizen = Writer(context)
    (answer,) = await citizen.say("实验小学门口路面塌了个大坑", sender_name="周先生")
    report, talk = await newest_report(context, citizen), await citizen.talk()
    assert (report.decision, report.category, report.place) == (Decision.PENDING, COLLAPSE, "实验小学")
    assert report.number in answer
    assert report.access_code in answer
    assert (talk.state, talk.waiting_since) == (ConversationState.WAITING, talk.last_at)
    assert talk.unread == 1
    assert "塌" in dialogue.facts(talk)


async def test_a_guided_report_with_picture_and_position(context: Context) -> None:
    citizen = Writer(context)
    assert "什么地方" in (await citizen.say("路上有个坑"))[0]
    assert "照片" in (await citizen.say(kind=Kind.LOCATION, lat=28.5, lon=118.5, label="实验小学北门"))[0]
    assert "电话" in (await citizen.say(kind=Kind.IMAGE))[0]
    assert "核对" in (await citizen.say("13912345678"))[0]
    assert "已登记" in (await citizen.say("是的"))[0]
    report = await newest_report(context, citizen)
    assert (report.content, report.place, report.lat, report.phone) == (
        "路上有个坑",
        "实验小学北门",
        28.5,
        "13912345678",
    )


async def test_a_text_message_is_of_the_citizen_who_calls(context: Context) -> None:
    citizen = by_sms(context)
    await citizen.say("实验小学门口路面塌了个大坑")
    report = await newest_report(context, citizen)
    assert (report.phone, report.channel) == (MOBILE, "sms")


async def test_a_dialogue_survives_days_of_silence_and_a_new_process(context: Context) -> None:
    citizen = Writer(context)
    await citizen.say("路上有个坑")
    later(context, days=3)
    (answer,) = await citizen.say("就在实验小学北门")
    assert "同一件事" in answer
    assert "照片" in (await citizen.say("是"))[0]


async def test_what_follows_a_report_is_added_to_it_before_it_is_registered(context: Context) -> None:
    citizen = await a_pending_report(context)
    assert "已补充" in (await citizen.say("补充：坑里有水"))[0]
    await citizen.say("还没有围挡")
    await citizen.say(kind=Kind.IMAGE)
    content = (await newest_report(context, citizen)).content
    assert content.splitlines()[1:] == ["补充：坑里有水", "补充：还没有围挡", "补充：[图片]"]


async def test_a_report_can_be_withdrawn_before_it_is_registered(context: Context) -> None:
    citizen = await a_pending_report(context)
    assert "确定撤销" in (await citizen.say("撤销"))[0]
    assert "已撤销" in (await citizen.say("是"))[0]
    report, talk = await newest_report(context, citizen), await citizen.talk()
    assert (report.decision, report.reason) == (Decision.REFUSE, "市民撤回")
    assert (talk.state, talk.waiting_since) == (ConversationState.DIALOGUE, None)


# ------------------------------------------------------------------------------------------------ cases


async def a_case_of(context: Context, citizen: Writer) -> str:
    """Registered by a seat from what the citizen entered."""
    talk = await citizen.talk()
    form = a_report(conversation_id=talk.id, phone="", contact_id="")
    _, case = await intake.file_report(context, await user(context, "1027"), form)
    assert case is not None
    await citizen.answers()  # what they are told of the filing
    return case.number


async def test_progress_of_ones_own_case_needs_only_a_word(context: Context) -> None:
    citizen = await a_pending_report(context)
    assert "等待登记" in (await citizen.say("查"))[0]
    number = await a_case_of(context, citizen)
    (answer,) = await citizen.say("", kind=Kind.EVENT, event="menu:progress")
    assert number in answer


async def test_progress_of_anothers_case_needs_its_code(context: Context) -> None:
    first = await a_pending_report(context)
    report = await newest_report(context, first)
    other = Writer(context, user="o-somebody-else")
    assert "不对" in (await other.say(f"查 {report.number}"))[0]
    assert "不对" in (await other.say("查 20261120-9999 000000"))[0]
    assert report.number in (await other.say(f"查 {report.number} {report.access_code}"))[0]


async def test_codes_cannot_be_tried_out(context: Context) -> None:
    report = await newest_report(context, await a_pending_report(context))
    other = Writer(context, user="o-somebody-else")
    for guess in range(5):
        await other.say(f"查 {report.number} {guess:06d}")
        later(context, hours=1)
    assert "次数太多" in (await other.say(f"查 {report.number} {report.access_code}"))[0]


async def test_a_case_is_urged_once_a_day(context: Context) -> None:
    citizen = await a_pending_report(context)
    number = await a_case_of(context, citizen)
    assert "已催办" in (await citizen.say("催"))[0]
    assert "今天已经催过" in (await citizen.say("催办"))[0]
    later(context, days=1)
    assert "已催办" in (await citizen.say(f"催 {number}"))[0]
    assert (await case_now(context, number)).urges == 2


async def test_withdrawing_a_case_is_for_the_acceptor_to_decide(context: Context) -> None:
    citizen = await a_pending_report(context)
    number = await a_case_of(context, citizen)
    await citizen.say("撤销")
    assert "转给受理人员" in (await citizen.say("是"))[0]
    (task,) = await tasks(context, TaskKind.WITHDRAWN)
    case = await case_now(context, number)
    assert (task.case_id, case.is_open) == (case.id, True)


async def test_words_about_a_case_come_to_a_person_once(context: Context) -> None:
    citizen = await a_pending_report(context)
    number = await a_case_of(context, citizen)
    await citizen.say(f"补充 {number} 坑又大了")
    await citizen.say("补充 有人摔倒了")
    (task,) = await tasks(context, TaskKind.ADDED)
    assert task.detail == "坑又大了；有人摔倒了"
    async with context.reading() as uow:
        case = await case_now(context, number)
        told = [message.text for message in await uow.messages.received_for_case(case.id)]
    assert "补充 有人摔倒了" in told


async def test_a_rating_in_words_closes_the_question(context: Context) -> None:
    number = await a_closed_case(context)
    citizen = by_sms(context)
    await citizen.answers()
    (asked,) = await citizen.say("评价")
    assert number in asked
    await citizen.say("1")
    assert (await case_now(context, number)).score == 1
    assert "没有等您评价" in (await citizen.say("评价"))[0]


async def test_a_question_of_the_dialogue_is_answered_before_the_survey(context: Context) -> None:
    number = await a_closed_case(context)
    citizen = by_sms(context)
    await citizen.say("路上有个坑")
    await citizen.say("实验小学门口")
    await citizen.say("是")
    assert (await case_now(context, number)).solved is None
    assert (await newest_report(context, citizen)).decision is Decision.PENDING


# ------------------------------------------------------------------------------------ persons and dangers


async def test_danger_comes_before_everything_and_alarms_the_seats(context: Context) -> None:
    citizen = Writer(context)
    (answer,) = await citizen.say("楼道里全是煤气味")
    talk = await citizen.talk()
    assert "119" in answer
    assert talk.state is ConversationState.WAITING
    assert dialogue.in_danger(talk)
    assert "inbox.alarm" in context.live.kinds("role:agent")
    assert "inbox.alarm" in context.live.kinds("role:team_leader")


async def test_a_person_is_reached_by_a_word_with_everything_said_so_far(context: Context) -> None:
    citizen = Writer(context)
    await citizen.say("路上有个坑")
    await citizen.say("0")
    talk = await citizen.talk()
    assert talk.state is ConversationState.WAITING
    assert dialogue.facts(talk) == "路上有个坑"
    assert dialogue.draft_of(talk).what == "路上有个坑"


async def test_what_goes_to_a_seat_is_not_answered_by_the_machine(context: Context) -> None:
    citizen = Writer(context)
    await citizen.say("人工")
    async with context.uow() as uow:
        talk = await uow.conversations.get((await citizen.talk()).id, lock=True)
        talk.state, talk.seat, talk.waiting_since = ConversationState.ASSIGNED, "1027", None
        await uow.commit()
    assert await citizen.say("查") == []
    assert await citizen.say("你好，路上有个坑") == []
    talk = await citizen.talk()
    assert (talk.unread, talk.waiting_since is not None) == (3, True)
    assert "路上有个坑" in dialogue.facts(talk)


async def test_a_simple_question_is_answered_from_approved_entries_only(context: Context) -> None:
    async with context.uow() as uow:
        await uow.codes.add_all(
            [
                Knowledge("permit", "居住证办理", "市公安局", "到居住地派出所办理。", "居住证 暂住"),
                Knowledge("inside", "居住证受理口径", "市公安局", "内部口径。", "居住证 怎么办理 材料"),
            ]
        )
        await uow.commit()
    citizen = Writer(context)
    assert "派出所" not in (await citizen.say("居住证怎么办理？"))[0]
    async with context.uow() as uow:
        await uow.rules.set(dialogue.APPROVED, "permit")
        await uow.commit()
    (answer,) = await citizen.say("请问居住证怎么办理？")
    assert "派出所" in answer
    assert "人工" in answer
    assert "内部" not in answer


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


# ------------------------------------------------------------------------------------------- sentences


@pytest.mark.parametrize("name", sorted(sentences.names()))
@pytest.mark.parametrize("medium", ["sms", "wechat", "email"])
def test_every_sentence_can_be_said_and_fits_two_short_messages(name: str, medium: str) -> None:
    params = {key: "😀测" * (longest[0] // 2 + 9) for key, longest in sentences.LENGTHS.items()}
    text = sentences.said([Say(name, params)], medium)
    assert "{" not in text
    if medium == "sms":
        assert len(text.encode("utf-16-le")) // 2 <= sentences.LONGEST_SHORT
        assert text.count("【") == 0


def test_answers_end_with_the_way_to_a_person_even_when_they_are_cut() -> None:
    long = Say("answer", {"answer": "很长的答复" * 100})
    for medium in ("sms", "wechat"):
        assert "人工" in sentences.said([long], medium)[-20:]


async def test_reading_a_message_breaks_nothing_when_the_classifier_knows_nothing(context: Context) -> None:
    citizen = Writer(context)
    context.classifier = FakeClassifier()
    assert await citizen.say("……")
