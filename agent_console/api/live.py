"""Server-sent events: what happens now, for whoever may know it."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse

from agent_console.auth import COOKIE, ContextDep, Me
from callcenter.domain.staff import User
from callcenter.usecases import auth
from callcenter.usecases.context import Context

router = APIRouter(prefix="/api", tags=["live"])
PING_S = 15
CHECK_EVERY = timedelta(seconds=15)


def audiences(user: User, *, demo: bool) -> frozenset[str]:
    mine = {f"seat:{user.staff_no}", *(f"role:{role}" for role in user.roles)}
    if not user.department_only:
        mine.add("office")
    if user.department_id:
        mine.add(f"department:{user.department_id}")
    return frozenset(mine | ({"role:simulator"} if demo else set()))


@router.get("/live")
async def live(request: Request, context: ContextDep, user: Me, last: str = "") -> EventSourceResponse:
    """A browser that comes back names the last event it saw, in the header or on the first connect."""
    last_id = request.headers.get("last-event-id", last)
    stream = context.live.subscribe(audiences(user, demo=request.app.state.demo), last_id)
    cookie = request.cookies.get(COOKIE, "")
    return EventSourceResponse(_while_signed_in(context, cookie, stream), ping=PING_S)


async def _while_signed_in(
    context: Context, cookie: str, stream: AsyncIterator[Mapping[str, Any]]
) -> AsyncIterator[Mapping[str, Any]]:
    """No event after the session has ended, however it ended."""
    checked = context.now()
    async for event in stream:
        if context.now() - checked > CHECK_EVERY:
            if await auth.whose(context, cookie) is None:
                return
            checked = context.now()
        yield event
