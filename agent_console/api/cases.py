"""Cases: lists, the page of one, its steps; revealing a number."""

from typing import Annotated

from fastapi import APIRouter, Query

from agent_console import schemas
from agent_console.auth import ContextDep, Me, need
from agent_console.inputs import Page, When
from agent_console.views import cases as views
from callcenter.domain.cases import StepInput
from callcenter.domain.errors import InvalidInputError, NotFoundError
from callcenter.domain.staff import REVEALERS, Role
from callcenter.store import CaseFilter
from callcenter.usecases import handling

router = APIRouter(prefix="/api", tags=["cases"])

ALL_REPORTS = 1_000
SORTS = frozenset({"updated", "reported", "due", "number", "urgency"})


@router.get("/cases")
async def case_list(
    context: ContextDep,
    user: Me,
    view: str = "all",
    q: Annotated[str, Query(max_length=100)] = "",
    state: str = "",
    district: str = "",
    channel: str = "",
    department: str = "",
    category: str = "",
    urgency: str = "",
    since: When | None = None,
    until: When | None = None,
    sort: str = "-updated",
    page: Page = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 14,
) -> schemas.CasePage:
    if view not in views.COUNTED_VIEWS:
        raise InvalidInputError("view", "没有这个视图。")
    if sort.lstrip("-") not in SORTS:
        raise InvalidInputError("sort", "不能按这一列排序。")
    wanted = CaseFilter(
        view=view,
        now=context.now(),
        user_id=user.id,
        department_id=department,
        q=q,
        state=state,
        district=district,
        channel=channel,
        category=category,
        urgency=urgency,
        since=since,
        until=until,
        sort=sort,
        page=page,
        size=size,
    )
    return await views.case_page(context, views.narrowed(user, wanted))


@router.get("/cases/{number}")
async def case(number: str, context: ContextDep, user: Me) -> schemas.CaseDetail:
    return await views.case_detail(context, user, number)


@router.post("/cases/{number}/actions/{action}")
async def act(
    number: str, action: str, given: schemas.ActionIn, context: ContextDep, user: Me
) -> schemas.CaseDetail:
    step = StepInput(
        opinion=given.opinion,
        reason=given.reason,
        department_id=given.department_id,
        co_department_ids=tuple(given.co_department_ids),
        condition_no=given.condition_no,
        handler=given.handler,
        result=given.result,
        until=given.until,
        solved=given.solved,
        main_case=given.main_case,
    )
    await handling.take_step(context, user, number, action, given.version, step)
    return await views.case_detail(context, user, number)


@router.post("/reveal")
async def reveal(wanted: schemas.RevealRequest, context: ContextDep, user: Me) -> schemas.Revealed:
    """The full number, for a reason that is kept."""
    need(user, *REVEALERS)
    async with context.uow() as uow:
        contact = await uow.contacts.get(wanted.contact_id)
        if contact is None:
            raise NotFoundError("这位市民")
        if any(report.confidential for report in await uow.reports.of_contact(contact.id, ALL_REPORTS)):
            need(user, Role.FOLLOW_UP, Role.SUPERVISOR)
        handling.looked(context, uow, user, "reveal", contact_id=contact.id, reason=wanted.reason)
        await uow.commit()
    return schemas.Revealed(number=contact.number)
