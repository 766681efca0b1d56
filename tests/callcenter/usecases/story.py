"""Steps that the stories of the use cases share."""

from callcenter.domain.cases import StepInput
from callcenter.domain.staff import AgentState
from callcenter.domain.telephony import (
    CallWaiting,
    SeatConnected,
    SeatDevice,
    SeatRinging,
)
from callcenter.usecases import handling, intake, seats
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor
from tests.builders import MOBILE, a_report

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


async def a_closed_case(context: Context, result: str = "已回填") -> str:
    desk = HotlineDesk(context, Floor())
    await a_ready_seat(context, desk)
    await a_call_in_talk(context, desk)
    number = await a_filed_case(context)
    await step(context, "2001", number, "register_case", opinion="同意")
    await step(context, "2101", number, "dispatch", department_id="shizheng")
    await step(context, "3001", number, "assign", handler="孙科")
    await step(context, "3001", number, "feedback", result=result)
    await step(context, "3001", number, "unit_confirm")
    await step(context, "2101", number, "forward_check")
    await step(context, "2001", number, "close", opinion="属实")
    return number
