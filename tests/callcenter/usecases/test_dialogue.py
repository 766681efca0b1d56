"""Dialogues at work: what is written to us goes the whole way through mailbox, machine, books and outbox."""

from callcenter.domain.codes import Knowledge
from callcenter.domain.conversations import ConversationState
from callcenter.domain.messages import Kind
from callcenter.domain.reports import Decision
from callcenter.domain.tasks import TaskKind
from callcenter.usecases import answers, dialogue
from callcenter.usecases.context import Context
from tests.builders import COLLAPSE, MOBILE
from tests.callcenter.usecases.story import a_closed_case, case_now, step, user
from tests.callcenter.usecases.talking import (
    Writer,
    a_case_of,
    a_pending_report,
    by_sms,
    later,
    newest_report,
)


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


async def test_many_conversations_cannot_share_the_trying_of_codes(context: Context) -> None:
    report = await newest_report(context, await a_pending_report(context))
    for guess in range(10):
        await Writer(context, user=f"o-guesser-{guess}").say(f"查 {report.number} {guess:06d}")
    wanted = f"查 {report.number} {report.access_code}"
    assert "次数太多" in (await Writer(context, user="o-another").say(wanted))[0]
    later(context, hours=1)
    assert report.number in (await Writer(context, user="o-one-more").say(wanted))[0]


async def by_mail(context: Context) -> Writer:
    citizen = Writer(context, "email", "someone@example.cn")
    await citizen.say("实验小学门口路面塌了个大坑，电话13912345678")
    return citizen


async def test_a_code_by_mail_opens_nobody_elses_matter(context: Context) -> None:
    report = await newest_report(context, await a_pending_report(context))
    stranger = Writer(context, "email", "stranger@example.cn")
    assert "不对" in (await stranger.say(f"查 {report.number} {report.access_code}"))[0]


async def test_who_withdraws_by_mail_proves_it_by_the_code(context: Context) -> None:
    citizen = await by_mail(context)
    report = await newest_report(context, citizen)
    await citizen.say("撤销")
    assert "不能证明" in (await citizen.say("是"))[0]
    assert (await newest_report(context, citizen)).decision is Decision.PENDING
    await citizen.say(f"撤销 {report.number} {report.access_code}")
    assert "已撤销" in (await citizen.say("是"))[0]


async def test_who_rates_by_mail_proves_it_by_the_code(context: Context) -> None:
    citizen = await by_mail(context)
    code = (await newest_report(context, citizen)).access_code
    number = await closed(context, await a_case_of(context, citizen))
    await citizen.answers()
    assert "不能证明" in (await citizen.say("5"))[0]
    assert "不能证明" in (await citizen.say("评价"))[0]
    assert (await case_now(context, number)).score is None
    assert "1非常满意" in (await citizen.say(f"评价 {number} {code}"))[0]
    assert "survey_solved" in (await citizen.say("5"))[0]
    await citizen.say("未解决")
    case = await case_now(context, number)
    assert (case.score, case.solved) == (5, False)


async def closed(context: Context, number: str) -> str:
    await step(context, "2001", number, "register_case", opinion="同意")
    await step(context, "2101", number, "dispatch", department_id="shizheng")
    await step(context, "3001", number, "assign", handler="孙科")
    await step(context, "3001", number, "feedback", result="已回填")
    await step(context, "3001", number, "unit_confirm")
    await step(context, "2101", number, "forward_check")
    await step(context, "2001", number, "close", opinion="属实")
    return number


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
    await answers.approve(context, await user(context, "1201"), "permit", wanted=True)
    (answer,) = await citizen.say("请问居住证怎么办理？")
    assert "派出所" in answer
    assert "人工" in answer
    assert "内部" not in answer
    await answers.approve(context, await user(context, "1201"), "permit", wanted=False)
    assert "派出所" not in "".join(await citizen.say("居住证怎么办理啊？"))
