"""From the report to the citizen's verdict, on a real database, with everything outside played by fakes."""

from dataclasses import replace

import pytest

from callcenter.domain.cases import StepInput
from callcenter.domain.errors import ConflictError, InvalidInputError, NotFoundError
from callcenter.domain.extensions import extension
from callcenter.domain.messages import DeliveryState, Inbound, Receipt
from callcenter.domain.reports import Decision
from callcenter.domain.staff import AgentState
from callcenter.domain.tasks import TaskKind
from callcenter.domain.telephony import (
    QueueSnapshot,
)
from callcenter.domain.workflow import State
from callcenter.store import CaseFilter
from callcenter.usecases import followup, handling, intake, understanding
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor
from callcenter.usecases.mailbox import Mailbox
from tests.builders import MOBILE, a_report
from tests.callcenter.usecases.story import (
    CALL,
    a_call_in_talk,
    a_closed_case,
    a_filed_case,
    a_ready_seat,
    case_now,
    seat,
    step,
    texts,
    user,
)


async def test_a_call_becomes_a_case_and_the_citizen_hears_of_both_ends(context: Context) -> None:
    number = await a_closed_case(context)
    case = await case_now(context, number)
    assert number == "20261120-0001"
    assert (case.state, case.on_time, case.department_id) == (State.CLOSED, True, "shizheng")
    assert (case.district, case.grid_label) == ("云溪区", "实验社区网格07")
    assert await texts(context) == ["accepted", "resolved", "survey"]
    async with context.uow() as uow:
        steps = [s.action for s in await uow.cases.steps(case.id)]
        call = await uow.calls.get(CALL)
    assert steps[0] == "submit"
    assert steps[-1] == "close"
    assert call.case_id == case.id


