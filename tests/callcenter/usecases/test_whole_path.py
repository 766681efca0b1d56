"""From the call to the citizen's verdict, on a real database, with everything outside played by fakes."""

from datetime import timedelta

import pytest

from callcenter.domain.cases import StepInput
from callcenter.domain.errors import ConflictError, InvalidInputError, NotFoundError, SignInError
from callcenter.domain.messages import DeliveryState, Inbound, Receipt
from callcenter.domain.reports import Decision
from callcenter.domain.staff import AgentState
from callcenter.domain.tasks import TaskKind
from callcenter.domain.telephony import (
    CallOutcome,
    CallRecord,
    CallWaiting,
    QueueSnapshot,
    Route,
    SeatConnected,
    SeatDevice,
    SeatReleased,
    SeatRingEnded,
    SeatRinging,
)
from callcenter.domain.workflow import State
from callcenter.usecases import auth, followup, handling, intake, mailbox, seats, suggesting
from callcenter.usecases.books import CallBooks
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor
from callcenter.usecases.mailbox import Mailbox
from callcenter.usecases.suggesting import Asked
from tests.builders import COLLAPSE, FRIDAY_10, MOBILE, a_report

CALL = "ast1-1795000000.1"


async def user(context: Context, no: str):
    async with context.uow() as uow:
        return await uow.staff.by_staff_no(no)


async def seat(context: Context, no: str = "1027"):
    async with context.uow() as uow:
        return await uow.seats.get(no)


async def case_now(context: Context, number: str):
    async with context.uow() as uow:
        return await uow.cases.by_number(number)


async def texts(context: Context) -> list[str]:
    async with context.uow() as uow:
        return [message.text.split()[0] for message in reversed(await uow.messages.sent_to(MOBILE, 50))]


async def a_ready_seat(context: Context, desk: HotlineDesk, no: str = "1027") -> None:
    agent = await user(context, no)
    await seats.sign_in(context, agent)
    await desk.told(SeatDevice(no, reachable=True, at=context.now()))
    await seats.choose(context, agent, AgentState.READY, "")


async def a_call_in_talk(context: Context, desk: HotlineDesk) -> None:
    now = context.now()
    await desk.arrive(CALL, MOBILE, "12345")
    await desk.told(CallWaiting(CALL, "general", 1, MOBILE, now))
    await desk.told(SeatRinging(CALL, "1027", "general", MOBILE, now))
    await desk.told(SeatConnected(CALL, "1027", "general", 4.0, now))


async def step(context: Context, no: str, number: str, action: str, **words: object) -> None:
    case = await case_now(context, number)
    await handling.take_step(
        context, await user(context, no), number, action, case.version, StepInput(**words)
    )


async def a_filed_case(context: Context, **given: object) -> str:
    async with context.uow() as uow:
        contact = await uow.contacts.by_number(MOBILE)
    report = a_report(contact_id=contact.id if contact else "", call_id=CALL, **given)
    _, case = await intake.file_report(context, await user(context, "1027"), report)
    assert case is not None
    return case.number


async def a_closed_case(context: Context) -> str:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await a_call_in_talk(context, desk)
    number = await a_filed_case(context)
    await step(context, "2001", number, "register_case", opinion="同意")
    await step(context, "2101", number, "dispatch", department_id="shizheng")
    await step(context, "3001", number, "assign", handler="孙科")
    await step(context, "3001", number, "feedback", result="已回填")
    await step(context, "3001", number, "unit_confirm")
    await step(context, "2101", number, "forward_check")
    await step(context, "2001", number, "close", opinion="属实")
    return number


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
    await Mailbox(context).accept(Inbound("sms", "1", MOBILE, "2"))
    assert await mailbox.tick(context) == 1
    case = await case_now(context, number)
    assert (case.score, case.state) == (2, State.CLOSED)
    assert (await texts(context))[-1] == "survey_thanks"


