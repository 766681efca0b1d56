"""Departments of the demo city, its 派单目录 (who is responsible for what) and its staff.

Data only; the workflow decides what a responsible department does. People are invented.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callcenter.data.files import rows

FILES = "callcenter.demo.files"
AREA = "area"


@dataclass(frozen=True, slots=True)
class Department:
    """`kind`: 'owner' is responsible for what belongs to it, 'area' for what happens in `district`."""

    id: str
    name: str
    short_name: str
    kind: str
    district: str
    duty_line: str
    duty: str


@dataclass(frozen=True, slots=True)
class DispatchRule:
    """One line of the 派单目录. `pattern` is a category code or the beginning of one, whole parts only.

    `lead` and `support` are department ids, or 'area' for the one of the district concerned.
    """

    clause: str
    pattern: str
    lead: str
    support: str
    text: str

    def covers(self, code: str) -> bool:
        return f"{code}|".startswith(f"{self.pattern}|")


@dataclass(frozen=True, slots=True)
class Staff:
    """`queues`: queue name -> penalty (0 = rung first); empty for those who take no calls."""

    staff_no: str
    name: str
    role: str
    group: str
    department: str
    queues: Mapping[str, int]


def departments() -> tuple[Department, ...]:
    return tuple(Department(**row) for row in rows("departments.csv", FILES))


def dispatch_rules() -> tuple[DispatchRule, ...]:
    return tuple(DispatchRule(**row) for row in rows("dispatch_rules.csv", FILES))


def staff() -> tuple[Staff, ...]:
    return tuple(
        Staff(
            row["staff_no"], row["name"], row["role"], row["group"], row["department"], _queues(row["queues"])
        )
        for row in rows("staff.csv", FILES)
    )


def best_rule(rules: Sequence[DispatchRule], code: str) -> DispatchRule | None:
    """The most particular rule for a category: the owner's before the area's (先属主后属地)."""
    fitting = [rule for rule in rules if rule.covers(code)]
    return max(fitting, key=lambda rule: len(rule.pattern), default=None)


def resolve(duty: str, district: str, known: Sequence[Department]) -> Department | None:
    """The department that `lead` or `support` of a rule means in this district."""
    return next(
        (d for d in known if (d.id == duty if duty != AREA else d.kind == AREA and d.district == district)),
        None,
    )


def _queues(text: str) -> dict[str, int]:
    pairs = (part.split(":") for part in text.split())
    return {name: int(penalty) for name, penalty in pairs}
