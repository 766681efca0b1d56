"""办理进度 as the citizen reads it: where the matter stands, and what was done for it.

Words for citizens only: no name of anybody, no opinion that was written between offices.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from callcenter.domain.cases import Case, CaseStep
from callcenter.domain.reports import Decision, Report
from callcenter.domain.workflow import State

STAGES = ("收到", "受理", "派单", "处理", "核查", "办结")
LAST = len(STAGES)

# state -> (stage that is under way or, in the end, the last one; words)
STATES: Mapping[State, tuple[int, str]] = {
    State.REPORTED: (1, "已登记，等待受理"),
    State.PENDING_VERIFY: (1, "正在核实"),
    State.PENDING_REGISTER: (1, "已登记，等待受理"),
    State.NOT_ACCEPTED: (LAST, "不予受理"),
    State.CANCELLED: (LAST, "已撤销"),
    State.MERGED: (LAST, "已并入同类诉求"),
    State.PENDING_DISPATCH: (2, "已受理，等待派单"),
    State.RETURNED: (3, "正在改派"),
    State.PENDING_HANDLE: (3, "已派单，等待处理"),
    State.HANDLING: (4, "处理中"),
    State.SUSPENDED: (4, "暂缓处理"),
    State.HANDLE_FINISH: (5, "已处理，正在核查"),
    State.PENDING_CHECK: (5, "已处理，正在核查"),
    State.CHECKING: (5, "已处理，正在核查"),
    State.PENDING_CLOSE: (5, "已处理，等待办结"),
    State.CLOSED: (LAST, "已办结"),
    State.FORCED_CLOSE: (LAST, "已办结"),
}

DECIDED: Mapping[Decision, tuple[int, str]] = {
    Decision.PENDING: (1, "已收到，等待登记"),
    Decision.ANSWER: (LAST, "已答复"),
    Decision.REFUSE: (LAST, "未受理"),
    Decision.CASE: (1, "已登记，等待受理"),
    Decision.JOIN: (1, "已并入同类诉求"),
}


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """`stage` counts from 1; that stage is under way unless `ended`."""

    stage: int
    state: str
    ended: bool


def standing(report: Report, case: Case | None) -> Standing:
    if case is not None:
        return Standing(*STATES[case.state], ended=not case.is_open)
    stage, words = DECIDED[report.decision]
    return Standing(stage, words, ended=stage == LAST)


def history(
    report: Report, case: Case | None, steps: Sequence[CaseStep], departments: Mapping[str, str]
) -> list[Happened]:
    """Newest first. `departments`: id -> name."""
    told = [Happened(report.filed_at, "收到您的反映", f"编号 {report.number}")]
    if report.decision is Decision.ANSWER:
        told.append(Happened(report.filed_at, "已答复", report.answer))
    if report.decision is Decision.REFUSE:
        told.append(Happened(report.filed_at, "未受理", report.reason))
    if case is not None:
        told += [happened for step in steps if (happened := _step(step, case, departments))]
    return told[::-1]


def _step(step: CaseStep, case: Case, departments: Mapping[str, str]) -> Happened | None:
    words = _STEPS.get(step.action)
    if words is None:
        return None
    title, detail = words(step, case, departments.get(step.receiver, "承办单位"))
    return Happened(step.at, title, detail)


_Words = Callable[[CaseStep, Case, str], tuple[str, str]]


def _plain(title: str, detail: str = "") -> _Words:
    return lambda _step, _case, _department: (title, detail)


def _said(title: str) -> _Words:
    """With what was written for the citizen."""
    return lambda step, _case, _department: (title, step.opinion)


def _dispatched(step: CaseStep, _case: Case, department: str) -> tuple[str, str]:
    return f"已派给{department}", f"限 {_for_people(step.limit)}内处理" if step.limit else ""


def _for_people(limit: str) -> str:
    """Units of the standard in everyday words."""
    for unit, plain in _UNITS:
        if unit in limit:
            return limit.replace(unit, plain)
    return limit


_UNITS = (("紧急工作时", "小时"), ("工作时", "个工作小时"), ("工作日", "个工作日"))


def _closed(_step: CaseStep, case: Case, _department: str) -> tuple[str, str]:
    return "已办结", case.result or "已处理完毕"


_STEPS: Mapping[str, _Words] = {
    "submit": _plain("已登记"),
    "register_case": _plain("已受理"),
    "dispatch": _dispatched,
    "re_dispatch_same": _dispatched,
    "re_dispatch_other": _dispatched,
    "assign": _plain("承办单位已安排人员处理"),
    "approve_extend": _plain("办理时间延长", "情况较复杂，承办单位申请延期并获批准"),
    "suspend": _plain("暂缓处理", "一时无法解决，已列入计划，到期自动恢复"),
    "resume": _plain("恢复处理"),
    "supervise": _plain("已列入督办"),
    "urge": _plain("已催办", "已提醒承办单位尽快处理"),
    "feedback": _plain("承办单位已反馈处理情况", "正在核查"),
    "dispatcher_rework": _plain("核查未通过，退回重新处理"),
    "rework": _plain("核查未通过，退回重新处理"),
    "close": _closed,
    "force_close": _closed,
    "reject": _said("不予受理"),
    "cancel": _said("已撤销"),
    "merge": _plain("已并入同类诉求", "由同一承办单位一并处理"),
    "follow_up_reopen": _plain("重新办理", "您反映没有解决，已退回重新办理"),
}