async def test_a_bad_answer_asks_on_and_no_reopens_the_case(context: Context) -> None:
    number = await a_closed_case(context)
    inbox = Mailbox(context)
    await inbox.accept(Inbound("sms", "1", MOBILE, "5"))
    await mailbox.tick(context)
    assert (await texts(context))[-1] == "survey_solved"
    await inbox.accept(Inbound("sms", "2", MOBILE, "否"))
    await mailbox.tick(context)
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


async def test_only_the_ringing_seat_hears_of_the_call(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await a_ready_seat(context, desk, "1028")
    context.live.told.clear()
    await a_call_in_talk(context, desk)
    assert "call.ringing" in context.live.kinds("seat:1027")
    assert "call.ringing" not in context.live.kinds("seat:1028")
    assert "call.ringing" not in context.live.kinds("all")


async def test_the_end_of_a_call_pauses_the_seat_before_anything_else(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await a_call_in_talk(context, desk)
    await desk.told(SeatReleased(CALL, "1027", transferred=False, at=context.now()))
    assert context.telephony.orders[-1] == ("pause", "1027", "wrapup")
    assert (await seat(context)).state is AgentState.ACW
    context.clock.pass_by(seconds=61)
    await seats.tick(context, {})
    assert (await seat(context)).state is AgentState.READY
    assert context.telephony.orders[-1] == ("unpause", "1027")


async def test_a_softphone_that_is_gone_takes_the_seat_off_the_queue(context: Context) -> None:
    floor = Floor()
    desk = HotlineDesk(context, floor)
    await a_ready_seat(context, desk)
    await desk.told(SeatDevice("1027", reachable=False, at=context.now()))
    context.clock.pass_by(seconds=6)
    await seats.tick(context, floor.unreachable_since)
    found = await seat(context)
    assert (found.state, found.reason) == (AgentState.BUSY, "device")


async def test_a_reload_gets_a_new_secret_and_keeps_the_state(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await a_call_in_talk(context, desk)
    await seats.sign_in(context, await user(context, "1027"))
    assert (await seat(context)).state is AgentState.TALKING


async def test_nobody_on_duty_leads_to_the_night_flow(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    assert (await desk.arrive(CALL, MOBILE, "12345")).route is Route.NIGHT
    await a_ready_seat(context, desk)
    routing = await desk.arrive("ast1-2.1", MOBILE, "12319")
    assert (routing.route, routing.queue) == (Route.QUEUE, "general")


async def test_a_blocked_caller_hears_a_notice(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await desk.arrive(CALL, MOBILE, "12345")
    async with context.uow() as uow:
        contact = await uow.contacts.by_number(MOBILE)
        contact.blocked_until = context.now() + timedelta(days=1)
        await uow.commit()
    assert (await desk.arrive("ast1-2.1", MOBILE, "12345")).route is Route.BLOCKED


@pytest.mark.parametrize("absurd", ["", "anonymous", "x" * 500, "\x00", "+86 ", "'; --"])
async def test_no_caller_id_breaks_anything(context: Context, absurd: str) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    assert (await desk.arrive(CALL, absurd, absurd)).route is Route.QUEUE
    await desk.told(SeatRinging(CALL, "1027", "general", absurd, context.now()))
    async with context.uow() as uow:
        call = await uow.calls.get(CALL)
    assert (call.number, call.contact_id, call.dialled) == ("", "", "")


async def test_who_called_in_vain_is_served_first_and_the_task_closes_itself(context: Context) -> None:
    desk, books = HotlineDesk(context, Floor()), CallBooks(context)
    await a_ready_seat(context, desk)
    await desk.arrive(CALL, MOBILE, "12345")
    record = CallRecord(
        CALL, MOBILE, "12345", "in", FRIDAY_10, None, FRIDAY_10 + timedelta(seconds=40),
        CallOutcome.ABANDONED, "general", "", "", "",
    )  # fmt: skip
    await books.finished_call(record)
    await books.finished_call(record)
    async with context.uow() as uow:
        assert [task.kind for task in await uow.tasks.open("")] == [TaskKind.MISSED]
    assert (await desk.arrive("ast1-2.2", MOBILE, "12345")).priority == 10
    await desk.told(SeatConnected("ast1-2.2", "1027", "general", 1.0, context.now()))
    async with context.uow() as uow:
        assert not await uow.tasks.open("")


async def test_a_missed_ring_is_a_missed_ring_only_when_the_citizen_stayed(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    for _ in range(3):
        await desk.told(SeatRinging(CALL, "1027", "general", MOBILE, context.now()))
        await desk.told(SeatRingEnded(CALL, "1027", abandoned=True, at=context.now()))
    assert (await seat(context)).state is AgentState.READY


async def test_after_a_reconnect_asterisk_is_believed(context: Context) -> None:
    floor = Floor()
    desk = HotlineDesk(context, floor)
    await a_ready_seat(context, desk)
    await a_ready_seat(context, desk, "1028")
    await a_call_in_talk(context, desk)
    waiting = CallWaiting("ast1-9.9", "general", 1, "", context.now())
    await desk.told(
        QueueSnapshot(
            waiting={"general": (waiting,)}, members={"general": {"1027": ""}}, talking={}, at=context.now()
        )
    )
    assert (await seat(context)).state is AgentState.ACW
    assert (await seat(context, "1028")).state is AgentState.OFF
    assert list(floor.waiting) == ["ast1-9.9"]
    assert context.telephony.orders[-1] == ("pause", "1027", "wrapup")


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


async def test_five_wrong_passwords_lock_the_account(context: Context) -> None:
    for _ in range(5):
        with pytest.raises(SignInError):
            await auth.sign_in(context, "1027", "wrong")
    with pytest.raises(SignInError) as locked:
        await auth.sign_in(context, "1027", "secret")
    assert locked.value.code == "locked_out"
    context.clock.pass_by(minutes=16)
    _, _, cookie = await auth.sign_in(context, "1027", "secret")
    assert (await auth.whose(context, cookie))[0].staff_no == "1027"
    context.clock.pass_by(hours=13)
    assert await auth.whose(context, cookie) is None


async def test_a_receipt_before_the_answer_still_finds_its_message(context: Context) -> None:
    await HotlineDesk(context, Floor()).arrive(CALL, MOBILE, "12345")
    await a_filed_case(context)
    await Mailbox(context).receipt(Receipt("sms", "ref-1", DeliveryState.DELIVERED))
    async with context.uow() as uow:
        assert (await uow.messages.sent_to(MOBILE, 1))[0].state is DeliveryState.QUEUED


async def test_the_same_message_twice_is_taken_once(context: Context) -> None:
    inbox = Mailbox(context)
    assert await inbox.accept(Inbound("sms", "key", MOBILE, "查"))
    assert not await inbox.accept(Inbound("sms", "key", MOBILE, "查"))
    assert await mailbox.tick(context) == 1
    assert await texts(context) == ["unknown_reply"]


async def test_duplicates_of_the_place_and_of_the_caller_are_found(context: Context) -> None:
    await HotlineDesk(context, Floor()).arrive(CALL, MOBILE, "12345")
    number = await a_filed_case(context)
    near = await suggesting.propose(context, Asked("路面塌陷", category=COLLAPSE, lat=28.5003, lon=118.5))
    far = await suggesting.propose(context, Asked("路面塌陷", category=COLLAPSE, lat=28.6, lon=118.5))
    async with context.uow() as uow:
        contact = await uow.contacts.by_number(MOBILE)
    own = await suggesting.propose(context, Asked("路面塌陷", contact_id=contact.id, category=COLLAPSE))
    assert [d.case.number for d in near.duplicates] == [number]
    assert near.duplicates[0].score > 0.9
    assert not far.duplicates
    assert own.duplicates[0].same_caller
