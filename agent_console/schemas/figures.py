"""Figures with the calls behind them, the wallboard, health."""

from datetime import datetime

from agent_console.schemas.base import AgentState, Schema
from agent_console.schemas.seat import QueueNow


class Figure(Schema):
    """One indicator of domain/kpi.py. `value` None = nothing to measure yet."""

    key: str  # offered answered abandoned connect_rate within_15s asa talk acw longest_wait …
    value: float | None
    unit: str  # calls, ratio, s
    target: float | None
    numerator: int | None
    denominator: int | None


class FigureSet(Schema):
    since: datetime
    until: datetime
    queue: str
    seat: str
    figures: list[Figure]


class CallRow(Schema):
    call_id: str
    at: datetime
    number: str
    dialled: str
    queue: str
    seat: str
    outcome: str
    waited_s: float | None
    talk_s: float | None
    acw_s: float | None
    recording: bool
    title: str
    case_number: str


class CallPage(Schema):
    rows: list[CallRow]
    total: int
    page: int
    size: int


class Peaks(Schema):
    duration_s: float
    peaks: list[float]


class SeatNow(Schema):
    seat: str
    name: str
    group: str
    state: AgentState
    since: datetime
    reason: str
    queue: str
    reachable: bool


class WallArea(Schema):
    district: str
    cases: int


class HotSpot(Schema):
    label: str
    count: int
    lat: float
    lon: float


class Wall(Schema):
    at: datetime
    city: str
    queues: list[QueueNow]
    waiting: int
    longest_s: float
    figures: list[Figure]
    states: dict[str, int]  # AgentState -> seats
    seats: list[SeatNow]
    overdue_cases: int
    areas: list[WallArea]
    hot_spots: list[HotSpot]
    telephony: bool


class Ready(Schema):
    ready: bool
    database: bool
    ami: bool
    fastagi: bool
