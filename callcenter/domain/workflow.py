"""The case workflow as one literal table: `callcenter/data/workflow_transitions.csv` in Python.

A test compares the two row by row. Seven stages: collect, register, dispatch, handle, feed back,
check and close, evaluate (CJJ/T 106-2010). 核实 before filing is `verify`, 核查 after handling is
`check`: national usage, some systems have them the other way round.
"""

from dataclasses import dataclass
from enum import StrEnum

from callcenter.domain.errors import TransitionError
from callcenter.domain.staff import SYSTEM, Role


class State(StrEnum):
    REPORTED = "reported"
    PENDING_VERIFY = "pending_verify"
    PENDING_REGISTER = "pending_register"
    NOT_ACCEPTED = "not_accepted"
    CANCELLED = "cancelled"
    MERGED = "merged"
    PENDING_DISPATCH = "pending_dispatch"
    PENDING_HANDLE = "pending_handle"
    HANDLING = "handling"
    RETURNED = "returned"
    HANDLE_FINISH = "handle_finish"
    SUSPENDED = "suspended"
    PENDING_CHECK = "pending_check"
    PENDING_CLOSE = "pending_close"
    CHECKING = "checking"
    CLOSED = "closed"
    FORCED_CLOSE = "forced_close"


ENDED = frozenset({State.NOT_ACCEPTED, State.CANCELLED, State.MERGED, State.CLOSED, State.FORCED_CLOSE})
OPEN = frozenset(State) - ENDED

STAGE = {  # of the seven, for the strip on the case page
    State.REPORTED: 1,
    State.PENDING_VERIFY: 2,
    State.PENDING_REGISTER: 2,
    State.NOT_ACCEPTED: 2,
    State.CANCELLED: 2,
    State.MERGED: 2,
    State.PENDING_DISPATCH: 3,
    State.RETURNED: 3,
    State.PENDING_HANDLE: 4,
    State.HANDLING: 4,
    State.SUSPENDED: 4,
    State.HANDLE_FINISH: 5,
    State.PENDING_CHECK: 5,
    State.PENDING_CLOSE: 6,
    State.CHECKING: 6,
    State.CLOSED: 7,
    State.FORCED_CLOSE: 7,
}


class Timer(StrEnum):
    """Which clock a step starts; the handling clock is apart, because it can be paused."""

    KEEP = "keep"
    STOP = "stop"
    ACCEPT = "accept"
    VERIFY = "verify"
    DISPATCH = "dispatch"
    CHECK = "check"
    CLOSE = "close"


class Handling(StrEnum):
    """What a step does to the handling clock, the one the department is measured by."""

    KEEP = "keep"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Transition:
    """`target` None = the state stays. `needs` names what the actor must give."""

    action: str
    sources: frozenset[State]
    target: State | None
    actors: frozenset[str]
    timer: Timer = Timer.KEEP
    handling: Handling = Handling.KEEP
    needs: tuple[str, ...] = ()


_S, _R = State, Role
_ACCEPT = frozenset({_R.ACCEPTOR.value, _R.SUPERVISOR.value})
_DISPATCH = frozenset({_R.DISPATCHER.value})
_UNIT = frozenset({_R.DEPARTMENT.value})
_LEAD = frozenset({_R.SUPERVISOR.value, _R.TEAM_LEADER.value})
_SEAT = frozenset({_R.AGENT.value, _R.TEAM_LEADER.value})
_FOLLOW = frozenset({_R.FOLLOW_UP.value, _R.TEAM_LEADER.value, SYSTEM})
_COLLECT = frozenset({_R.ACCEPTOR.value})  # collectors have no account yet: the acceptor enters their answer


def _t(
    action: str,
    sources: State | frozenset[State],
    target: State | None,
    actors: frozenset[str],
    timer: Timer = Timer.KEEP,
    handling: Handling = Handling.KEEP,
    needs: tuple[str, ...] = (),
) -> Transition:
    froms = sources if isinstance(sources, frozenset) else frozenset({sources})
    return Transition(action, froms, target, actors, timer, handling, needs)


_OPEN_AT_UNIT = frozenset({_S.PENDING_HANDLE, _S.HANDLING})
_NEW = frozenset({_S.REPORTED, _S.PENDING_REGISTER})
_TO_DISPATCH = frozenset({_S.PENDING_DISPATCH, _S.RETURNED})

