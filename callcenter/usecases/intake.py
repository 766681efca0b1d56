"""Filing a report: what a citizen said becomes a case, joins one, is answered, or is refused."""

from callcenter.domain.cases import Actor, Case, StepInput
from callcenter.domain.errors import InvalidInputError, NotFoundError
from callcenter.domain.events import ReportFiled
from callcenter.domain.reports import Decision, Report
from callcenter.domain.staff import User
from callcenter.domain.workflow import State
from callcenter.store import UnitOfWork
from callcenter.usecases import handlers, steps, suggestion_log, work
from callcenter.usecases.context import Context
from callcenter.usecases.suggestion_log import NOTHING_SUGGESTED, Suggested


def actor_of(user: User) -> Actor:
    return Actor(user.id, user.name, frozenset(user.roles), user.department_id)


async def file_report(
    context: Context,
    user: User,
    report: Report,
    *,
    join: str = "",
    task_id: str = "",
    suggested: Suggested = NOTHING_SUGGESTED,
) -> tuple[Report, Case | None]:
    """File the form; the work it came from is done with it. Sent twice it files once.

    Raises `InvalidInputError`, `NotFoundError`.
    """
    report.check()
    beside = await suggestion_log.beside(context, report.content)
    async with context.uow() as uow:
        known = await uow.reports.by_client_key(report.client_key)
        if known is not None:
            return known, await uow.cases.get(known.case_id) if known.case_id else None
        await _complete(context, uow, user, report)
        case = await _decide(context, uow, user, report, join)
        uow.reports.add(report)
        suggestion_log.keep(context, uow, report, suggested, beside)
        await _tie_to_call(uow, report)
        if task_id:
            await work.finish(context, uow, user, task_id)
        await handlers.react(context, uow, ReportFiled(report, case))
        await uow.notes.drop_draft(user.id, report.call_id or report.client_key)
        await uow.commit()
    return report, case


async def _complete(context: Context, uow: UnitOfWork, user: User, report: Report) -> None:
    """What the form does not ask because the hotline knows it."""
    call = await uow.calls.get(report.call_id) if report.call_id else None
    if call is not None:
        report.contact_id = report.contact_id or call.contact_id
        report.dialled = call.dialled
    contact = await uow.contacts.get(report.contact_id) if report.contact_id else None
    if contact is not None and report.caller_name and not contact.name:
        contact.name = report.caller_name
    await _check_codes(context, uow, report)
    local = context.now().astimezone(context.calendar.zone)
    report.number = await uow.reports.next_number(f"{local:%Y%m%d}")
    report.filed_by = user.id
    report.title = report.title or f"{report.place}{report.category_name}"[:50] or report.content[:20]


async def _check_codes(context: Context, uow: UnitOfWork, report: Report) -> None:
    """The class must exist, and a case needs one of its conditions: the limit hangs on it."""
    report.standard = standard = context.city.standard
    if not report.category:
        return
    category = await uow.codes.category(standard, report.category)
    if category is None:
        raise InvalidInputError("category", "没有这个问题分类，请重新选择。")
    report.category_name = category.name
    numbers = {condition.no for condition in await uow.codes.conditions(standard, report.category)}
    if report.decision is Decision.CASE and numbers and report.condition_no not in numbers:
        raise InvalidInputError("condition", "请选择立案条件，办理时限由它决定。")


async def _decide(context: Context, uow: UnitOfWork, user: User, report: Report, join: str) -> Case | None:
    if report.decision is Decision.CASE:
        return await _open_case(context, uow, user, report)
    if report.decision is Decision.JOIN:
        return await _join(context, uow, user, report, join)
    return None


async def _open_case(context: Context, uow: UnitOfWork, user: User, report: Report) -> Case:
    now = context.now()
    case = Case(
        id=context.ids.new(),
        number=report.number,
        title=report.title,
        content=report.content,
        channel=report.channel,
        appeal=report.appeal.value,
        urgency=report.urgency.value,
        standard=report.standard,
        category=report.category,
        category_name=report.category_name,
        condition_no=report.condition_no,
        reported_at=now,
        updated_at=now,
        contact_id=report.contact_id,
        # the one who reports a wrong is always hidden (domain notes 3.2)
        confidential=report.confidential or report.appeal.value == "tipoff",
        public=report.public,
        wants_followup=report.wants_followup,
        place=report.place,
        lat=report.lat,
        lon=report.lon,
        radius_m=report.radius_m,
        filed_by=user.id,
        state=State.REPORTED,
    )
    _locate(context, case)
    report.case_id = case.id
    uow.cases.add(case)
    await steps.take(context, uow, case, "submit", actor_of(user), StepInput(opinion="登记"))
    return case


def _locate(context: Context, case: Case) -> None:
    if case.lat is None or case.lon is None:
        return
    grid = context.geocoder.grid_at(case.lat, case.lon)
    if grid is not None:
        case.grid_code, case.grid_label = grid.code, grid.name
        case.district, case.street, case.community = grid.district, grid.street, grid.community


async def _join(context: Context, uow: UnitOfWork, user: User, report: Report, number: str) -> Case:
    """并单 + 催办: the citizen is linked to the open case, and the department is urged."""
    case = await uow.cases.by_number(number, lock=True)
    if case is None:
        raise NotFoundError("这件案件")
    if not case.is_open:
        raise InvalidInputError("join_case", "这件案件已经结束，请新建工单。")
    report.case_id = case.id
    case.reporters += 1
    await steps.take(context, uow, case, "urge", actor_of(user), StepInput(opinion="市民再次来电，并入本案"))
    return case


async def _tie_to_call(uow: UnitOfWork, report: Report) -> None:
    call = await uow.calls.get(report.call_id) if report.call_id else None
    if call is not None and report.case_id:
        call.case_id = report.case_id
