"""What telephony asks and tells: implements `callcenter.ports.CallDesk`.

Asterisk's events come one after the other; the lock keeps them so while the database is written.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import structlog

from callcenter.domain.calls import Call
from callcenter.domain.contacts import PHONE, Address, Contact, normal_number
from callcenter.domain.errors import TelephonyError
from callcenter.domain.kpi import WRAP_UP_REASON
from callcenter.domain.staff import AgentState, Seat, SeatMoved
from callcenter.domain.tasks import TaskKind
from callcenter.domain.telephony import (
    CallEnded,
    CallLeftQueue,
    CallWaiting,
    QueueSnapshot,
    Route,
    Routing,
    SeatConnected,
    SeatDevice,
    SeatReleased,
    SeatRingEnded,
    SeatRinging,
    TelephonyEvent,
)
from callcenter.store import UnitOfWork
from callcenter.usecases import followup, positions, seats, work
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor

log = structlog.get_logger(__name__)

GENERAL, BUSINESS, DIALECT = "general", "business", "dialect"
PRIORITY_CALLED_IN_VAIN = 10  # the citizen called before and nobody answered


class HotlineDesk:
    """The desk that answers call flows and follows Asterisk's events."""

    def __init__(self, context: Context, floor: Floor) -> None:
        self._context = context
        self._floor = floor
        self._turn = asyncio.Lock()
        self._tellers: dict[type[Any], Callable[[Any], Awaitable[None]]] = {
            CallWaiting: self._waiting,
            SeatRinging: self._ringing,
            SeatRingEnded: self._ring_ended,
            SeatConnected: self._connected,
            SeatReleased: self._released,
            CallLeftQueue: self._left_queue,
            CallEnded: self._ended,
            SeatDevice: self._device,
            QueueSnapshot: self._snapshot,
        }

    # ------------------------------------------------------------------ questions of the call flows

    async def arrive(self, call_id: str, number: str, dialled: str) -> Routing:
        context = self._context
        async with context.uow() as uow:
            contact = await ensure_contact(context, uow, number)
            await ensure_call(context, uow, call_id, number, dialled, contact)
            routing = await self._route(uow, contact)
            await uow.commit()
        return routing

    async def _route(self, uow: UnitOfWork, contact: Contact | None) -> Routing:
        now = self._context.now()
        if contact is not None and contact.blocked(now):
            return Routing(Route.BLOCKED)
        if not (self._context.city.always_open or self._context.calendar.is_open(now)):
            return Routing(Route.NIGHT)
        on_duty = await queues_on_duty(uow)
        if not on_duty:
            return Routing(Route.NIGHT)
        return Routing(Route.QUEUE, queue_for(contact, on_duty), await priority(uow, contact))

    async def wants_callback(self, call_id: str) -> None:
        async with self._context.uow() as uow:
            call = await uow.calls.get(call_id)
            await work.create(
                self._context,
                uow,
                TaskKind.CALLBACK,
                call_id=call_id,
                contact_id=call.contact_id if call else "",
                title="市民按键要求回拨",
            )
            await uow.commit()

    async def survey_case(self, followup_id: str) -> str | None:
        return await followup.survey_case(self._context, followup_id)

    async def survey_answered(self, followup_id: str, score: int | None, solved: bool | None) -> None:
        await followup.answered_by_call(self._context, followup_id, score, solved)

    async def survey_failed(self, followup_id: str, reason: str) -> None:
        await followup.call_failed(self._context, followup_id, reason)

    # ------------------------------------------------------------------ what Asterisk tells

    async def told(self, event: TelephonyEvent) -> None:
        async with self._turn:
            await self._tellers[type(event)](event)

    def _publish_queues(self) -> None:
        self._context.live.publish("office", "queues.changed", {})
        self._context.live.publish("office", "wall.changed", {})

    async def _waiting(self, event: CallWaiting) -> None:
        self._floor.joined(event)
        self._publish_queues()

    async def _ringing(self, event: SeatRinging) -> None:
        context = self._context
        async with context.uow() as uow:
            seat = await uow.seats.get(event.seat, lock=True)
            if seat is None:
                return
            contact = await ensure_contact(context, uow, event.number)
            call = await ensure_call(context, uow, event.call_id, event.number, "", contact)
            call.queue = event.queue or call.queue
            uow.seats.record(seat.ring(event.call_id, event.at))
            audience = f"seat:{event.seat}"
            uow.after_commit(
                lambda: context.live.publish(audience, "call.ringing", {"call_id": event.call_id})
            )
            await uow.commit()
        # no seat.changed: the page would fetch all of its seat beside the one card that is urgent
        context.live.publish("office", "wall.changed", {})

    async def _ring_ended(self, event: SeatRingEnded) -> None:
        change = _ring_over(missed=not event.abandoned)
        seat = await seats.by_telephony(self._context, event.seat, change, event.at)
        if seat is not None and seat.state is AgentState.BUSY and seat.reason == "missed":
            await self._pause(seat.staff_no, "missed")
        self._context.live.publish(f"seat:{event.seat}", "call.ended", {"call_id": event.call_id})

    async def _connected(self, event: SeatConnected) -> None:
        context = self._context
        async with context.uow() as uow:
            seat = await uow.seats.get(event.seat, lock=True)
            call = await uow.calls.get(event.call_id)
            before = call.seat if call is not None else ""
            if call is not None:
                call.seat, call.queue = event.seat, event.queue or call.queue
                call.answered_at = call.answered_at or event.at
                await work.got_through(context, uow, call.contact_id)
            if seat is not None:
                uow.seats.record(seat.answer(event.call_id, event.at))
            await uow.commit()
        if before != event.seat and before in self._floor.unreachable_since:
            # its page died and did not come back in time: the citizen talks with somebody else now
            await seats.by_telephony(context, before, _away, event.at)
        self._floor.left(event.call_id)
        context.live.publish(f"seat:{event.seat}", "call.answered", {"call_id": event.call_id})
        self._publish_queues()

    async def _released(self, event: SeatReleased) -> None:
        await self._pause(event.seat, WRAP_UP_REASON)  # first, so that no call slips in between
        await seats.by_telephony(self._context, event.seat, _release, event.at)
        self._context.live.publish(f"seat:{event.seat}", "call.ended", {"call_id": event.call_id})

    async def _left_queue(self, event: CallLeftQueue) -> None:
        if self._floor.left(event.call_id):
            self._publish_queues()

    async def _ended(self, event: CallEnded) -> None:
        await positions.call_over(self._context, event.call_id)
        if self._floor.left(event.call_id):
            self._publish_queues()

    async def _device(self, event: SeatDevice) -> None:
        if event.reachable:
            self._floor.unreachable_since.pop(event.seat, None)
        else:
            self._floor.unreachable_since.setdefault(event.seat, event.at)
        async with self._context.uow() as uow:
            seat = await uow.seats.get(event.seat)
            if seat is None or seat.reachable == event.reachable:
                return
            seat.reachable = event.reachable
            await uow.commit()
        self._seat_changed(event.seat)

    async def _snapshot(self, snapshot: QueueSnapshot) -> None:
        """After a connect: what Asterisk knows replaces what was believed while nobody listened."""
        self._floor.reset(snapshot)
        members = {seat: reason for queue in snapshot.members.values() for seat, reason in queue.items()}
        async with self._context.uow() as uow:
            await bring_in(self._context, uow, snapshot)
            everybody = await uow.seats.everybody()
            for seat in everybody:
                moved = reconciled(seat, members, snapshot)
                if moved is not None:
                    uow.seats.record(moved)
            await uow.commit()
        await self._keep_quiet(everybody, members)
        for staff_no in members:
            self._seat_changed(staff_no)
        self._publish_queues()

    async def _keep_quiet(self, everybody: Sequence[Seat], members: dict[str, str]) -> None:
        """Pause whoever Asterisk would ring in wrap-up or a break: nobody told it while we were away."""
        for seat in everybody:
            if seat.state in _RESTS and members.get(seat.staff_no) == "":
                await self._pause(seat.staff_no, seats.pause_reason(seat))

    async def _pause(self, staff_no: str, reason: str) -> None:
        try:
            await self._context.telephony.pause(staff_no, reason)
        except TelephonyError:
            log.warning("pause_failed", seat=staff_no, reason=reason)

    def _seat_changed(self, staff_no: str) -> None:
        self._context.live.publish(f"seat:{staff_no}", "seat.changed", {"seat": staff_no})
        self._context.live.publish("office", "wall.changed", {})


