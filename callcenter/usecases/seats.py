"""A seat's day: sign in, ready, busy, break, wrap-up, sign out. Asterisk first, the books second."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from callcenter.domain.errors import InvalidInputError, NotAllowedError, TelephonyError
from callcenter.domain.kpi import WRAP_UP_REASON
from callcenter.domain.staff import BREAK_REASONS, AgentState, Role, Seat, SeatMoved, User
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context

log = structlog.get_logger(__name__)

SECRET_LIFE = timedelta(hours=12)
HANDSET = "handset"  # endpoint that plays the citizen in demo mode
DEVICE_GRACE = timedelta(seconds=5)
DEVICE_LOST = timedelta(minutes=10)
DEVICE_LOOKS, DEVICE_LOOK_S = 10, 0.2


@dataclass(frozen=True, slots=True)
class SoftphoneAccount:
    seat: str
    secret: str
    expires_at: datetime


def must_have_seat(user: User) -> None:
    if not user.has(Role.AGENT, Role.TEAM_LEADER) or not user.queues:
        raise NotAllowedError("您的账号没有座席技能，不能签入；请联系班长配置。")


async def sign_in(context: Context, user: User, *, holds_call: bool = True) -> SoftphoneAccount:
    """签入, or a fresh secret for a page that is open. A seat that is signed in keeps its state and its call;
    a page that says it `holds_call` no more gets its citizen back.
    """
    must_have_seat(user)
    secret, now = secrets.token_urlsafe(24), context.now()
    await context.telephony.provision(user.staff_no, secret)
    state = (await _now(context, user)).state
    if state is AgentState.OFF:
        await context.telephony.join_queues(user.staff_no, user.staff_no, user.queues, "busy")
        await _write(context, user, AgentState.BUSY, "signed_in")
    elif state is AgentState.TALKING and not holds_call:
        await context.telephony.bring_back(user.staff_no)
    return SoftphoneAccount(user.staff_no, secret, now + SECRET_LIFE)


async def handset(context: Context) -> SoftphoneAccount:
    """The demo's telephone of a citizen: an endpoint of its own, in no queue."""
    secret = secrets.token_urlsafe(24)
    await context.telephony.provision(HANDSET, secret)
    return SoftphoneAccount(HANDSET, secret, context.now() + SECRET_LIFE)


async def sign_out(context: Context, user: User) -> None:
    seat = await _now(context, user)
    if seat.state is AgentState.OFF:
        return
    seat.choose(AgentState.OFF, context.now())
    await context.telephony.leave_queues(seat.staff_no)
    await context.telephony.revoke(seat.staff_no)
    await _write(context, user, AgentState.OFF, "")


async def leave(context: Context, user: User) -> None:
    """The person leaves the console: out of the queues too, unless a citizen is still on the line."""
    try:
        await sign_out(context, user)
    except (NotAllowedError, TelephonyError):
        log.info("seat_stays", seat=user.staff_no)


async def choose(context: Context, user: User, state: AgentState, reason: str) -> None:
    """示闲, 示忙, 小休. Raises `NotAllowedError`, `InvalidInputError`, `TelephonyError`."""
    if state is AgentState.BREAK and reason not in BREAK_REASONS:
        raise InvalidInputError("reason", "请选择小休原因：用餐、休息、培训或会议。")
    if state is AgentState.READY:
        if not (await _reachable(context, user)).reachable:
            raise NotAllowedError("软电话还没有连上，现在示闲市民会听到空响；请检查网络后再试。")
        await _become_ready(context, user.staff_no, lambda seat: seat.choose(state, context.now()))
    else:
        (await _now(context, user)).choose(state, context.now(), reason)
        await _rest(context, user.staff_no, state, reason)


async def _become_ready(context: Context, staff_no: str, change: Callable[[Seat], SeatMoved | None]) -> None:
    """Books first: Asterisk may ring the seat the moment it is unpaused, and that must stay."""
    async with context.uow() as uow:
        seat = await uow.seats.get(staff_no, lock=True)
        moved = change(seat) if seat is not None else None
        if seat is None or moved is None:
            return
        _moved(context, uow, seat, moved)
        await uow.commit()
    try:
        await context.telephony.unpause(staff_no)
    except TelephonyError:
        await _rested(context, staff_no, AgentState.BUSY, "telephony")
        raise


async def _rest(context: Context, staff_no: str, state: AgentState, reason: str) -> None:
    """Asterisk first: once paused, nothing rings any more. A call that slipped in keeps the seat."""
    await context.telephony.pause(staff_no, pause_reason(Seat(staff_no, "", state, reason=reason)))
    await _rested(context, staff_no, state, reason)


async def _rested(context: Context, staff_no: str, state: AgentState, reason: str) -> None:
    async with context.uow() as uow:
        seat = await uow.seats.get(staff_no, lock=True)
        if seat is None or seat.state in _WITH_A_CITIZEN:
            return
        _moved(context, uow, seat, seat.move(state, context.now(), reason))
        await uow.commit()


_WITH_A_CITIZEN = frozenset({AgentState.RINGING, AgentState.TALKING})


async def _now(context: Context, user: User) -> Seat:
    """The seat as it is, to try a choice on. No transaction stays open while Asterisk is asked."""
    async with context.reading() as uow:
        return await _seat(uow, user)


