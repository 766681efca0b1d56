"""The wallboard: one picture of now and of today, every number with its calls behind it."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from agent_console import schemas
from agent_console.views import rows, seat
from callcenter.domain import kpi
from callcenter.domain.cases import Case
from callcenter.domain.staff import AgentState, Seat, User
from callcenter.usecases import supervise
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor

HOT_WINDOW = timedelta(minutes=30)
HOT_COUNT = 3  # this many reports of one class in one street within the window make a hot spot


async def wall(context: Context, floor: Floor) -> schemas.Wall:
    calls = await supervise.counted_calls(context, seat.today(context))
    now = context.now()
    async with context.reading() as uow:
        seats = await uow.seats.everybody()
        users = {person.id: person for person in await uow.staff.everybody()}
        areas = await uow.cases.per_district(context.today())
        overdue = await uow.cases.overdue(now)
        fresh = await uow.cases.open_since(now - HOT_WINDOW, 200)
    queues = rows.queues_now(context, floor, seats, users, calls)
    return schemas.Wall(
        at=now,
        city=context.city.name,
        queues=queues,
        waiting=sum(queue.waiting for queue in queues),
        longest_s=max((queue.longest_s for queue in queues), default=0.0),
        figures=[rows.figure(measured) for measured in kpi.figures(calls)],
        states=dict(Counter(s.state.value for s in seats if s.state is not AgentState.OFF)),
        seats=[_seat_now(s, users[s.user_id]) for s in seats if s.state is not AgentState.OFF],
        overdue_cases=overdue,
        areas=[schemas.WallArea(district=name, cases=count) for name, count in areas.items()],
        hot_spots=_hot_spots(fresh),
        telephony=context.telephony.connected,
    )


def _seat_now(at: Seat, user: User) -> schemas.SeatNow:
    return schemas.SeatNow(
        seat=at.staff_no,
        name=user.name,
        group=user.group,
        state=at.state.value,
        since=at.since,  # type: ignore[arg-type]  # a seat that is not off has a time
        reason=at.reason,
        queue=min(user.queues, key=lambda name: user.queues[name], default=""),
        reachable=at.reachable,
    )


def _hot_spots(cases: Sequence[Case]) -> list[schemas.HotSpot]:
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        groups.setdefault((case.street, case.category_name), []).append(case)
    hot = [(key, group) for key, group in groups.items() if sum(c.reporters for c in group) >= HOT_COUNT]
    return [_hot_spot(key, group) for key, group in hot if group[0].lat is not None][:2]


def _hot_spot(key: tuple[str, str], group: list[Case]) -> schemas.HotSpot:
    at = group[0]
    assert at.lat is not None
    assert at.lon is not None
    return schemas.HotSpot(label=key[1], count=sum(case.reporters for case in group), lat=at.lat, lon=at.lon)
