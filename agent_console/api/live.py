"""Server-sent events: what happens now, for whoever may know it."""

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse

from agent_console.auth import ContextDep, Me
from callcenter.domain.staff import User

router = APIRouter(prefix="/api", tags=["live"])
PING_S = 15


def audiences(user: User, *, demo: bool) -> frozenset[str]:
    mine = {"all", f"seat:{user.staff_no}", *(f"role:{role}" for role in user.roles)}
    if user.department_id:
        mine.add(f"department:{user.department_id}")
    return frozenset(mine | ({"role:simulator"} if demo else set()))


@router.get("/live")
async def live(request: Request, context: ContextDep, user: Me, last: str = "") -> EventSourceResponse:
    """A browser that comes back names the last event it saw, in the header or on the first connect."""
    last_id = request.headers.get("last-event-id", last)
    stream = context.live.subscribe(audiences(user, demo=request.app.state.demo), last_id)
    return EventSourceResponse(stream, ping=PING_S)
