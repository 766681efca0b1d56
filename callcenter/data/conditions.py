"""立案条件: each class has one or more, and each has its own limit (domain facts 1.5).

Three layers, the first that knows a condition wins: texts written for the usual classes, limits of
the example city with a numbered text, and one default for a class that neither names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from callcenter.data.categories import Standard, categories
from callcenter.data.files import rows

DEFAULT_LIMIT_WORK_DAYS = 5


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of class `code` (GB/T 30428.2-2013) with its limit.

    `unit` is urgent_hour, urgent_day (clock runs through nights and holidays), work_hour or work_day.
    `basis` is 'example' (limit of the example city) or 'proposal' (ours).
    """

    code: str
    no: int
    text: str
    value: int
    unit: str
    basis: str


@cache
def conditions() -> dict[str, tuple[Condition, ...]]:
    """Class code -> its conditions, in order, for every class of GB/T 30428.2-2013."""
    written = _by_code(_written())
    example = _by_code(_example())
    return {
        category.code: written.get(category.code) or example.get(category.code) or (_default(category.code),)
        for category in categories(Standard.GBT30428_2013)
    }


def conditions_of(code: str) -> tuple[Condition, ...]:
    """Conditions of a class; a class of another scheme gets the default one."""
    return conditions().get(code, (_default(code),))


def _written() -> Iterator[Condition]:
    for row in rows("condition_texts.csv"):
        yield Condition(
            row["code"], int(row["no"]), row["text"], int(row["value"]), row["unit"], row["basis"]
        )


def _example() -> Iterator[Condition]:
    for row in rows("case_deadlines_yuncheng.csv"):
        code = f"{row['kind']}|{row['major_code']}|{row['minor_code']}"
        no = int(row["condition_no"])
        yield Condition(code, no, f"立案条件{no}", int(row["value"]), row["unit"], "example")


def _default(code: str) -> Condition:
    return Condition(code, 1, "立案条件1", DEFAULT_LIMIT_WORK_DAYS, "work_day", "proposal")


def _by_code(found: Iterator[Condition]) -> dict[str, tuple[Condition, ...]]:
    ordered = sorted(found, key=lambda condition: (condition.code, condition.no))
    return {code: tuple(group) for code, group in groupby(ordered, key=lambda condition: condition.code)}
