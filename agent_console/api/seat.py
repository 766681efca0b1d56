"""The seat: state, softphone account, call control, work list."""

from typing import Annotated

from fastapi import APIRouter, Body, Request

from agent_console import schemas
from agent_console.auth import ContextDep, FloorDep, Me, need
from agent_console.views import seat as views
from callcenter.domain.errors import InvalidInputError, NotFoundError
from callcenter.domain.staff import OFFICE, AgentState, User
from callcenter.usecases import dialing, seats, work
from callcenter.usecases.context import Context
from callcenter.usecases.floor import QUEUE_LABELS
from callcenter.usecases.seats import SoftphoneAccount

router = APIRouter(prefix="/api", tags=["seat"])


def sip_account(request: Request, account: SoftphoneAccount) -> schemas.SipAccount:
    host = request.app.state.sip_domain
    return schemas.SipAccount(
        uri=f"sip:{account.seat}@{host}",
        username=account.seat,
        password=account.secret,
        realm="hotline",
        ws_url=request.app.state.ws_url,
        expires_at=account.expires_at,
    )


@router.get("/seat")
async def seat(context: ContextDep, floor: FloorDep, user: Me) -> schemas.Seat:
    return await views.seat_view(context, floor, user)


@router.post("/seat/sign-in")
async def sign_in(
    request: Request,
    context: ContextDep,
    user: Me,
    page: Annotated[schemas.SeatPage, Body(default_factory=schemas.SeatPage)],
) -> schemas.SipAccount:
    return sip_account(request, await seats.sign_in(context, user, holds_call=page.holds_call))


@router.post("/seat/sign-out")
async def sign_out(context: ContextDep, floor: FloorDep, user: Me) -> schemas.Seat:
    await seats.sign_out(context, user)
    return await views.seat_view(context, floor, user)


@router.post("/seat/state")
async def state(
    change: schemas.SeatStateChange, context: ContextDep, floor: FloorDep, user: Me
) -> schemas.Seat:
    await seats.choose(context, user, AgentState(change.state), change.reason)
    return await views.seat_view(context, floor, user)


@router.post("/seat/wrap-up/extend")
async def extend(context: ContextDep, floor: FloorDep, user: Me) -> schemas.Seat:
    await seats.extend_wrap_up(context, user)
    return await views.seat_view(context, floor, user)


@router.post("/seat/call/hang-up", status_code=204)
async def hang_up(context: ContextDep, user: Me) -> None:
    await context.telephony.hang_up(user.staff_no)


@router.post("/seat/call/transfer", status_code=204)
async def transfer(wanted: schemas.TransferRequest, context: ContextDep, user: Me) -> None:
    known = {target.target for target in await _targets(context, user)}
    if wanted.target not in known:
        raise InvalidInputError("target", "只能转给名单里的座席或值班电话。")
    if wanted.kind == "blind":
        await context.telephony.blind_transfer(user.staff_no, wanted.target)
    else:
        await context.telephony.transfer(user.staff_no, wanted.target)


@router.post("/seat/call/transfer/complete", status_code=204)
async def complete(context: ContextDep, user: Me) -> None:
    await context.telephony.complete_transfer(user.staff_no)


@router.post("/seat/call/transfer/cancel", status_code=204)
async def cancel(context: ContextDep, user: Me) -> None:
    await context.telephony.cancel_transfer(user.staff_no)


@router.post("/seat/call/transfer/three", status_code=204)
async def three(context: ContextDep, user: Me) -> None:
    await context.telephony.join_three(user.staff_no)


@router.get("/seat/transfer-targets")
async def targets(context: ContextDep, user: Me) -> list[schemas.TransferTarget]:
    return await _targets(context, user)


async def _targets(context: Context, user: User) -> list[schemas.TransferTarget]:
    async with context.reading() as uow:
        signed_in = [s for s in await uow.seats.everybody() if s.state is not AgentState.OFF]
        people = {person.id: person for person in await uow.staff.everybody()}
        departments = await uow.codes.departments()
    found = [
        schemas.TransferTarget(
            target=s.staff_no,
            label=f"{people[s.user_id].name} {s.staff_no}",
            detail="、".join(QUEUE_LABELS.get(q, q) for q in people[s.user_id].queues),
            kind="seat",
            state=s.state.value,
        )
        for s in signed_in
        if s.staff_no != user.staff_no
    ]
    found += [
        schemas.TransferTarget(
            target=d.duty_number, label=f"{d.name} 值班", detail=d.district, kind="duty", state=""
        )
        for d in departments
        if d.duty_number
    ]
    return found + [_emergency(number) for number in context.city.emergency]


EMERGENCY_NAMES = {"110": "公安报警", "119": "消防救援", "120": "医疗急救", "122": "交通事故"}


def _emergency(number: str) -> schemas.TransferTarget:
    name = EMERGENCY_NAMES.get(number, "应急")
    return schemas.TransferTarget(
        target=number, label=f"{number} {name}", detail="应急转接", kind="duty", state=""
    )


@router.post("/seat/dial", status_code=204)
async def dial(wanted: schemas.DialRequest, context: ContextDep, user: Me) -> None:
    await dialing.dial(
        context, user, task_id=wanted.task_id, contact_id=wanted.contact_id, number=wanted.number
    )


@router.get("/seat/work")
async def work_list(context: ContextDep, user: Me) -> list[schemas.WorkItem]:
    need(user, *OFFICE)
    return await views.work_items(context, user)


@router.get("/seat/calls")
async def calls(context: ContextDep, user: Me) -> list[schemas.MyCall]:
    return await views.my_calls(context, user)


@router.get("/seat/pop/{call_id}")
async def pop(call_id: str, context: ContextDep, user: Me) -> schemas.CallPop:
    """The call that rings or talks at this seat, and no other one."""
    async with context.reading() as uow:
        at = await uow.seats.get(user.staff_no)
        found = await views.call_pop(context, uow, user, at) if at else None
    if found is None or found.call_id != call_id:
        raise NotFoundError("这通来电")
    return found


@router.post("/work/{task_id}/take", status_code=204)
async def take(task_id: str, context: ContextDep, user: Me) -> None:
    need(user, *OFFICE)
    await work.take(context, user, task_id)


@router.post("/work/{task_id}/done", status_code=204)
async def done(task_id: str, context: ContextDep, user: Me) -> None:
    need(user, *OFFICE)
    await work.done(context, user, task_id)
