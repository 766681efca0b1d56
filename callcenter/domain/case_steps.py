"""Taking a step: who may, what must be said, the guards of domain notes 2.5, clocks and effects.

`take` is the only way a case changes its state. It takes `now` and the calendar, changes the case and
returns the step that says what happened.
"""

from datetime import datetime, timedelta
from typing import Any

from callcenter.domain import workflow
from callcenter.domain.cases import Actor, Case, CaseStep, StepInput
from callcenter.domain.deadlines import Limit, Unit, WorkCalendar
from callcenter.domain.errors import HotlineError, InvalidInputError, NotAllowedError, TransitionError
from callcenter.domain.workflow import Handling, State, Timer

MAX_EXTENSIONS = 2
MAX_REOPENS = 1
MAX_SUSPENSION = timedelta(days=365)

# stage limits of the source systems (domain notes 2.4), all on the clock
STAGE_LIMITS = {
    Timer.ACCEPT: Limit(0.25, Unit.URGENT_HOUR),
    Timer.VERIFY: Limit(0.5, Unit.URGENT_HOUR),
    Timer.DISPATCH: Limit(0.25, Unit.URGENT_HOUR),
    Timer.CHECK: Limit(0.5, Unit.URGENT_HOUR),
    Timer.CLOSE: Limit(4, Unit.URGENT_HOUR),
}

_MISSING = {
    "opinion": "请写明意见。",
    "reason": "请写明理由。",
    "department": "请选择主办单位。",
    "condition": "请选择立案条件，办理时限由它决定。",
    "handler": "请填写经办人。",
    "result": "请写明办理结果，市民会看到它。",
    "until": "请选择恢复日期，最长一年。",
    "main_case": "请选择要并入的案件。",
    "solved": "请选择是否解决。",
}


def take(
    case: Case,
    action: str,
    actor: Actor,
    given: StepInput,
    now: datetime,
    calendar: WorkCalendar,
    step_id: str,
) -> CaseStep:
    """Take one step of the table; returns its record.

    Raises `TransitionError` (not from this state), `NotAllowedError` (not this actor, or a guard
    of the workflow), `InvalidInputError` (something the step needs is missing).
    """
    transition = workflow.find(action, case.state)
    _check_actor(case, transition, actor)
    _check_needs(transition, given)
    _check_guards(case, action, given, now)
    before, used = case.state, _stage_used(case, now)
    target = _target(case, transition)
    _apply(case, action, given)
    case.state = target
    _run_handling(case, transition.handling, now, calendar)
    _run_timer(case, transition.timer, now, calendar)
    case.updated_at = now
    case.version += 1
    if case.state in workflow.ENDED and before in workflow.OPEN:
        case.closed_at = now
    return _record(case, step_id, action, before, actor, given, now, used)


def offered(case: Case, roles: frozenset[str], now: datetime) -> list[workflow.Transition]:
    """Steps that somebody with `roles` may take now, guards included."""
    return [step for step in workflow.offered(case.state, roles) if _stands(case, step.action, now)]


def _stands(case: Case, action: str, now: datetime) -> bool:
    try:
        _check_guards(case, action, StepInput(), now)
    except InvalidInputError:
        return True  # it only wants words that nobody has given yet
    except HotlineError:
        return False
    return True


def _check_actor(case: Case, transition: workflow.Transition, actor: Actor) -> None:
    acting = actor.roles & transition.actors
    if not acting:
        raise NotAllowedError("您的岗位不能做这一步，请转给有权限的同事。")
    if acting == {"department"} and actor.department_id != case.department_id:
        raise NotAllowedError("这件案件不在您的部门，不能办理。")


def _check_guards(case: Case, action: str, given: StepInput, now: datetime) -> None:
    guard = _GUARDS.get(action)
    if guard is not None:
        guard(case, given, now)


def _target(case: Case, transition: workflow.Transition) -> State:
    if transition.action == "resume":
        return State(case.suspended_from)
    return case.state if transition.target is None else transition.target


def _apply(case: Case, action: str, given: StepInput) -> None:
    effect = _EFFECTS.get(action)
    if effect is not None:
        effect(case, given)


