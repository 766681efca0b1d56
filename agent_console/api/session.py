"""Signing in and out of the console."""

from fastapi import APIRouter, Request, Response

from agent_console import schemas
from agent_console.auth import COOKIE, ContextDep, SessionDep
from callcenter.domain.staff import User, WebSession
from callcenter.usecases import auth, seats
from callcenter.usecases.context import Context

router = APIRouter(prefix="/api/session", tags=["session"])


async def _session(context: Context, user: User, session: WebSession, *, demo: bool) -> schemas.Session:
    async with context.reading() as uow:
        department = await uow.codes.department(user.department_id) if user.department_id else None
    return schemas.Session(
        user=schemas.Me(
            id=user.id,
            staff_no=user.staff_no,
            name=user.name,
            roles=user.roles,
            group=user.group,
            department_id=user.department_id,
            department=department.name if department else "",
        ),
        csrf=session.csrf,
        city=context.city.name,
        demo=demo,
    )


@router.post("")
async def sign_in(
    form: schemas.SignIn, request: Request, response: Response, context: ContextDep
) -> schemas.Session:
    user, session, cookie = await auth.sign_in(context, form.username, form.password)
    response.set_cookie(
        COOKIE,
        cookie,
        httponly=True,
        samesite="strict",
        secure=request.app.state.secure_cookie,
        max_age=int((session.expires_at - context.now()).total_seconds()),
    )
    return await _session(context, user, session, demo=request.app.state.demo)


@router.get("")
async def current(request: Request, context: ContextDep, found: SessionDep) -> schemas.Session:
    return await _session(context, *found, demo=request.app.state.demo)


@router.delete("", status_code=204)
async def sign_out(response: Response, context: ContextDep, found: SessionDep) -> None:
    await seats.leave(context, found[0])
    await auth.sign_out(context, found[1])
    response.delete_cookie(COOKIE)
