"""Some hundred reports of the last weeks, as seats confirmed them: what the rule laboratory measures on.

Templates filled with the demo city's roads and places; the same seed always tells the same weeks.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from callcenter.data.files import rows
from callcenter.demo.stories import FILES

EACH = 6  # tellings of one template
DAYS = 28
SEED = 12345


@dataclass(frozen=True, slots=True)
class PastReport:
    """`category` '' = none of the classes. `age` from 16 hours on: today's figures are not touched."""

    text: str
    category: str
    place: str
    age: timedelta


def past_reports(roads: Sequence[str], places: Sequence[str]) -> Iterator[PastReport]:
    dice = random.Random(SEED)  # noqa: S311 - a story, no secret
    for row in rows("confirmed.csv", FILES):
        for _ in range(EACH):
            road, place = dice.choice(roads), dice.choice(places)
            yield PastReport(
                text=row["text"].replace("{路}", road).replace("{点}", place),
                category=row["code"],
                place=road if "{路}" in row["text"] else place if "{点}" in row["text"] else "",
                age=timedelta(hours=16 + dice.random() * 24 * DAYS),
            )
