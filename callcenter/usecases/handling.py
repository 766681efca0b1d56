"""Working on cases: the steps people take, the timers that run by themselves, who looked."""

from datetime import timedelta

import structlog

from callcenter.domain.cases import Case, StepInput
from callcenter.domain.errors import ConflictError, InvalidInputError, NotFoundError, TransitionError
from callcenter.domain.records import Access
from callcenter.domain.staff import User
from callcenter.domain.tasks import TaskKind
from callcenter.domain.workflow import State
from callcenter.store import UnitOfWork
from callcenter.usecases import followup, notify, steps, work
from callcenter.usecases.context import Context
from callcenter.usecases.followup import MACHINE
from callcenter.usecases.intake import actor_of

log = structlog.get_logger(__name__)

# a seat files, joins or answers through the form, which knows more than a step can say
THROUGH_THE_FORM = frozenset({"direct_answer", "merge", "submit"})
ONE_LOOK = timedelta(minutes=10)
_DEPARTMENT_STEPS = frozenset({"dispatch", "re_dispatch_other"})


async def find(uow: UnitOfWork, user: User, number: str, *, lock: bool = False) -> Case:
    """The case, if this user may see it; a department sees its own only. Raises `NotFoundError`."""
    case = await uow.cases.by_number(number, lock=lock)
    if case is None or (user.department_only and user.department_id not in _departments(case)):
        raise NotFoundError("这件案件")
    return case


def _departments(case: Case) -> set[str]:
    return {case.department_id, *case.co_department_ids}


async def take_step(
    context: Context, user: User, number: str, action: str, version: int, given: StepInput
) -> None:
    """One step by a person. Raises `ConflictError` when somebody was faster than the page."""
    if action in THROUGH_THE_FORM:
        raise TransitionError("这一步请在登记表里完成。")
    async with context.uow() as uow:
        case = await find(uow, user, number, lock=True)
        if case.version != version:
            raise ConflictError("刚才有同事先办了这件案件，已为您刷新；您填写的内容还在，请核对后再提交。")
        if action in _DEPARTMENT_STEPS:
            await _check_departments(uow, given)
        if action == "register_case":
            given = await _with_condition(uow, case, given)
        await steps.take(context, uow, case, action, actor_of(user), given)
        await _afterwards(context, uow, case, action, given)
        await uow.commit()


async def _check_departments(uow: UnitOfWork, given: StepInput) -> None:
    known = {department.id for department in await uow.codes.departments()}
    if given.department_id not in known:
        raise InvalidInputError("department", "请选择主办单位。")
    if not known.issuperset(given.co_department_ids):
        raise InvalidInputError("co_departments", "协办单位里有已撤销的，请重新选择。")


async def _with_condition(uow: UnitOfWork, case: Case, given: StepInput) -> StepInput:
    """立案条件 gives the limit; the seat's own choice is taken unless the acceptor chose another."""
    found = await uow.codes.conditions(case.standard, case.category)
    conditions = {condition.no: condition for condition in found}
    wanted = given.condition_no or case.condition_no
    condition = conditions.get(wanted) if wanted is not None else None
    if condition is None:
        raise InvalidInputError("condition", "请选择立案条件，办理时限由它决定。")
    return StepInput(
        opinion=given.opinion,
        condition_no=condition.no,
        condition_text=condition.text,
        limit=condition.limit,
    )


async def _afterwards(context: Context, uow: UnitOfWork, case: Case, action: str, given: StepInput) -> None:
    if action == "follow_up":
        await followup.answered_by_person(context, uow, case, None, given.solved)
        if given.solved is False:
            await followup.reopen(context, uow, case)
    if action == "return_to_acceptor":
        user = await uow.staff.get(case.filed_by)
        await work.create(
            context,
            uow,
            TaskKind.RETURNED,
            case_id=case.id,
            contact_id=case.contact_id,
            seat=user.staff_no if user else "",
            title=notify.subject(case),
            detail=given.reason,
        )


async def tick(context: Context) -> None:
    """Suspended cases whose date has come go back to work, each by itself."""
    async with context.reading() as uow:
        due = [case.number for case in await uow.cases.suspended_until(context.now())]
    for number in due:
        try:
            await _resume(context, number)
        except Exception:
            log.exception("case_not_resumed", case=number)  # the next tick tries again


async def _resume(context: Context, number: str) -> None:
    async with context.uow() as uow:
        case = await uow.cases.by_number(number, lock=True)
        if case is not None and case.state is State.SUSPENDED:
            await steps.take(context, uow, case, "resume", MACHINE, StepInput(opinion="挂账到期"))
            await uow.commit()


async def viewed(context: Context, uow: UnitOfWork, user: User, case: Case) -> None:
    """One row per reader and ten minutes: a page that refreshes itself is one look."""
    if not await uow.notes.viewed_since(case.id, user.id, context.now() - ONE_LOOK):
        looked(context, uow, user, "view", case_id=case.id)


def looked(
    context: Context,
    uow: UnitOfWork,
    user: User,
    kind: str,
    *,
    case_id: str = "",
    call_id: str = "",
    contact_id: str = "",
    reason: str = "",
) -> None:
    """谁看过: every look, listening and reveal is a row."""
    uow.notes.log(
        Access(
            id=context.ids.new(),
            user_id=user.id,
            user_name=user.name,
            kind=kind,
            at=context.now(),
            case_id=case_id,
            call_id=call_id,
            contact_id=contact_id,
            reason=reason,
        )
    )
