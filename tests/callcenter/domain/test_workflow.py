"""The table in code is the table of the source documents, and cases walk it without surprises."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.data import workflow_transitions
from callcenter.domain import workflow
from callcenter.domain.case_steps import take
from callcenter.domain.cases import StepInput
from callcenter.domain.deadlines import Limit, Unit
from callcenter.domain.errors import HotlineError, InvalidInputError, NotAllowedError, TransitionError
from callcenter.domain.staff import Role
from callcenter.domain.workflow import State
from tests.builders import CALENDAR, FILED, FRIDAY_10, a_case, an_actor

OURS_ALONE = {"submit"}  # the seat's keystroke that files and hands over
BIRTH = {"register_call"}  # makes the case, so it is no step of one


def _states(text: str) -> set[str]:
    if text.startswith("any open"):
        return {state.value for state in workflow.OPEN}
    return set(re.split(r"\|", re.sub(r"\s*\(.*?\)", "", text)))


def test_every_row_of_the_written_table_is_in_the_code_with_the_same_states() -> None:
    for row in workflow_transitions():
        action = row["action"].split()[0]
        if action in BIRTH:
            continue
        transition = workflow.BY_ACTION[action]
        assert {state.value for state in transition.sources} == _states(row["from_state"]), action
        if row["to_state"].startswith("(same)"):
            assert transition.target is None, action
        else:
            assert transition.target in {State(s) for s in _states(row["to_state"])}, action


def test_the_code_has_no_step_that_the_written_table_lacks() -> None:
    written = {row["action"].split()[0] for row in workflow_transitions()}
    assert set(workflow.BY_ACTION) - written == OURS_ALONE


def walk(case, *steps: tuple[str, str, StepInput]) -> None:
    for action, role, given_words in steps:
        take(case, action, an_actor(role, "shizheng"), given_words, FRIDAY_10, CALENDAR, "step")


UNTIL_HANDLING = (
    ("submit", "agent", StepInput()),
    ("register_case", "acceptor", FILED),
    ("dispatch", "dispatcher", StepInput(department_id="shizheng")),
    ("assign", "department", StepInput(handler="孙科")),
)
UNTIL_CLOSE = (
    *UNTIL_HANDLING,
    ("feedback", "department", StepInput(result="已回填")),
    ("unit_confirm", "department", StepInput()),
    ("forward_check", "dispatcher", StepInput()),
)


def test_the_straight_way_ends_closed_and_on_time() -> None:
    case = a_case()
    walk(case, *UNTIL_CLOSE, ("close", "acceptor", StepInput(opinion="属实")))
    assert (case.state, case.on_time, case.result) == (State.CLOSED, True, "已回填")


def test_a_returned_case_cannot_go_to_close() -> None:
    case = a_case()
    walk(case, *UNTIL_HANDLING[:3], ("dept_return", "department", StepInput(reason="不属我处")))
    with pytest.raises(TransitionError):
        take(case, "forward_check", an_actor("dispatcher"), StepInput(), FRIDAY_10, CALENDAR, "s")


def test_a_return_needs_the_assignment_revoked_first_and_a_reason() -> None:
    case = a_case()
    walk(case, *UNTIL_HANDLING)
    with pytest.raises(TransitionError):
        walk(case, ("dept_return", "department", StepInput(reason="不属我处")))
    walk(case, ("revoke_assign", "department", StepInput()))
    with pytest.raises(InvalidInputError, match="理由"):
        walk(case, ("dept_return", "department", StepInput()))


def test_another_department_may_not_touch_the_case() -> None:
    case = a_case()
    walk(case, *UNTIL_HANDLING[:3])
    stranger = an_actor("department", "paishui")
    with pytest.raises(NotAllowedError):
        take(case, "assign", stranger, StepInput(handler="江源"), FRIDAY_10, CALENDAR, "s")


def test_extension_is_granted_twice_and_not_after_the_deadline() -> None:
    case = a_case()
    walk(case, *UNTIL_HANDLING)
    first_due = case.handle_due_at
    for _ in range(2):
        walk(
            case,
            ("apply_extend", "department", StepInput(reason="等料")),
            ("approve_extend", "dispatcher", StepInput()),
        )
    assert case.handle_due_at is not None
    assert first_due is not None
    assert (case.handle_due_at - first_due).total_seconds() == 4 * 3600
    with pytest.raises(NotAllowedError, match="两次"):
        walk(case, ("apply_extend", "department", StepInput(reason="再等")))


def test_a_failed_check_must_be_reworked_before_closing() -> None:
    case = a_case()
    walk(
        case,
        *UNTIL_CLOSE,
        ("send_check", "acceptor", StepInput()),
        ("check_fail", "acceptor", StepInput(reason="坑还在")),
    )
    with pytest.raises(NotAllowedError, match="返工"):
        walk(case, ("close", "acceptor", StepInput(opinion="结案")))
    walk(case, ("rework", "acceptor", StepInput(reason="坑还在")))
    assert (case.state, case.reworks) == (State.PENDING_DISPATCH, 1)


def test_suspension_stops_the_clock_and_resuming_gives_back_what_was_left() -> None:
    case = a_case()
    walk(case, *UNTIL_HANDLING)
    later = FRIDAY_10.replace(hour=3)
    until = FRIDAY_10.replace(day=30)
    take(
        case,
        "suspend",
        an_actor("dispatcher"),
        StepInput(reason="冬季不能施工", until=until),
        later,
        CALENDAR,
        "s",
    )
    assert case.handle_due_at is None
    take(case, "resume", an_actor("system"), StepInput(), until, CALENDAR, "s")
    assert case.state is State.HANDLING
    assert case.handle_due_at is not None
    assert (case.handle_due_at - until).total_seconds() == 3600


def test_a_case_sent_back_and_suspended_resumes_where_it_was() -> None:
    case = a_case()
    walk(case, *UNTIL_CLOSE[:-1], ("dispatcher_rework", "dispatcher", StepInput(reason="没修好")))
    until = FRIDAY_10.replace(day=30)
    walk(
        case,
        ("suspend", "dispatcher", StepInput(reason="等料", until=until)),
        ("resume", "dispatcher", StepInput()),
    )
    assert (case.state, case.handler) == (State.PENDING_HANDLE, "")


def test_not_solved_reopens_once() -> None:
    case = a_case()
    walk(case, *UNTIL_CLOSE, ("close", "acceptor", StepInput(opinion="属实")))
    walk(case, ("follow_up_reopen", "follow_up", StepInput(reason="没修好")))
    assert (case.state, case.reopens, case.closed_at) == (State.PENDING_DISPATCH, 1, None)


GENEROUS = StepInput(
    opinion="同意",
    reason="理由",
    department_id="shizheng",
    condition_no=1,
    limit=Limit(2, Unit.WORK_DAY),
    handler="孙科",
    result="办好了",
    until=FRIDAY_10.replace(day=28),
    solved=True,
    main_case="case-2",
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(sorted(workflow.BY_ACTION)), max_size=30))
def test_any_walk_stays_on_the_table_and_every_refusal_is_ours(actions: list[str]) -> None:
    case, everybody = a_case(), frozenset({*Role, "system"})
    for action in actions:
        before, version = case.state, case.version
        try:
            step = take(
                case, action, an_actor("x").__class__("u", "n", everybody), GENEROUS, FRIDAY_10, CALENDAR, "s"
            )
        except HotlineError:
            assert (case.state, case.version) == (before, version)
        else:
            assert before in workflow.BY_ACTION[action].sources
            assert (step.from_state, step.to_state) == (before, case.state)
            assert case.version == version + 1
