"""Filing a report: what a citizen said becomes a case, joins one, is answered, or is refused."""

from dataclasses import fields

from callcenter.domain.cases import Actor, Case, StepInput
from callcenter.domain.conversations import Conversation
from callcenter.domain.errors import InvalidInputError, NotFoundError
from callcenter.domain.events import ReportFiled
from callcenter.domain.reports import Decision, Report
from callcenter.domain.staff import User
from callcenter.domain.workflow import State
from callcenter.store import UnitOfWork
from callcenter.usecases import handlers, steps, suggestion_log, work
from callcenter.usecases.context import Context
from callcenter.usecases.suggestion_log import NOTHING_SUGGESTED, Suggested

SAID = 500  # messages of a conversation that become a case's


def actor_of(user: User) -> Actor:
    return Actor(user.id, user.name, frozenset(user.roles), user.department_id)


async def file_report(
    context: Context,
    user: User,
    report: Report,
    *,
    join: str = "",
    completes: str = "",
    task_id: str = "",
    suggested: Suggested = NOTHING_SUGGESTED,
) -> tuple[Report, Case | None]:
    """File the form; the work it came from is done with it. Sent twice it files once. `completes`: the number
    of what the citizen of the conversation entered, as the form shows it; it is filed under that number.

    Raises `InvalidInputError`, `NotFoundError`.
    """
    report.check()
    beside = await suggestion_log.beside(context, report.content)
    async with context.uow() as uow:
        known = await uow.reports.by_client_key(report.client_key)
        if known is not None:
            return known, await uow.cases.get(known.case_id) if known.case_id else None
        talk = await _conversation(uow, report)
        report = await _entered(uow, talk, report, completes)
        await _complete(context, uow, user, report)
        case = await _decide(context, uow, user, report, join)
        uow.reports.add(report)
        await _tie_to_conversation(context, uow, talk, report)
        suggestion_log.keep(context, uow, report, suggested, beside)
        await _tie_to_call(uow, report)
        if task_id:
            await work.finish(context, uow, user, task_id)
        await handlers.react(context, uow, ReportFiled(report, case))
        await uow.notes.drop_draft(user.id, report.call_id or report.client_key)
        await uow.commit()
    return report, case


async def _conversation(uow: UnitOfWork, report: Report) -> Conversation | None:
    """The one that the form stands beside: its citizen and its channel are the report's."""
    if not report.conversation_id:
        return None
    talk = await uow.conversations.get(report.conversation_id, lock=True)
    if talk is None:
        raise NotFoundError("这个会话")
    report.contact_id, report.channel = talk.contact_id, talk.channel
    return talk


# what the citizen got with their own words, and what only they know
_OF_THE_CITIZEN = frozenset({"id", "number", "filed_at", "access_code", "conversation_id"})


async def _entered(uow: UnitOfWork, talk: Conversation | None, report: Report, number: str) -> Report:
    """The form completes what the citizen entered by themselves: the same report, the same number. What was
    registered or withdrawn since the form was opened stays as it is.
    """
    pending = await uow.reports.by_number(number) if talk and number else None
    if pending is None or talk is None or pending.decision is not Decision.PENDING:
        return report
    if pending.conversation_id != talk.id:
        raise NotFoundError("市民提交的这份诉求")
    report.phone = report.phone or pending.phone  # the form does not show it
    report.confidential = report.confidential or pending.confidential
    report.wants_followup = report.wants_followup and pending.wants_followup
    for field in fields(Report):
        if field.name not in _OF_THE_CITIZEN:
            setattr(pending, field.name, getattr(report, field.name))
    return pending


async def _tie_to_conversation(
    context: Context, uow: UnitOfWork, talk: Conversation | None, report: Report
) -> None:
    """What was said and sent there is of the case from now on."""
    if talk is None or not report.case_id:
        return
    talk_id, talk.case_id = talk.id, report.case_id
    for message in await uow.messages.received_in(talk.id, SAID):
        message.case_id = message.case_id or report.case_id
    uow.after_commit(lambda: context.live.publish("office", "inbox.changed", {"id": talk_id}))


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
    if not report.number:
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
