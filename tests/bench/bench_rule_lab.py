"""How long a supervisor waits for the effect of a word on ten thousand confirmed reports.

No database: the reports are the demo city's, told again and again. Figures are printed, ratios asserted.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from callcenter.demo.city import demo_city
from callcenter.demo.confirmed import past_reports
from callcenter.domain.rules import Confirmed, RuleWord
from callcenter.usecases.rule_lab import Effect, RuleLab, Table
from nlp.live import LiveClassifier
from nlp.rule_engine import LiveRuleEngine
from tests.bench.measure import say

REPORTS = 10_000
PADDING = "市民称已经多次反映，至今没有人来处理，希望有关部门尽快派人到现场看一看，并且电话告知处理结果。"
STANDARD = "GB/T 30428.2-2013"
WAIT_S = 2.0


def reports() -> list[Confirmed]:
    """Two tellings each, so that most tell of several matters, as telephone notes do."""
    city = demo_city().map
    told = list(past_reports([r.name for r in city.roads], [p.name for p in city.places]))
    dice, now = random.Random(1), datetime(2026, 11, 20, tzinfo=UTC)
    picked = [(dice.choice(told), dice.choice(told)) for _ in range(REPORTS)]
    return [
        Confirmed(str(n), str(n), f"{a.text}{PADDING}{b.text}", a.category, now - timedelta(minutes=n))
        for n, (a, b) in enumerate(picked)
    ]


class Rows:
    def __init__(self, found: Sequence[Confirmed]) -> None:
        self._found = found

    async def confirmed(self, _standard: str, since: datetime | None, limit: int) -> Sequence[Confirmed]:
        return self._found[:1] if since else self._found[:limit]


async def measured(lab: RuleLab, rows: Rows, base: Table, draft: Table) -> tuple[Effect, float, float]:
    """The effect, seconds until it was there, and by how many the loop was late at worst."""

    @asynccontextmanager
    async def reading():
        yield SimpleNamespace(rules=rows)

    began, late = time.perf_counter(), 0.0
    task = lab.measure(reading, STANDARD, base, draft).task
    assert task is not None
    while not task.done():
        asked = time.perf_counter()
        await asyncio.sleep(0.005)
        late = max(late, time.perf_counter() - asked - 0.005)
    return task.result(), time.perf_counter() - began, late


async def test_the_effect_of_a_word_is_there_before_the_supervisor_looks_up() -> None:
    names = [place.name for place in demo_city().map.places]
    engine = LiveRuleEngine(LiveClassifier(names), names)
    lab, rows, words = RuleLab(engine), Rows(reports()), list(engine.shipped())
    base = Table(1, 0, words)
    _, first_s, first_late = await measured(lab, rows, base, base)
    say(f"first look, {REPORTS} reports: {first_s:.1f} s, loop late by {first_late * 1000:.0f} ms at worst")
    edits = (
        ("深窝窝", 2.6, "a new word in no report"),
        ("饭馆", 2.6, "a word in some reports"),
        ("路上", 1.2, "a word in many reports"),
    )
    for number, (term, weight, what) in enumerate(edits, start=1):
        draft = Table(2, number, [*words, RuleWord("事件|05|05", "路面塌陷", "关键词", term, weight)])
        effect, seconds, late = await measured(lab, rows, base, draft)
        say(f"{what}: {seconds:.2f} s, {len(effect.flips)} flips, loop late by {late * 1000:.0f} ms")
        assert seconds < max(WAIT_S, first_s / 2)
