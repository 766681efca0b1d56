"""What telephony asks and tells: seats, queues, callers, on a real database."""

from datetime import timedelta

import pytest

from callcenter.domain.errors import SignInError, TelephonyError
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
from callcenter.usecases import auth, seats
from callcenter.usecases.books import CallBooks
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor
from tests.builders import FRIDAY_10, MOBILE
from tests.callcenter.usecases.story import (
    CALL,
    a_call_in_talk,
    a_ready_seat,
    seat,
    user,
)


async def test_only_the_ringing_seat_hears_of_the_call(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await a_ready_seat(context, desk, "1028")
    context.live.told.clear()
    await a_call_in_talk(context, desk)
    assert "call.ringing" in context.live.kinds("seat:1027")
    assert "call.ringing" not in context.live.kinds("seat:1028")
    assert "call.ringing" not in context.live.kinds("office")


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
    assert ("bring_back", "1027") not in context.telephony.orders


async def test_a_new_page_gets_its_citizen_back(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await seats.sign_in(context, await user(context, "1027"), holds_call=False)
    assert ("bring_back", "1027") not in context.telephony.orders
    await a_call_in_talk(context, desk)
    await seats.sign_in(context, await user(context, "1027"), holds_call=False)
    assert context.telephony.orders[-1] == ("bring_back", "1027")
    assert (await seat(context)).state is AgentState.TALKING


async def test_a_seat_that_did_not_come_back_does_not_talk_any_more(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await a_ready_seat(context, desk, "1028")
    await a_call_in_talk(context, desk)
    await desk.told(SeatDevice("1027", reachable=False, at=context.now()))
    await desk.told(SeatConnected(CALL, "1028", "general", 4.0, context.now()))
    gone, takes_over = await seat(context), await seat(context, "1028")
    assert (gone.state, gone.reason) == (AgentState.BUSY, "device")
    assert (takes_over.state, takes_over.call_id) == (AgentState.TALKING, CALL)


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


async def test_a_seat_that_went_home_without_signing_out_keeps_no_citizen_waiting(context: Context) -> None:
    floor = Floor()
    desk = HotlineDesk(context, floor)
    await a_ready_seat(context, desk)
    await desk.told(SeatDevice("1027", reachable=False, at=context.now()))
    for _ in range(2):
        context.clock.pass_by(minutes=6)
        await seats.tick(context, floor.unreachable_since)
    assert (await seat(context)).state is AgentState.OFF
    assert ("leave", "1027") in context.telephony.orders
    assert (await desk.arrive(CALL, MOBILE, "12345")).route is Route.NIGHT


async def test_a_call_that_slips_in_while_a_seat_pauses_is_not_forgotten(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    pause = context.telephony.pause

    async def rings_meanwhile(no: str, reason: str) -> None:
        await desk.told(SeatRinging(CALL, no, "general", MOBILE, context.now()))
        await pause(no, reason)

    context.telephony.pause = rings_meanwhile
    await seats.choose(context, await user(context, "1027"), AgentState.BUSY, "")
    assert (await seat(context)).state is AgentState.RINGING


async def test_a_call_back_that_asterisk_refuses_leaves_the_seat_free(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    agent = await user(context, "1027")
    context.telephony.away = True
    with pytest.raises(TelephonyError):
        await seats.dialing(context, agent, MOBILE, "out-1")
    context.telephony.away = False
    await seats.choose(context, agent, AgentState.READY, "")
    assert (await seat(context)).state is AgentState.READY
