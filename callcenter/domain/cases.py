"""A case (案卷), the steps that are its immutable records, and who takes them.

What may happen to a case is in `workflow` (the table) and `case_steps` (guards and effects).
"""

from dataclasses import dataclass, field
from datetime import datetime

from callcenter.domain import workflow
from callcenter.domain.deadlines import Limit, Unit
from callcenter.domain.workflow import State, Timer


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step: a user in one of their roles, or the system itself."""

    id: str
    name: str
    roles: frozenset[str]
    department_id: str = ""


@dataclass(frozen=True, slots=True)
class StepInput:
    """What the actor says with a step; each transition's `needs` names what must be there."""

    opinion: str = ""
    reason: str = ""
    department_id: str = ""
    co_department_ids: tuple[str, ...] = ()
    condition_no: int | None = None
    condition_text: str = ""
    limit: Limit | None = None
    handler: str = ""
    result: str = ""
    until: datetime | None = None
    solved: bool | None = None
    main_case: str = ""


@dataclass
class CaseStep:
    """操作记录: written once, never changed."""

    id: str
    case_id: str
    action: str
    from_state: State
    to_state: State
    actor_id: str
    actor_name: str
    actor_role: str
    at: datetime
    opinion: str = ""
    receiver: str = ""  # department id the step goes to
    limit: str = ""
    due_at: datetime | None = None
    overdue: bool = False
    stage_used_s: float = 0.0


@dataclass
class Case:
    id: str
    number: str
    title: str
    content: str
    channel: str
    appeal: str
    urgency: str
    category: str
    category_name: str
    reported_at: datetime
    updated_at: datetime
    standard: str = ""  # the scheme that the category is of
    contact_id: str = ""
    confidential: bool = False
    public: bool = False
    wants_followup: bool = True
    condition_no: int | None = None
    condition_text: str = ""
    limit_value: float | None = None
    limit_unit: str = ""
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None
    district: str = ""
    street: str = ""
    community: str = ""
    grid_code: str = ""
    grid_label: str = ""
    filed_by: str = ""  # user id of the seat
    department_id: str = ""
    co_department_ids: list[str] = field(default_factory=list)
    handler: str = ""
    state: State = State.REPORTED
    timer: Timer = Timer.KEEP
    stage_started_at: datetime | None = None
    stage_due_at: datetime | None = None
    handle_started_at: datetime | None = None
    handle_due_at: datetime | None = None
    handle_left_s: float | None = None  # set while the handling clock is paused
    fed_back_at: datetime | None = None
    on_time: bool | None = None
    suspended_from: str = ""
    suspended_until: datetime | None = None
    extension_asked: bool = False
    extensions: int = 0
    returns: int = 0
    reworks: int = 0
    reopens: int = 0
    urges: int = 0
    reporters: int = 1
    supervised: bool = False
    check_failed: bool = False
    result: str = ""
    solved: bool | None = None
    score: int | None = None
    closed_at: datetime | None = None
    merged_into: str = ""
    version: int = 1

    @property
    def limit(self) -> Limit | None:
        return Limit(self.limit_value, Unit(self.limit_unit)) if self.limit_value else None

    @property
    def is_open(self) -> bool:
        return self.state in workflow.OPEN

    def due_at(self) -> datetime | None:
        """The deadline that counts now: the handling limit once there is one, else the stage's."""
        if self.state in workflow.ENDED:
            return None
        return self.handle_due_at or self.stage_due_at
