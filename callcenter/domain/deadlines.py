"""Limits and the two clocks they run on (domain notes 2.4). Local time comes in as a tzinfo.

紧急工作时 and 紧急工作日 run day and night; 工作时 and 工作日 follow the legal working calendar,
eight hours being one working day.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

WORK_DAY_S = 8 * 3600
SATURDAY = 5


class Unit(StrEnum):
    URGENT_HOUR = "urgent_hour"  # 紧急工作时
    URGENT_DAY = "urgent_day"  # 紧急工作日
    WORK_HOUR = "work_hour"  # 工作时
    WORK_DAY = "work_day"  # 工作日


LABELS = {
    Unit.URGENT_HOUR: "紧急工作时",
    Unit.URGENT_DAY: "紧急工作日",
    Unit.WORK_HOUR: "工作时",
    Unit.WORK_DAY: "工作日",
}
_SECONDS = {
    Unit.URGENT_HOUR: 3600,
    Unit.URGENT_DAY: 24 * 3600,
    Unit.WORK_HOUR: 3600,
    Unit.WORK_DAY: WORK_DAY_S,
}
_CLOCK = frozenset({Unit.URGENT_HOUR, Unit.URGENT_DAY})


@dataclass(frozen=True, slots=True)
class Limit:
    value: float
    unit: Unit

    @property
    def seconds(self) -> float:
        return self.value * _SECONDS[self.unit]

    @property
    def on_clock(self) -> bool:
        """True = runs day and night."""
        return self.unit in _CLOCK

    @property
    def label(self) -> str:
        """In the words of the trade; parts of an hour in minutes, as people say them."""
        if self.unit is Unit.URGENT_HOUR and self.value < 1:
            return f"{self.value * 60:g} 分钟"
        return f"{self.value:g} {LABELS[self.unit]}"


@dataclass(frozen=True)
class WorkCalendar:
    """Legal working time: `holidays` are days off, `extra_days` weekends that are worked (调休)."""

    zone: tzinfo
    holidays: frozenset[date] = frozenset()
    extra_days: frozenset[date] = frozenset()
    hours: tuple[tuple[time, time], ...] = field(default=((time(8), time(12)), (time(14), time(18))))

    def is_work_day(self, day: date) -> bool:
        if day in self.extra_days:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays

    def is_open(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        return self.is_work_day(local.date()) and any(a <= local.time() < b for a, b in self.hours)

    def _slots(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working slots from `start` on, the first cut at `start`, in time order."""
        day = start.astimezone(self.zone).date()
        while True:
            if self.is_work_day(day):
                for opens, closes in self.hours:
                    begin = max(datetime.combine(day, opens, self.zone), start)
                    end = datetime.combine(day, closes, self.zone)
                    if begin < end:
                        yield begin, end
            day += timedelta(days=1)

    def after(self, start: datetime, seconds: float, *, on_clock: bool) -> datetime:
        """The moment when `seconds` of clock or working time have passed since `start`."""
        if on_clock:
            return start + timedelta(seconds=seconds)
        left = timedelta(seconds=seconds)
        for begin, end in self._slots(start):
            if end - begin >= left:
                return (begin + left).astimezone(start.tzinfo)
            left -= end - begin
        raise AssertionError("a calendar without working days")

    def due(self, start: datetime, limit: Limit) -> datetime:
        return self.after(start, limit.seconds, on_clock=limit.on_clock)

    def between(self, start: datetime, end: datetime, *, on_clock: bool) -> float:
        """Seconds of clock or working time from `start` to `end`; negative when end is earlier."""
        if end < start:
            return -self.between(end, start, on_clock=on_clock)
        if on_clock:
            return (end - start).total_seconds()
        total = 0.0
        for begin, close in self._slots(start):
            if begin >= end:
                return total
            total += (min(close, end) - begin).total_seconds()
        return total


def quiet(moment: datetime, zone: tzinfo, begins: time, ends: time) -> bool:
    """True within the quiet hours, which may pass midnight (21:00 to 08:00)."""
    local = moment.astimezone(zone).time()
    if begins <= ends:
        return begins <= local < ends
    return local >= begins or local < ends


def quiet_until(moment: datetime, zone: tzinfo, begins: time, ends: time) -> datetime:
    """The end of the quiet hours that `moment` lies in; `moment` itself outside them."""
    if not quiet(moment, zone, begins, ends):
        return moment
    local = moment.astimezone(zone)
    wake = datetime.combine(local.date(), ends, zone)
    return (wake if wake > local else wake + timedelta(days=1)).astimezone(moment.tzinfo)
