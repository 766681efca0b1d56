"""Conversations find their seats: by skill and load, danger first, then who waited longest.

Runs every second: gives out what waits, takes back what a seat left behind, alarms about waits that are too
long (GB/T 33358-2016: 3 minutes), ends what nobody wrote in for days.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import structlog

from callcenter.domain.conversations import CloseCode, Conversation, ConversationState, Desk, choose
from callcenter.domain.staff import AgentState, Seat
from callcenter.store import UnitOfWork
from callcenter.usecases import conversations, dialogue
from callcenter.usecases.context import Context

log = structlog.get_logger(__name__)

IDLE = timedelta(days=7)  # a dialogue in which nobody wrote any more; a draft lives as long
IDLE_BATCH = 50
NOT_GIVEN = frozenset({AgentState.OFF, AgentState.BREAK, AgentState.RINGING})
BUSY = frozenset({AgentState.TALKING, AgentState.DIALING})


async def tick(context: Context) -> None:
    """Each part by itself: one that fails holds up no other."""
    for part in (_take_back, give_out, _alarm, _end_idle):
        try:
            await part(context)
        except Exception:
            log.exception("inbox_tick_failed", part=part.__name__)


async def give_out(context: Context) -> None:
    """Every second, and at once when something came in or was handed on."""
    async with context.reading() as uow:
        waiting = _in_order(await uow.conversations.waiting())
        desks = await _desks(uow) if waiting else []
    given: Counter[str] = Counter()
    for talk in waiting:
        passed = context.presence.handed_on_by(talk.id)
        seat = choose(_others([_loaded(desk, given) for desk in desks], passed, talk.skill), talk.skill)
        if seat and await _give(context, talk.id, seat):
            given[seat] += 1


def _in_order(waiting: Sequence[Conversation]) -> list[Conversation]:
    """Who is in danger comes before who waited longer."""
    return sorted(
        waiting, key=lambda talk: (not dialogue.in_danger(talk), talk.waiting_since or talk.updated_at)
    )


async def _desks(uow: UnitOfWork) -> list[Desk]:
    load = await uow.conversations.load()
    people = {person.id: person for person in await uow.staff.everybody()}
    return [
        Desk(seat.staff_no, frozenset(people[seat.user_id].queues), load.get(seat.staff_no, 0), _busy(seat))
        for seat in await uow.seats.everybody()
        if seat.state not in NOT_GIVEN and seat.user_id in people
    ]


def _others(desks: Sequence[Desk], passed: str, skill: str) -> Sequence[Desk]:
    """Not back to the seat that handed it on, unless nobody else can have it."""
    others = [desk for desk in desks if desk.seat != passed]
    return others if any(skill in desk.skills for desk in others) else desks


def _busy(seat: Seat) -> bool:
    return seat.state in BUSY


def _loaded(desk: Desk, given: Counter[str]) -> Desk:
    return Desk(desk.seat, desk.skills, desk.load + given[desk.seat], desk.busy)


async def _give(context: Context, talk_id: str, seat: str) -> bool:
    """False = somebody took it, or the citizen withdrew, since we looked."""
    async with context.uow() as uow:
        talk = await uow.conversations.get(talk_id, lock=True)
        if talk is None or talk.state is not ConversationState.WAITING:
            return False
        conversations.assign(context, uow, talk, seat)
        await uow.commit()
    return True


async def _take_back(context: Context) -> None:
    """A seat that signed out leaves nobody waiting for it; a page that is closed signs it out."""
    async with context.reading() as uow:
        load = await uow.conversations.load()
        there = {seat.staff_no for seat in await uow.seats.everybody() if seat.state is not AgentState.OFF}
        gone = load.keys() - there
        left = [talk for seat in gone for talk in await uow.conversations.of_seat(seat) if talk.waiting_since]
    for found in left:
        async with context.uow() as uow:
            talk = await uow.conversations.get(found.id, lock=True)
            if talk is not None and talk.state is ConversationState.ASSIGNED and talk.waiting_since:
                conversations.to_queue(context, uow, talk)
                await uow.commit()


async def _alarm(context: Context) -> None:
    async with context.reading() as uow:
        late = await uow.conversations.overdue(context.now())
    for talk in late:
        if talk.waiting_since and context.presence.alarm_once(talk.id, talk.waiting_since):
            audiences = ["role:team_leader", *([f"seat:{talk.seat}"] if talk.seat else [])]
            for audience in audiences:
                context.live.publish(audience, "inbox.alarm", {"id": talk.id})


async def _end_idle(context: Context) -> None:
    """What nobody wrote in for days, unless somebody waits in it or a report in it is not registered."""
    before = context.now() - IDLE
    async with context.reading() as uow:
        idle = [
            talk.id for talk in await uow.conversations.idle(before, IDLE_BATCH) if not talk.waiting_since
        ]
    for talk_id in idle:
        async with context.uow() as uow:
            talk = await uow.conversations.get(talk_id, lock=True)
            if talk is None or not talk.is_open or talk.waiting_since or talk.updated_at >= before:
                continue
            if await uow.reports.pending(talk.id) is None:
                conversations.end(context, uow, talk, CloseCode.NO_ANSWER, by="")
                await uow.commit()
