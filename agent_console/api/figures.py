"""Figures, the calls behind them, recordings, the wallboard, map layers."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response

from agent_console import schemas
from agent_console.auth import ContextDep, FloorDep, Me, need
from agent_console.inputs import Page, When
from agent_console.views import calls as call_views
from agent_console.views import rows
from agent_console.views.wall import wall as wall_view
from callcenter.domain.errors import NotFoundError
from callcenter.domain.staff import OFFICE, Role, User
from callcenter.usecases import handling, supervise
from callcenter.usecases.context import Context
from callcenter.usecases.supervise import Scope

router = APIRouter(prefix="/api", tags=["figures"])

LISTENERS = (Role.TEAM_LEADER, Role.SUPERVISOR, Role.ACCEPTOR, Role.FOLLOW_UP)


def _scope(context: Context, since: datetime | None, until: datetime | None, queue: str, seat: str) -> Scope:
    end = until or context.now() + timedelta(minutes=1)
    return Scope(since or context.today(), end, queue, seat)


@router.get("/figures")
async def figures(
    context: ContextDep,
    user: Me,
    since: When | None = None,
    until: When | None = None,
    queue: str = "",
    seat: str = "",
) -> schemas.FigureSet:
    need(user, *OFFICE)
    scope = _scope(context, since, until, queue, seat)
    measured = await supervise.figures(context, scope)
    return schemas.FigureSet(
        since=scope.since,
        until=scope.until,
        queue=queue,
        seat=seat,
        figures=[rows.figure(one) for one in measured],
    )


@router.get("/calls")
async def calls(
    context: ContextDep,
    user: Me,
    figure: str = "offered",
    since: When | None = None,
    until: When | None = None,
    queue: str = "",
    seat: str = "",
    page: Page = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 14,
) -> schemas.CallPage:
    need(user, *OFFICE)
    return await call_views.call_page(context, figure, _scope(context, since, until, queue, seat), page, size)


async def _sound(request: Request, context: Context, user: User, call_id: str, *, listen: bool) -> Path:
    """Own calls for a seat, all for those who check; listening is recorded."""
    async with context.uow() as uow:
        call = await uow.calls.get(call_id)
        mine = call is not None and (call.seat == user.staff_no or (not call.seat and user.has(*OFFICE)))
        if not mine:
            need(user, *LISTENERS)
        path = call_views.sound_file(request.app.state.sounds, call)
        if listen:
            handling.looked(context, uow, user, "listen", call_id=call_id)
            await uow.commit()
    return path


@router.get("/calls/{call_id}/recording", response_class=FileResponse)
async def recording(call_id: str, request: Request, context: ContextDep, user: Me) -> FileResponse:
    first = request.headers.get("range", "bytes=0-").startswith("bytes=0-")
    path = await _sound(request, context, user, call_id, listen=first)
    return FileResponse(path, media_type="audio/wav", headers={"Cache-Control": "private, no-store"})


@router.get("/calls/{call_id}/peaks")
async def peaks(call_id: str, request: Request, context: ContextDep, user: Me) -> schemas.Peaks:
    path = await _sound(request, context, user, call_id, listen=False)
    duration, levels = await asyncio.to_thread(call_views.peaks, path)
    return schemas.Peaks(duration_s=duration, peaks=levels)


@router.get("/wall")
async def wall(context: ContextDep, floor: FloorDep, user: Me) -> schemas.Wall:
    need(user, *OFFICE)
    return await wall_view(context, floor)


@router.get("/map/{layer}")
async def layer(layer: str, context: ContextDep, _user: Me) -> Response:
    async with context.reading() as uow:
        found = await uow.codes.layer(layer)
    if found is None:
        raise NotFoundError("这个图层")
    return Response(
        found.geojson,
        media_type="application/geo+json",
        headers={"Cache-Control": "private, max-age=3600"},
    )
