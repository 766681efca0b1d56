"""Who is asking: session cookie, CSRF header, roles. FastAPI dependencies, nothing else."""

import hmac
from typing import Annotated

from fastapi import Depends, Request

from callcenter.domain.errors import NotAllowedError, SignInError
from callcenter.domain.staff import Role, User, WebSession
from callcenter.usecases import auth
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor

COOKIE = "hotline_session"
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfError(NotAllowedError):
    code = "csrf"


class NotSignedInError(SignInError):
    code = "not_signed_in"


def the_context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


def the_floor(request: Request) -> Floor:
    floor: Floor = request.app.state.floor
    return floor


ContextDep = Annotated[Context, Depends(the_context)]
FloorDep = Annotated[Floor, Depends(the_floor)]


async def signed_in(request: Request, context: ContextDep) -> tuple[User, WebSession]:
    """The user of the cookie; a changing request must carry the session's CSRF token too."""
    found = await auth.whose(context, request.cookies.get(COOKIE, ""))
    if found is None:
        raise NotSignedInError("登录已过期，请重新登录；您未提交的内容已保存在本机。")
    token = request.headers.get(CSRF_HEADER, "")
    if request.method not in SAFE_METHODS and not hmac.compare_digest(token.encode(), found[1].csrf.encode()):
        raise CsrfError("页面已过期，请刷新后再试。")
    return found


SessionDep = Annotated[tuple[User, WebSession], Depends(signed_in)]


async def me(session: SessionDep) -> User:
    return session[0]


Me = Annotated[User, Depends(me)]


def need(user: User, *roles: Role) -> None:
    """Raises `NotAllowedError` unless the user has one of the roles."""
    if not user.has(*roles):
        raise NotAllowedError("您的岗位没有这个权限；如工作需要，请联系管理员。")
