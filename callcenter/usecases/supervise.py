"""Figures and the wallboard: every number from recorded events, every number with its calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.domain import kpi
from callcenter.domain.errors import InvalidInputError
from callcenter.domain.kpi import Measured, QueuedCall
from callcenter.usecases.context import Context

LONGEST_CALL = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls count: those that entered in [since, until), of one queue or seat or all."""

    since: datetime
    until: datetime
    queue: str = ""
    seat: str = ""


async def counted_calls(context: Context, scope: Scope) -> list[QueuedCall]:
    async with context.reading() as uow:
        if scope.since == context.today() and scope.until > context.now():
            calls = await context.day.calls(uow.books, scope.since)
        else:
            ends = scope.until + LONGEST_CALL  # who called before midnight may be served after it
            calls = kpi.queued_calls(await uow.books.between(scope.since, ends))
    return [
        call
        for call in calls
        if call.entered_at < scope.until
        and (not scope.queue or scope.queue == call.queue)
        and (not scope.seat or scope.seat == call.seat)
    ]


async def figures(context: Context, scope: Scope) -> Sequence[Measured]:
    return kpi.figures(await counted_calls(context, scope))


async def calls_behind(context: Context, key: str, scope: Scope) -> list[QueuedCall]:
    """The calls a figure counts, newest first. Raises `InvalidInputError` for an unknown figure."""
    if key not in kpi.BEHIND:
        raise InvalidInputError("figure", "没有这个指标。")
    return sorted(
        kpi.behind(key, await counted_calls(context, scope)), key=lambda call: call.entered_at, reverse=True
    )