_IN_CALL = frozenset({AgentState.TALKING, AgentState.DIALING})
_RESTS = frozenset({AgentState.ACW, AgentState.BUSY, AgentState.BREAK})


def _away(seat: Seat, at: datetime) -> SeatMoved:
    return seat.move(AgentState.BUSY, at, "device")


def _release(seat: Seat, at: datetime) -> SeatMoved:
    return seat.release(at) if seat.state in _IN_CALL else seat.move(seat.state, at, seat.reason)


def _ring_over(*, missed: bool) -> Callable[[Seat, datetime], SeatMoved]:
    def change(seat: Seat, at: datetime) -> SeatMoved:
        if seat.state is AgentState.RINGING:
            return seat.ring_ended(at, missed=missed)
        return seat.move(seat.state, at, seat.reason)

    return change


def reconciled(seat: Seat, members: dict[str, str], snapshot: QueueSnapshot) -> SeatMoved | None:
    """The move that brings a seat in line with Asterisk, None when it is already."""
    now, talking = snapshot.at, snapshot.talking.get(seat.staff_no, "")
    if seat.state is AgentState.OFF:
        return None
    if talking:
        known = seat.state is AgentState.TALKING and seat.call_id == talking
        return None if known else seat.answer(talking, now)
    if seat.staff_no not in members:
        return seat.move(AgentState.OFF, now, "resync")
    return _resting(seat, now, paused=bool(members[seat.staff_no]))


