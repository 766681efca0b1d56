"""Figures and the wallboard: every number from recorded events, every number with its calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callcenter.domain import kpi
from callcenter.domain.errors import InvalidInputError
from callcenter.domain.kpi import Measured, QueuedCall
from callcenter.usecases.context import Context


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls count: those that entered in [since, until), of one queue or seat or all."""

    since: datetime
    until: datetime
    queue: str = ""
    seat: str = ""


async def counted_calls(context: Context, scope: Scope) -> list[QueuedCall]:
    async with context.uow() as uow:
        entries = await uow.books.between(scope.since, scope.until)
    calls = kpi.queued_calls(entries)
    return [call for call in calls if scope.queue in {"", call.queue} and scope.seat in {"", call.seat}]


async def figures(context: Context, scope: Scope) -> Sequence[Measured]:
    return kpi.figures(await counted_calls(context, scope))


async def calls_behind(context: Context, key: str, scope: Scope) -> list[QueuedCall]:
    """The calls a figure counts, newest first. Raises `InvalidInputError` for an unknown figure."""
    if key not in kpi.BEHIND:
        raise InvalidInputError("figure", "没有这个指标。")
    return sorted(
        kpi.behind(key, await counted_calls(context, scope)), key=lambda call: call.entered_at, reverse=True
    )
