"""The seat's page: state, the call at hand, queues, the day so far."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_console import schemas
from agent_console.views import people, rows
from callcenter.domain import kpi
from callcenter.domain.calls import Call
from callcenter.domain.contacts import mask
from callcenter.domain.staff import MAX_EXTENSIONS, AgentState, Seat, SeatMoved, User
from callcenter.domain.tasks import Task
from callcenter.store import UnitOfWork
from callcenter.usecases import supervise
from callcenter.usecases.context import Context
from callcenter.usecases.floor import QUEUE_LABELS, Floor
from callcenter.usecases.supervise import Scope

BREAK_QUOTA_S = 40 * 60.0
RATING_DAYS = timedelta(days=3)


async def seat_view(context: Context, floor: Floor, user: User) -> schemas.Seat:
    calls = await supervise.counted_calls(context, today(context))
    staff_no = user.staff_no
    async with context.reading() as uow:
        seats = await uow.seats.everybody()
        users = {person.id: person for person in await uow.staff.everybody()}
        seat = next((s for s in seats if s.staff_no == user.staff_no), None)
        seat = seat or Seat(staff_no=user.staff_no, user_id=user.id, since=context.now())
        moves = await uow.seats.moves(user.staff_no, context.today())
        return schemas.Seat(
            state=seat.state.value,
            since=seat.since or context.now(),
            reason=seat.reason,
            wrap_up_until=seat.wrap_up_until,
            extensions_left=MAX_EXTENSIONS - seat.extensions,
            break_left_s=max(0.0, BREAK_QUOTA_S - _on_break(moves, context.now())),
            call=await call_pop(context, uow, user, seat),
            queues=rows.queues_now(context, floor, seats, users, calls),
            today=await _today(context, uow, user, [call for call in calls if call.seat == staff_no]),
            greeting=greeting(context, user),
        )


def greeting(context: Context, user: User) -> str:
    """开场白 with the number of the agent (工号播报)."""
    city = context.city.name.removesuffix("市")
    return f"您好，{city} 12345，工号 {user.staff_no} 为您服务，请讲。"


def today(context: Context) -> Scope:
    return Scope(context.today(), context.now() + timedelta(minutes=1))


def _on_break(moves: Sequence[SeatMoved], now: datetime) -> float:
    """Seconds of today's breaks, the running one included."""
    total, begun = 0.0, None
    for moved in moves:
        if begun is not None:
            total += (moved.at - begun).total_seconds()
        begun = moved.at if moved.to_state is AgentState.BREAK else None
    return total + ((now - begun).total_seconds() if begun else 0.0)


async def call_pop(context: Context, uow: UnitOfWork, user: User, seat: Seat) -> schemas.CallPop | None:
    """The call at this seat; in wrap-up still the one that just ended."""
    call_id = seat.call_id or (seat.last_call_id if seat.state is AgentState.ACW else "")
    call = await uow.calls.get(call_id) if call_id else None
    if call is None:
        return None
    contact = await uow.contacts.get(call.contact_id) if call.contact_id else None
    report = await uow.reports.of_call(call.id)
    return schemas.CallPop(
        call_id=call.id,
        direction="out" if call.direction == "out" else "in",
        dialled=call.dialled,
        queue=call.queue,
        queue_label=QUEUE_LABELS.get(call.queue, call.queue),
        ringing_at=seat.ringing_at,
        answered_at=seat.answered_at,
        ended_at=call.ended_at or (seat.since if seat.state is AgentState.ACW else None),
        waited_s=_waited(call, seat, context.now()),
        caller=await people.caller_card(context, uow, user, contact),
        report_id=report.id if report else "",
    )


def _waited(call: Call, seat: Seat, now: datetime) -> float:
    until = call.answered_at or seat.answered_at or now
    return max(0.0, (until - call.started_at).total_seconds())


async def _today(
    context: Context, uow: UnitOfWork, user: User, mine: list[kpi.QueuedCall]
) -> schemas.SeatToday:
    measured = {figure.key: figure for figure in kpi.figures(mine)}
    ratings = await uow.followups.ratings(user.id, context.today() - RATING_DAYS)
    scores = [followup.score for followup, _ in ratings if followup.score is not None]
    return schemas.SeatToday(
        answered=int(measured["answered"].value or 0),
        within_15s=measured["within_15s"].value,
        talk_s=measured["talk"].value,
        acw_s=measured["acw"].value,
        returned=sum(task.kind.value == "returned" for task in await uow.tasks.open(user.staff_no)),
        score=sum(scores) / len(scores) if scores else None,
        ratings=[
            schemas.RatingEntry(
                at=followup.answered_at or followup.asked_at,
                score=followup.score or 0,
                comment="",
                title=case.title,
            )
            for followup, case in ratings[:3]
        ],
    )


async def work_items(context: Context, user: User) -> list[schemas.WorkItem]:
    async with context.reading() as uow:
        tasks = await uow.tasks.open(user.staff_no)
        items = [await _work_item(uow, task) for task in tasks]
        drafts = await uow.notes.drafts(user.id)
    items += [
        schemas.WorkItem(
            id=f"draft:{note.key}",
            kind="draft",
            number="",
            title=str(note.body.get("content", ""))[:40] or "未写内容的草稿",
            detail="",
            danger=False,
            due_at=None,
            case_number="",
            call_id=note.key,
            contact_id=str(note.body.get("contact_id", "")),
            taken_by="",
        )
        for note in drafts
    ]
    return items


async def _work_item(uow: UnitOfWork, task: Task) -> schemas.WorkItem:
    contact = await uow.contacts.get(task.contact_id) if task.contact_id else None
    case = await uow.cases.get(task.case_id) if task.case_id else None
    taker = await uow.staff.get(task.taken_by) if task.taken_by else None
    return schemas.WorkItem(
        id=task.id,
        kind=task.kind.value,
        number=mask(contact.number) if contact else mask(""),
        title=task.title,
        detail=task.detail,
        danger=task.danger,
        due_at=task.due_at,
        case_number=case.number if case else "",
        call_id=task.call_id,
        contact_id=task.contact_id,
        taken_by=taker.name if taker else "",
    )


async def my_calls(context: Context, user: User) -> list[schemas.MyCall]:
    async with context.reading() as uow:
        calls = await uow.calls.of_seat(user.staff_no, context.today(), 20)
        reports = await uow.reports.of_calls(call.id for call in calls)
        cases = await uow.cases.some(report.case_id for report in reports.values() if report.case_id)
    return [
        schemas.MyCall(
            call_id=call.id,
            at=call.started_at,
            number=mask(call.number),
            title=reports[call.id].title if call.id in reports else "未登记",
            talk_s=call.talk_s,
            result=people.DECISION_WORDS[reports[call.id].decision.value] if call.id in reports else "",
            case_number=cases[reports[call.id].case_id].number
            if call.id in reports and reports[call.id].case_id in cases
            else "",
        )
        for call in calls
    ]