def _stage_used(case: Case, now: datetime) -> float:
    begun = case.handle_started_at if case.state in _HANDLED else case.stage_started_at
    return (now - begun).total_seconds() if begun else 0.0


def _run_timer(case: Case, timer: Timer, now: datetime, calendar: WorkCalendar) -> None:
    if timer is Timer.KEEP:
        return
    case.timer, case.stage_started_at = timer, now
    limit = STAGE_LIMITS.get(timer)
    case.stage_due_at = calendar.due(now, limit) if limit else None


def _run_handling(case: Case, handling: Handling, now: datetime, calendar: WorkCalendar) -> None:
    limit = case.limit
    if handling is Handling.KEEP or limit is None:
        return
    clock = limit.on_clock
    if handling is Handling.START:
        case.handle_started_at, case.handle_left_s = now, None
        case.handle_due_at, case.on_time = calendar.due(now, limit), None
    elif handling is Handling.PAUSE and case.handle_due_at is not None:
        case.handle_left_s = calendar.between(now, case.handle_due_at, on_clock=clock)
        case.handle_due_at = None
    elif handling is Handling.RESUME:
        left = case.handle_left_s if case.handle_left_s is not None else limit.seconds
        case.handle_due_at = calendar.after(now, max(left, 0.0), on_clock=clock)
        case.handle_left_s, case.on_time = None, None
    elif handling is Handling.EXTEND and case.handle_due_at is not None:
        case.handle_due_at = calendar.due(case.handle_due_at, limit)
    elif handling is Handling.STOP:
        _stop_handling(case, now, calendar, clock=clock)


def _stop_handling(case: Case, now: datetime, calendar: WorkCalendar, *, clock: bool) -> None:
    """The on-time test is made when the feedback reaches the centre (domain notes 2.4)."""
    if case.handle_due_at is None:
        return
    case.fed_back_at, case.on_time = now, now <= case.handle_due_at
    case.handle_left_s = calendar.between(now, case.handle_due_at, on_clock=clock)
    case.handle_due_at = None


def _record(
    case: Case,
    step_id: str,
    action: str,
    before: State,
    actor: Actor,
    given: StepInput,
    now: datetime,
    used: float,
) -> CaseStep:
    due = case.handle_due_at or case.stage_due_at
    words = (given.opinion, given.reason, given.result)
    return CaseStep(
        id=step_id,
        case_id=case.id,
        action=action,
        from_state=before,
        to_state=case.state,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_role=",".join(sorted(actor.roles)),
        at=now,
        opinion=" ".join(word for word in words if word),
        receiver=case.department_id if action in _TO_DEPARTMENT else "",
        limit=case.limit.label if case.limit and action in _TO_DEPARTMENT else "",
        due_at=due,
        overdue=due is not None and now > due,
        stage_used_s=used,
    )


_HANDLED = frozenset({State.PENDING_HANDLE, State.HANDLING, State.HANDLE_FINISH, State.SUSPENDED})
_TO_DEPARTMENT = frozenset(
    {"dispatch", "re_dispatch_same", "re_dispatch_other", "dispatcher_rework", "urge", "supervise"}
)


def _check_needs(transition: workflow.Transition, given: StepInput) -> None:
    values: dict[str, Any] = {
        "opinion": given.opinion,
        "reason": given.reason,
        "department": given.department_id,
        "condition": given.limit,
        "handler": given.handler,
        "result": given.result,
        "until": given.until,
        "main_case": given.main_case,
        "solved": given.solved,
    }
    for need in transition.needs:
        if values[need] is None or values[need] == "":
            raise InvalidInputError(need, _MISSING[need])


def _guard_extension(case: Case, _given: StepInput, now: datetime) -> None:
    if case.handle_due_at is not None and now > case.handle_due_at:
        raise NotAllowedError("已经超时，不能再申请延期。")
    if case.extension_asked:
        raise NotAllowedError("已有一份延期申请在等批准。")
    if case.extensions >= MAX_EXTENSIONS:
        raise NotAllowedError("已批准延期两次，不能再延。")