async def test_the_promise_in_the_text_is_the_limit_of_the_chosen_condition(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await desk.arrive(CALL, MOBILE, "12345")
    await a_filed_case(context)
    async with context.uow() as uow:
        message = (await uow.messages.sent_to(MOBILE, 1))[0]
    assert "promised=11月20日12:00前" in message.text


async def test_a_good_answer_by_text_ends_the_story(context: Context) -> None:
    number = await a_closed_case(context)
    await Mailbox(context).accept(Inbound("sms", "sms", "1", MOBILE, "2"))
    assert await understanding.tick(context) == 1
    case = await case_now(context, number)
    assert (case.score, case.state) == (2, State.CLOSED)
    assert (await texts(context))[-1] == "survey_thanks"


async def test_a_bad_answer_asks_on_and_no_reopens_the_case(context: Context) -> None:
    number = await a_closed_case(context)
    inbox = Mailbox(context)
    await inbox.accept(Inbound("sms", "sms", "1", MOBILE, "5"))
    await understanding.tick(context)
    assert (await texts(context))[-1] == "survey_solved"
    await inbox.accept(Inbound("sms", "sms", "2", MOBILE, "否"))
    await understanding.tick(context)
    case = await case_now(context, number)
    assert (case.state, case.score, case.solved, case.reopens) == (State.PENDING_DISPATCH, 5, False, 1)
    assert (await texts(context))[-1] == "survey_reopened"
    async with context.uow() as uow:
        kinds = {task.kind for task in await uow.tasks.open("1027")}
    assert TaskKind.UNSOLVED in kinds


async def test_silence_brings_three_calls_outside_the_quiet_hours_and_then_a_person(context: Context) -> None:
    await a_closed_case(context)
    desk = HotlineDesk(context, Floor())
    called_at = []
    for _ in range(400):
        context.clock.pass_by(minutes=15)
        await followup.tick(context)
        surveys = [order for order in context.telephony.orders if order[0] == "survey"]
        if len(surveys) > len(called_at):
            called_at.append(context.now().astimezone(context.calendar.zone).hour)
            await desk.survey_failed(surveys[-1][2], "no_answer")
    assert len(called_at) == 3
    assert all(8 <= hour < 21 for hour in called_at)
    async with context.uow() as uow:
        assert TaskKind.UNREACHED in {task.kind for task in await uow.tasks.open("")}


async def test_asterisk_away_costs_no_try(context: Context) -> None:
    await a_closed_case(context)
    context.telephony.away = True
    context.clock.pass_by(hours=3)
    await followup.tick(context)
    context.telephony.away = False
    context.clock.pass_by(hours=1)
    await followup.tick(context)
    async with context.uow() as uow:
        asked = await uow.followups.open_for_number(MOBILE)
    assert asked.calls == 1


async def test_the_survey_call_says_not_solved_and_the_case_reopens(context: Context) -> None:
    number = await a_closed_case(context)
    desk = HotlineDesk(context, Floor())
    context.clock.pass_by(hours=3)
    await followup.tick(context)
    followup_id = context.telephony.orders[-1][2]
    assert await desk.survey_case(followup_id) == number
    await desk.survey_answered(followup_id, 5, solved=False)
    case = await case_now(context, number)
    assert (case.state, case.score) == (State.PENDING_DISPATCH, 5)
    assert await desk.survey_case(followup_id) is None


async def test_a_confidential_citizen_is_called_by_people_only(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await desk.arrive(CALL, MOBILE, "12345")
    number = await a_filed_case(context, confidential=True)
    for no, action, words in (
        ("2001", "register_case", {}),
        ("2101", "dispatch", {"department_id": "shizheng"}),
        ("3001", "assign", {"handler": "孙科"}),
        ("3001", "feedback", {"result": "已处理"}),
        ("3001", "unit_confirm", {}),
        ("2101", "forward_check", {}),
        ("2001", "close", {"opinion": "属实"}),
    ):
        await step(context, no, number, action, **words)
    async with context.uow() as uow:
        sent = await uow.messages.sent_to(MOBILE, 10)
        tasks = [task.kind for task in await uow.tasks.open("")]
    assert [m.template for m in sent] == ["resolved", "accepted"]
    assert all("塌陷" not in m.text for m in sent)
    assert tasks == [TaskKind.UNREACHED]


async def test_whoever_talks_with_an_unknown_caller_after_a_reconnect_sees_who_it_is(
    context: Context,
) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await a_call_in_talk(context, desk)
    await desk.told(
        QueueSnapshot(
            waiting={},
            members={"general": {"1027": ""}},
            talking={"1027": "ast1-9.9"},
            at=context.now(),
            numbers={"ast1-9.9": MOBILE},
        )
    )
    assert ((await seat(context)).state, (await seat(context)).call_id) == (AgentState.TALKING, "ast1-9.9")
    async with context.uow() as uow:
        call = await uow.calls.get("ast1-9.9")
        assert (call.seat, call.number) == ("1027", MOBILE)
        assert (await uow.contacts.get(call.contact_id)).number == MOBILE


async def test_the_same_form_sent_twice_files_once(context: Context) -> None:
    await HotlineDesk(context, Floor()).arrive(CALL, MOBILE, "12345")
    first = await a_filed_case(context)
    second = await a_filed_case(context)
    assert first == second
    assert await texts(context) == ["accepted"]


async def test_a_second_citizen_joins_and_the_department_is_urged(context: Context) -> None:
    await HotlineDesk(context, Floor()).arrive(CALL, MOBILE, "12345")
    number = await a_filed_case(context)
    report = a_report(id="report-2", client_key="form-00000002", decision=Decision.JOIN)
    await intake.file_report(context, await user(context, "1028"), report, join=number)
    case = await case_now(context, number)
    assert (case.reporters, case.urges) == (2, 1)


async def test_an_urged_case_reaches_the_duty_phone_of_the_department(context: Context) -> None:
    duty = "13900000111"
    async with context.uow() as uow:
        department = await uow.codes.department("shizheng")
        assert department is not None
        department.duty_number = duty
        await uow.commit()
    number = await a_filed_case(context)
    await step(context, "2001", number, "register_case", opinion="同意")
    await step(context, "2101", number, "dispatch", department_id="shizheng")
    await step(context, "1027", number, "urge", opinion="请加快")
    async with context.reading() as uow:
        assert [message.template for message in await uow.messages.sent_to(duty, 5)] == ["urged"]


async def test_an_incomplete_form_names_the_field(context: Context) -> None:
    agent = await user(context, "1027")
    for given, field in (
        ({"content": "短"}, "content"),
        ({"category": ""}, "category"),
        ({"category": "事件|99|99"}, "category"),
        ({"condition_no": None}, "condition"),
        ({"condition_no": 9}, "condition"),
        ({"content": "长" * 100_000}, "content"),
        ({"place": "", "lat": None, "lon": None}, "place"),
        ({"decision": Decision.REFUSE}, "reason"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            await intake.file_report(context, agent, a_report(**given))
        assert refused.value.field == field


async def test_the_slower_of_two_is_told_and_nothing_is_lost(context: Context) -> None:
    await HotlineDesk(context, Floor()).arrive(CALL, MOBILE, "12345")
    number = await a_filed_case(context)
    acceptor, before = await user(context, "2001"), await case_now(context, number)
    await handling.take_step(context, acceptor, number, "register_case", before.version, StepInput())
    with pytest.raises(ConflictError):
        await handling.take_step(
            context, acceptor, number, "reject", before.version, StepInput(reason="重复")
        )


async def test_a_department_sees_its_own_cases_only(context: Context) -> None:
    number = await a_closed_case(context)
    stranger, own = await user(context, "3003"), await user(context, "3001")
    async with context.uow() as uow:
        with pytest.raises(NotFoundError):
            await handling.find(uow, stranger, number)
        assert await handling.find(uow, own, number)


async def test_a_department_that_helps_finds_the_case_in_its_list(context: Context) -> None:
    number = await a_filed_case(context)
    await step(context, "2001", number, "register_case", opinion="同意")
    helpers = {"department_id": "shizheng", "co_department_ids": ("paishui",)}
    await step(context, "2101", number, "dispatch", **helpers)
    async with context.reading() as uow:
        for department in ("shizheng", "paishui"):
            found, _ = await uow.cases.page(CaseFilter(department_id=department))
            assert [case.number for case in found] == [number]
        assert await uow.cases.page(CaseFilter(department_id="paishu")) == ([], 0)
    assert "department:paishui" in {audience for audience, *_ in context.live.told}


async def test_what_a_department_writes_names_nobody_to_the_citizen(context: Context) -> None:
    await a_closed_case(context, result="已联系王建国先生，电话13912345678，浙A12345已挪走")
    async with context.uow() as uow:
        sent = [
            message.text for message in await uow.messages.sent_to(MOBILE, 9) if "resolved" in message.text
        ]
    assert "〔电话〕" in sent[0]
    assert not any(private in sent[0] for private in ("王建国", "13912345678", "浙A12345"))


async def test_an_answer_finds_its_case_by_the_digits_behind_our_number(context: Context) -> None:
    context.city = replace(context.city, extension_digits={"sms": 4})
    await HotlineDesk(context, Floor()).arrive(CALL, MOBILE, "12345")
    first = await a_filed_case(context)
    async with context.uow() as uow:
        told = (await uow.messages.sent_to(MOBILE, 1))[0]
    second = await a_filed_case(context, id="report-2", client_key="form-00000002")
    box = Mailbox(context)
    await box.accept(Inbound("sms", "sms", "e1", MOBILE, "查", to=f"106912345{extension(told.id, 4)}"))
    await understanding.tick(context)
    await box.accept(Inbound("sms", "sms", "e2", MOBILE, "查", to="106912345"))
    await understanding.tick(context)
    async with context.uow() as uow:
        by_digits, of_all = (await uow.messages.sent_to(MOBILE, 2))[::-1]
    assert by_digits.case_id == (await case_now(context, first)).id
    assert first in by_digits.text
    assert second not in by_digits.text
    assert first in of_all.text
    assert second in of_all.text


async def test_a_receipt_before_the_answer_still_finds_its_message(context: Context) -> None:
    await HotlineDesk(context, Floor()).arrive(CALL, MOBILE, "12345")
    await a_filed_case(context)
    await Mailbox(context).receipt(Receipt("sms", "ref-1", DeliveryState.DELIVERED))
    async with context.uow() as uow:
        assert (await uow.messages.sent_to(MOBILE, 1))[0].state is DeliveryState.QUEUED


async def test_the_same_message_twice_is_taken_once(context: Context) -> None:
    inbox = Mailbox(context)
    assert await inbox.accept(Inbound("sms", "sms", "key", MOBILE, "查"))
    assert not await inbox.accept(Inbound("sms", "sms", "key", MOBILE, "查"))
    assert await understanding.tick(context) == 1
    assert len(await texts(context)) == 1


async def test_a_text_with_characters_that_no_database_holds_is_taken(context: Context) -> None:
    assert await Mailbox(context).accept(Inbound("sms", "sms", "key", MOBILE, "\0查\0"))


async def test_a_case_reopened_by_hand_is_asked_about_only_when_it_is_closed_again(context: Context) -> None:
    number = await a_closed_case(context)
    await step(context, "2301", number, "follow_up_reopen", reason="市民来电说没修好")
    context.clock.pass_by(hours=6)
    await followup.tick(context)
    assert not [order for order in context.telephony.orders if order[0] == "survey"]
    async with context.uow() as uow:
        assert await uow.followups.open_for_number(MOBILE) is None


async def test_the_number_left_is_the_number_that_hears_everything(context: Context) -> None:
    await HotlineDesk(context, Floor()).arrive(CALL, "057188880000", "12345")
    number = await a_filed_case(context, phone=MOBILE)
    await step(context, "2001", number, "reject", reason="属物业管理范围", opinion="内部意见不外传")
    assert await texts(context) == ["accepted", "not_accepted"]
    async with context.uow() as uow:
        last = (await uow.messages.sent_to(MOBILE, 1))[0].text
    assert "属物业管理范围" in last
    assert "内部意见" not in last


async def test_who_wants_no_texts_gets_none(context: Context) -> None:
    await HotlineDesk(context, Floor()).arrive(CALL, MOBILE, "12345")
    number = await a_filed_case(context, notify=False)
    await step(context, "2001", number, "reject", reason="重复")
    assert await texts(context) == []
