"""Every night the choices that people confirmed become a model of the categories, if it is better.

Below `LEAST` confirmed texts keyword scores are better than any model, so nothing is learned before.
"""

from datetime import date

import structlog

from callcenter.usecases.context import Context

log = structlog.get_logger(__name__)

LEAST = 1_500  # confirmed texts of the scheme in force
MOST = 20_000  # the newest ones
HOUR = 3  # of the city's night, when hardly anybody calls


class NightSchool:
    """Keeps the model beside the scheme in force, and lets it learn once a night."""

    def __init__(self) -> None:
        self._standard = ""
        self._night: date | None = None

    async def tick(self, context: Context) -> None:
        """Called every few seconds; takes minutes in the one round a night in which something is learned."""
        if self._standard != context.city.standard:
            await self._resume(context)
        local = context.now().astimezone(context.calendar.zone)
        if local.hour == HOUR and self._night != local.date():
            self._night = local.date()  # a night that fails is not tried again and again
            await self._learn(context)

    async def _resume(self, context: Context) -> None:
        standard = context.city.standard
        async with context.reading() as uow:
            names = {one.code: one.name for one in await uow.codes.categories(standard)}
        await context.learner.resume(standard, names)
        self._standard = standard

    async def _learn(self, context: Context) -> None:
        standard = self._standard
        async with context.reading() as uow:
            confirmed = await uow.rules.confirmed(standard, None, MOST)
        if len(confirmed) < LEAST:
            log.info("too_little_to_learn", texts=len(confirmed), least=LEAST)
            return
        lesson = await context.learner.learn(standard, [(one.code, one.content) for one in confirmed])
        log.info(
            "learned_from_choices",
            texts=lesson.texts,
            before=round(lesson.before, 4),
            after=round(lesson.after, 4),
            handed_over=lesson.handed_over,
            kept=lesson.kept,
        )
        if lesson.kept:
            await self._resume(context)