def _guard_approval(case: Case, _given: StepInput, _now: datetime) -> None:
    if not case.extension_asked:
        raise NotAllowedError("部门没有申请延期，无需批准。")


def _guard_suspension(case: Case, given: StepInput, now: datetime) -> None:
    if case.suspended_until is not None:
        raise NotAllowedError("每件案件只能挂账一次。")
    if given.until is None or not now < given.until <= now + MAX_SUSPENSION:
        raise InvalidInputError("until", _MISSING["until"])


def _guard_other_department(case: Case, given: StepInput, _now: datetime) -> None:
    if given.department_id == case.department_id:
        raise InvalidInputError("department", "改派要选另一家单位；仍派原单位请用“维持原派”。")


def _guard_close(case: Case, _given: StepInput, _now: datetime) -> None:
    if case.check_failed:
        raise NotAllowedError("最近一次核查不通过，请先返工。")


def _guard_reopen(case: Case, _given: StepInput, _now: datetime) -> None:
    if case.reopens >= MAX_REOPENS:
        raise NotAllowedError("本案已重办过一次，请转值班长督办。")


def _guard_appeal(case: Case, _given: StepInput, _now: datetime) -> None:
    if case.on_time is not False:
        raise TransitionError("只有超时办结的案件可以申诉。")


_GUARDS = {
    "apply_extend": _guard_extension,
    "approve_extend": _guard_approval,
    "suspend": _guard_suspension,
    "re_dispatch_other": _guard_other_department,
    "close": _guard_close,
    "follow_up_reopen": _guard_reopen,
    "appeal": _guard_appeal,
}


def _register(case: Case, given: StepInput) -> None:
    assert given.limit is not None  # `needs` was checked
    case.condition_no, case.condition_text = given.condition_no, given.condition_text
    case.limit_value, case.limit_unit = given.limit.value, given.limit.unit.value


def _dispatch(case: Case, given: StepInput) -> None:
    case.department_id = given.department_id
    case.co_department_ids = list(given.co_department_ids)
    case.handler = ""


def _assign(case: Case, given: StepInput) -> None:
    case.handler = given.handler


def _revoke(case: Case, _given: StepInput) -> None:
    case.handler = ""


def _return(case: Case, _given: StepInput) -> None:
    case.returns += 1


def _ask_extension(case: Case, _given: StepInput) -> None:
    case.extension_asked = True


def _extend(case: Case, _given: StepInput) -> None:
    case.extension_asked, case.extensions = False, case.extensions + 1


def _suspend(case: Case, given: StepInput) -> None:
    case.suspended_from = case.state.value
    case.suspended_until = given.until


def _supervise(case: Case, _given: StepInput) -> None:
    case.supervised = True


def _urge(case: Case, _given: StepInput) -> None:
    case.urges += 1


def _feed_back(case: Case, given: StepInput) -> None:
    case.result = given.result


def _rework(case: Case, _given: StepInput) -> None:
    case.reworks += 1
    case.check_failed = False
    case.handler = ""


def _fail_check(case: Case, _given: StepInput) -> None:
    case.check_failed = True


def _pass_check(case: Case, _given: StepInput) -> None:
    case.check_failed = False


def _follow_up(case: Case, given: StepInput) -> None:
    case.solved = given.solved


def _reopen(case: Case, _given: StepInput) -> None:
    case.solved = False
    case.reopens += 1
    case.closed_at = None


def _merge(case: Case, given: StepInput) -> None:
    case.merged_into = given.main_case


_EFFECTS = {
    "register_case": _register,
    "dispatch": _dispatch,
    "re_dispatch_other": _dispatch,
    "assign": _assign,
    "revoke_assign": _revoke,
    "dept_return": _return,
    "apply_extend": _ask_extension,
    "approve_extend": _extend,
    "suspend": _suspend,
    "supervise": _supervise,
    "urge": _urge,
    "feedback": _feed_back,
    "dispatcher_rework": _rework,
    "rework": _rework,
    "check_fail": _fail_check,
    "check_pass": _pass_check,
    "follow_up": _follow_up,
    "follow_up_reopen": _reopen,
    "merge": _merge,
}