def _resting(seat: Seat, now: datetime, *, paused: bool) -> SeatMoved | None:
    """Asterisk knows no call at this seat: what it believed of one is over."""
    if seat.state in _IN_CALL:
        return seat.release(now)
    if seat.state is AgentState.RINGING:
        return seat.ring_ended(now, missed=False)
    if seat.state is AgentState.READY and paused:
        return seat.move(AgentState.BUSY, now, "resync")
    return None


async def bring_in(context: Context, uow: UnitOfWork, snapshot: QueueSnapshot) -> None:
    """Calls that came while we were away: whoever takes or has one must see who calls."""
    numbers = {call_id: snapshot.numbers.get(call_id, "") for call_id in snapshot.talking.values()}
    numbers |= {call.call_id: call.number for calls in snapshot.waiting.values() for call in calls}
    for call_id, number in numbers.items():
        contact = await ensure_contact(context, uow, number)
        await ensure_call(context, uow, call_id, number, "", contact)
    for seat, call_id in snapshot.talking.items():
        call = await uow.calls.get(call_id)
        assert call is not None  # it was there, or came in just now
        call.seat, call.answered_at = seat, call.answered_at or snapshot.at


async def ensure_contact(context: Context, uow: UnitOfWork, raw_number: str) -> Contact | None:
    """The citizen of this number; a withheld or absurd one belongs to nobody."""
    number = normal_number(raw_number)
    if not number:
        return None
    fresh = Contact(context.ids.new(), number, context.now())
    return await uow.contacts.ensure(Address(PHONE, "", number), fresh)


async def ensure_call(
    context: Context, uow: UnitOfWork, call_id: str, number: str, dialled: str, contact: Contact | None
) -> Call:
    call = await uow.calls.ensure(
        Call(
            id=call_id,
            started_at=context.now(),
            number=normal_number(number),
            dialled=dialled if dialled in context.city.numbers else "",
            contact_id=contact.id if contact else "",
        )
    )
    call.contact_id = call.contact_id or (contact.id if contact else "")
    return call


async def queues_on_duty(uow: UnitOfWork) -> frozenset[str]:
    """Queues that somebody who is signed in serves."""
    return frozenset(name for queues in await uow.seats.queues_on_duty() for name in queues)


def queue_for(contact: Contact | None, on_duty: frozenset[str]) -> str:
    """The citizen's own queue when somebody serves it now, else the general one."""
    if contact is not None and contact.language and DIALECT in on_duty:
        return DIALECT
    if contact is not None and contact.business and BUSINESS in on_duty:
        return BUSINESS
    return GENERAL if GENERAL in on_duty else min(on_duty)


async def priority(uow: UnitOfWork, contact: Contact | None) -> int:
    if contact is None:
        return 0
    waiting = await uow.tasks.open_of_contact(contact.id)
    return PRIORITY_CALLED_IN_VAIN if any(task.kind is TaskKind.MISSED for task in waiting) else 0
