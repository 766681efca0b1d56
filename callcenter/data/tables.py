"""Calendar, working hours and the workflow table."""

from datetime import date, time
from enum import StrEnum
from functools import cache

from callcenter.data.files import rows


class DayKind(StrEnum):
    REST = "rest"  # 休
    WORK = "work"  # 调休上班


@cache
def holidays() -> dict[date, DayKind]:
    """Days that differ from Monday-to-Friday work. Holds 2026 only; see the head of the file."""
    return {date.fromisoformat(row["date"]): DayKind(row["kind"]) for row in rows("holidays.csv")}


@cache
def working_hours() -> tuple[tuple[time, time], ...]:
    """Default office hours of a working day, local time."""
    return tuple(
        (time.fromisoformat(row["from"]), time.fromisoformat(row["to"])) for row in rows("working_hours.csv")
    )


@cache
def workflow_transitions() -> tuple[dict[str, str], ...]:
    """The seven-stage workflow as written down: action, from_state, to_state, actor, guard, effect."""
    return tuple(rows("workflow_transitions.csv"))
