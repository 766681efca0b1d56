"""When the service learns, from what, and what it does with it."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from callcenter.db.engine import open_engine
from callcenter.domain.lessons import Lesson
from callcenter.domain.rules import Confirmed
from callcenter.usecases.learning import HOUR, LEAST, NightSchool
from tests.builders import FRIDAY_10, STANDARD, context_on

NIGHT = FRIDAY_10 + timedelta(hours=17)  # 03:00 in China
CATEGORIES = [SimpleNamespace(code="事件|05|05", name="路面塌陷")]


class Book:
    """A unit of work that knows confirmed choices and category names only."""

    def __init__(self, texts: int) -> None:
        self._texts = texts
        self.rules = self.codes = self

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None

    async def confirmed(self, standard, since, limit):
        return [
            Confirmed(str(number), str(number), f"第{number}件", "事件|05|05", FRIDAY_10)
            for number in range(min(self._texts, limit))
        ]

    async def categories(self, standard):
        return CATEGORIES


@pytest.fixture
async def context(tmp_path):
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/unused.db")
    made = context_on(engine)
    made.reading = lambda: Book(LEAST)
    made.clock.at = NIGHT
    yield made
    await engine.dispose()


def test_the_hour_is_at_night():
    assert HOUR in range(1, 5)


async def test_confirmed_choices_are_learned_once_a_night_and_what_is_better_is_taken_up(context):
    school = NightSchool()
    for _ in range(3):
        await school.tick(context)
    assert [(standard, len(choices)) for standard, choices in context.learner.learned] == [(STANDARD, LEAST)]
    assert context.learner.learned[0][1][0] == ("事件|05|05", "第0件")
    assert context.learner.resumed == [(STANDARD, {"事件|05|05": "路面塌陷"})] * 2
    context.clock.pass_by(days=1)
    await school.tick(context)
    assert len(context.learner.learned) == 2


async def test_what_is_not_better_is_not_taken_up(context):
    context.learner.lesson = Lesson(2_000, 0.8, 0.8, 3, kept=False)
    await NightSchool().tick(context)
    assert len(context.learner.resumed) == 1  # the one at the start


async def test_by_day_and_with_too_few_choices_nothing_is_learned(context):
    context.clock.at = FRIDAY_10
    await NightSchool().tick(context)
    context.clock.at = NIGHT
    context.reading = lambda: Book(LEAST - 1)
    await NightSchool().tick(context)
    assert context.learner.learned == []


async def test_another_scheme_in_force_brings_its_own_model(context):
    school = NightSchool()
    context.clock.at = FRIDAY_10
    await school.tick(context)
    context.city = replace(context.city, standard="CJ/T 214-2007")
    await school.tick(context)
    assert [standard for standard, _ in context.learner.resumed] == [STANDARD, "CJ/T 214-2007"]


async def test_a_night_that_fails_is_not_tried_again_until_the_next(context):
    class Failing:
        tries = 0

        async def resume(self, standard, names):
            return None

        async def learn(self, standard, choices):
            self.tries += 1
            raise RuntimeError("no memory")

    context.learner = Failing()
    school = NightSchool()
    with pytest.raises(RuntimeError):
        await school.tick(context)
    await school.tick(context)
    assert context.learner.tries == 1
