"""What was suggested for a report, by which words, and what the seat chose; the shadow's word beside it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from callcenter.domain.reports import Report
from callcenter.domain.rules import Acceptance, SuggestionRecord, rank_of
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context


@dataclass(frozen=True, slots=True)
class Suggested:
    """As it stood on the form when it was sent: best first, with confidences from 0 to 1."""

    version: str = ""  # '' = nothing had been suggested yet
    categories: Sequence[tuple[str, float]] = ()
    places: Sequence[tuple[str, float]] = ()


NOTHING_SUGGESTED = Suggested()


@dataclass(frozen=True, slots=True)
class Beside:
    """What the version in shadow would have suggested; never shown."""

    version: int = 0
    categories: Sequence[tuple[str, float]] = ()


async def beside(context: Context, text: str) -> Beside:
    shadow, engine = context.lab.shadow, context.lab.engine
    if shadow is None:
        return Beside()
    found = await asyncio.to_thread(lambda: shadow.rules.rank(engine.read(text)))
    return Beside(shadow.number, [(one.code, one.confidence) for one in found])


def keep(context: Context, uow: UnitOfWork, report: Report, suggested: Suggested, beside: Beside) -> None:
    """In the transaction of the report. Nothing was shown: nothing is kept."""
    if not suggested.version:
        return
    codes = [code for code, _ in suggested.categories]
    shadow = [code for code, _ in beside.categories]
    places = [label for label, _ in suggested.places]
    local = report.filed_at.astimezone(context.calendar.zone)
    record = SuggestionRecord(
        report_id=report.id,
        at=report.filed_at,
        day=f"{local:%Y%m%d}",
        standard=report.standard,
        version=suggested.version,
        chosen=report.category,
        first=codes[0] if codes else "",
        rank=rank_of(report.category, codes),
        shown=[list(one) for one in suggested.categories],
        places=[list(one) for one in suggested.places],
        place=report.place,
        place_rank=places.index(report.place) + 1 if report.place in places else 0,
        shadow_version=beside.version,
        shadow=[list(one) for one in beside.categories],
        shadow_first=shadow[0] if shadow else "",
        shadow_rank=rank_of(report.category, shadow) if beside.version else 0,
    )
    uow.rules.suggested(record)


async def acceptance(context: Context, days: int) -> Sequence[Acceptance]:
    """Per day and class that was suggested first, over the last `days` days."""
    since = (context.today() - timedelta(days=days)).astimezone(context.calendar.zone)
    async with context.reading() as uow:
        return await uow.rules.acceptance(context.city.standard, f"{since:%Y%m%d}")
