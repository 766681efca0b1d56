"""Facts the core tells itself; `usecases.handlers` is the one table of what follows from each."""

from dataclasses import dataclass

from callcenter.domain.cases import Case, CaseStep, StepInput
from callcenter.domain.followups import FollowUp
from callcenter.domain.reports import Report
from callcenter.domain.staff import SeatMoved
from callcenter.domain.tasks import Task


@dataclass(frozen=True, slots=True)
class ReportFiled:
    report: Report
    case: Case | None


@dataclass(frozen=True, slots=True)
class CaseStepped:
    """`given` keeps apart what `step.opinion` joins: a reason may reach the citizen, an opinion never."""

    case: Case
    step: CaseStep
    given: StepInput


@dataclass(frozen=True, slots=True)
class FollowUpAnswered:
    followup: FollowUp
    case: Case


@dataclass(frozen=True, slots=True)
class FollowUpGaveUp:
    followup: FollowUp
    case: Case


@dataclass(frozen=True, slots=True)
class TaskCreated:
    task: Task


@dataclass(frozen=True, slots=True)
class SeatChanged:
    moved: SeatMoved


Event = ReportFiled | CaseStepped | FollowUpAnswered | FollowUpGaveUp | TaskCreated | SeatChanged