TRANSITIONS: tuple[Transition, ...] = (
    # not in the standards' tables: a seat files and hands over in one keystroke
    _t("submit", _S.REPORTED, _S.PENDING_REGISTER, _SEAT | {SYSTEM}, Timer.ACCEPT),
    _t("send_verify", _NEW, _S.PENDING_VERIFY, _ACCEPT, Timer.VERIFY),
    _t("verify_result", _S.PENDING_VERIFY, _S.PENDING_REGISTER, _COLLECT, Timer.ACCEPT, needs=("opinion",)),
    _t("direct_answer", _S.REPORTED, _S.CLOSED, _SEAT, Timer.STOP, needs=("opinion",)),
    _t("merge", _NEW, _S.MERGED, _SEAT | _ACCEPT, Timer.STOP, needs=("main_case",)),
    _t("reject", _S.PENDING_REGISTER, _S.NOT_ACCEPTED, _ACCEPT, Timer.STOP, needs=("reason",)),
    _t("cancel", _NEW, _S.CANCELLED, _ACCEPT, Timer.STOP, needs=("reason",)),
    _t(
        "register_case",
        _S.PENDING_REGISTER,
        _S.PENDING_DISPATCH,
        _ACCEPT,
        Timer.DISPATCH,
        needs=("condition",),
    ),
    _t(
        "dispatch",
        _TO_DISPATCH,
        _S.PENDING_HANDLE,
        _DISPATCH,
        Timer.STOP,
        Handling.START,
        ("department",),
    ),
    _t(
        "return_to_acceptor",
        _TO_DISPATCH,
        _S.PENDING_REGISTER,
        _DISPATCH,
        Timer.ACCEPT,
        needs=("reason",),
    ),
    _t("assign", _S.PENDING_HANDLE, _S.HANDLING, _UNIT, needs=("handler",)),
    _t("revoke_assign", _S.HANDLING, _S.PENDING_HANDLE, _UNIT),
    _t(
        "dept_return",
        _S.PENDING_HANDLE,
        _S.RETURNED,
        _UNIT,
        Timer.DISPATCH,
        Handling.PAUSE,
        ("reason",),
    ),
    _t("re_dispatch_same", _S.RETURNED, _S.PENDING_HANDLE, _DISPATCH, Timer.STOP, Handling.RESUME),
    _t(
        "re_dispatch_other",
        _S.RETURNED,
        _S.PENDING_HANDLE,
        _DISPATCH,
        Timer.STOP,
        Handling.START,
        ("department",),
    ),
    _t("apply_extend", _OPEN_AT_UNIT, None, _UNIT, needs=("reason",)),
    _t("approve_extend", _OPEN_AT_UNIT, None, _DISPATCH, Timer.KEEP, Handling.EXTEND),
    _t(
        "suspend",
        _OPEN_AT_UNIT,
        _S.SUSPENDED,
        _DISPATCH | _LEAD,
        Timer.KEEP,
        Handling.PAUSE,
        ("reason", "until"),
    ),
    # back to where it was suspended from; `Case` keeps that state
    _t("resume", _S.SUSPENDED, _S.PENDING_HANDLE, _DISPATCH | {SYSTEM}, Timer.KEEP, Handling.RESUME),
    _t("supervise", OPEN, None, _LEAD | {SYSTEM}, needs=("opinion",)),
    _t("urge", OPEN, None, _SEAT | _DISPATCH | _LEAD | {SYSTEM}),
    _t("feedback", _S.HANDLING, _S.HANDLE_FINISH, _UNIT, needs=("result",)),
    _t("unit_reject", _S.HANDLE_FINISH, _S.HANDLING, _UNIT, needs=("reason",)),
    _t("unit_confirm", _S.HANDLE_FINISH, _S.PENDING_CHECK, _UNIT, Timer.CHECK, Handling.STOP),
    _t(
        "dispatcher_rework",
        _S.PENDING_CHECK,
        _S.PENDING_HANDLE,
        _DISPATCH,
        Timer.STOP,
        Handling.RESUME,
        ("reason",),
    ),
    _t("forward_check", _S.PENDING_CHECK, _S.PENDING_CLOSE, _DISPATCH, Timer.CLOSE),
    _t("send_check", _S.PENDING_CLOSE, _S.CHECKING, _ACCEPT, Timer.CHECK),
    _t("check_pass", _S.CHECKING, _S.PENDING_CLOSE, _COLLECT, Timer.CLOSE, needs=("opinion",)),
    _t("check_fail", _S.CHECKING, _S.PENDING_CLOSE, _COLLECT, Timer.CLOSE, needs=("reason",)),
    _t("rework", _S.PENDING_CLOSE, _S.PENDING_DISPATCH, _ACCEPT, Timer.DISPATCH, needs=("reason",)),
    _t("close", _S.PENDING_CLOSE, _S.CLOSED, _ACCEPT, Timer.STOP, needs=("opinion",)),
    _t(
        "force_close",
        OPEN,
        _S.FORCED_CLOSE,
        frozenset({_R.SUPERVISOR.value, _R.ADMIN.value}),
        Timer.STOP,
        Handling.STOP,
        ("reason",),
    ),
    _t("follow_up", _S.CLOSED, _S.CLOSED, _FOLLOW, needs=("solved",)),
    _t("follow_up_reopen", _S.CLOSED, _S.PENDING_DISPATCH, _FOLLOW, Timer.DISPATCH, needs=("reason",)),
    _t("appeal", _S.CLOSED, None, _UNIT, needs=("reason",)),
)

BY_ACTION = {transition.action: transition for transition in TRANSITIONS}


def find(action: str, state: State) -> Transition:
    """The table's row for `action` from `state`. Raises `TransitionError`."""
    transition = BY_ACTION.get(action)
    if transition is None or state not in transition.sources:
        raise TransitionError(f"案件现在是“{state}”状态，不能做“{action}”，请刷新后再试。")
    return transition


def offered(state: State, roles: frozenset[str]) -> tuple[Transition, ...]:
    """Steps that somebody with `roles` may take now."""
    return tuple(t for t in TRANSITIONS if state in t.sources and roles & t.actors)