async def _reachable(context: Context, user: User) -> Seat:
    """The page knows that its telephone registered a moment before Asterisk's event tells us."""
    for _ in range(DEVICE_LOOKS):
        seat = await _now(context, user)
        if seat.reachable:
            return seat
        await asyncio.sleep(DEVICE_LOOK_S)
    return await _now(context, user)


async def _write(context: Context, user: User, state: AgentState, reason: str) -> None:
    async with context.uow() as uow:
        seat = await _seat(uow, user)
        _moved(context, uow, seat, seat.move(state, context.now(), reason))
        await uow.commit()


async def extend_wrap_up(context: Context, user: User) -> None:
    async with context.uow() as uow:
        seat = await _seat(uow, user)
        seat.extend_wrap_up()
        _announce(context, uow, seat)
        await uow.commit()


async def may_dial(context: Context, user: User) -> None:
    """Raises `NotAllowedError` when the seat is in a call or its softphone is away."""
    seat = await _now(context, user)
    seat.choose(AgentState.DIALING, context.now())
    if not seat.reachable:
        raise NotAllowedError("软电话还没有连上，请检查网络后再拨。")


async def dialing(context: Context, user: User, number: str, call_id: str) -> None:
    """外呼: the hotline rings the seat first, then the citizen."""
    async with context.uow() as uow:
        seat = await _seat(uow, user)
        _moved(context, uow, seat, seat.choose(AgentState.DIALING, context.now()))
        seat.call_id = call_id
        await uow.commit()
    try:
        await context.telephony.pause(user.staff_no, "dialing")
        await context.telephony.dial(user.staff_no, number, call_id)
    except TelephonyError:
        await _rested(context, user.staff_no, AgentState.BUSY, "telephony")
        raise


async def by_telephony(
    context: Context, staff_no: str, change: Callable[[Seat, datetime], SeatMoved], at: datetime
) -> Seat | None:
    """Apply what Asterisk reports to the seat; None when nobody is signed in there."""
    async with context.uow() as uow:
        seat = await uow.seats.get(staff_no, lock=True)
        if seat is None:
            return None
        _moved(context, uow, seat, change(seat, at))
        await uow.commit()
    return seat


async def tick(context: Context, unreachable_since: dict[str, datetime]) -> None:
    """Each second: wrap-ups that are over become ready, seats whose softphone is gone leave the queue."""
    async with context.reading() as uow:
        seats = await uow.seats.everybody()
    for seat in seats:
        due = _due(seat, unreachable_since, context.now())
        if due is None:
            continue
        try:
            await _apply(context, seat, due, unreachable_since)
        except TelephonyError:
            log.warning("seat_not_followed", seat=seat.staff_no, state=due.value)


def _due(seat: Seat, unreachable_since: dict[str, datetime], now: datetime) -> AgentState | None:
    """What time alone makes of a seat: ready, busy, or off when its page is long gone."""
    if seat.state is AgentState.ACW and seat.wrap_up_until is not None and seat.wrap_up_until <= now:
        return AgentState.READY
    gone = unreachable_since.get(seat.staff_no)
    if gone is None:
        return None
    if seat.state is AgentState.READY and now - gone >= DEVICE_GRACE:
        return AgentState.BUSY
    if seat.state in _RESTING and now - gone >= DEVICE_LOST:
        return AgentState.OFF
    return None


_RESTING = frozenset({AgentState.BUSY, AgentState.BREAK})


async def _apply(
    context: Context, seat: Seat, due: AgentState, unreachable_since: dict[str, datetime]
) -> None:
    def still(found: Seat) -> SeatMoved | None:
        now = context.now()
        return found.move(due, now) if _due(found, unreachable_since, now) is due else None

    if due is AgentState.READY:
        await _become_ready(context, seat.staff_no, still)
    elif due is AgentState.BUSY:
        await _rest(context, seat.staff_no, due, "device")
    else:  # nobody must be kept waiting for a seat that went home without signing out
        await context.telephony.leave_queues(seat.staff_no)
        await context.telephony.revoke(seat.staff_no)
        await _rested(context, seat.staff_no, AgentState.OFF, "device")


def pause_reason(seat: Seat) -> str:
    """Why this seat must not be rung, in the words of queue_log."""
    match seat.state:
        case AgentState.BREAK:
            return f"break-{seat.reason}"
        case AgentState.ACW:
            return WRAP_UP_REASON
        case _:
            return seat.state.value


async def _seat(uow: UnitOfWork, user: User) -> Seat:
    seat = await uow.seats.get(user.staff_no)
    if seat is None:
        seat = Seat(staff_no=user.staff_no, user_id=user.id)
        uow.seats.add(seat)
    return seat


def _moved(context: Context, uow: UnitOfWork, seat: Seat, moved: SeatMoved) -> None:
    uow.seats.record(moved)
    _announce(context, uow, seat)


def _announce(context: Context, uow: UnitOfWork, seat: Seat) -> None:
    def tell() -> None:
        context.live.publish(f"seat:{seat.staff_no}", "seat.changed", {"seat": seat.staff_no})
        context.live.publish("office", "wall.changed", {})

    uow.after_commit(tell)
