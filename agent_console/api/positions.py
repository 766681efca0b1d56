"""The seat's side of pin by text: send the link, see what came by it."""

from fastapi import APIRouter
from fastapi.responses import Response

from agent_console.api.citizen import picture
from agent_console.auth import ContextDep, Me, need
from agent_console.inputs import Id
from agent_console.schemas import citizen as shapes
from agent_console.views import citizen as views
from callcenter.domain.positions import PositionLink
from callcenter.domain.staff import Role, User
from callcenter.usecases import positions
from callcenter.usecases.context import Context
from callcenter.usecases.positions import Wanted

router = APIRouter(prefix="/api/positions", tags=["positions"])

SEATS = (Role.AGENT, Role.TEAM_LEADER)


@router.post("")
async def send(given: shapes.PositionIn, context: ContextDep, user: Me) -> list[shapes.PinOut]:
    need(user, *SEATS)
    wanted = Wanted(**given.model_dump())
    await positions.begin(context, user, wanted)
    return await _pins(context, user, wanted)


@router.get("")
async def of_matter(
    context: ContextDep, user: Me, call_id: Id = "", conversation_id: Id = ""
) -> list[shapes.PinOut]:
    need(user, *SEATS)
    return await _pins(context, user, Wanted(call_id, conversation_id))


async def _pins(context: Context, user: User, wanted: Wanted) -> list[shapes.PinOut]:
    found = await positions.pins(context, user, wanted)
    return [views.pin(one, _area(context, one.link)) for one in found]


def _area(context: Context, link: PositionLink) -> str:
    if link.lat is None or link.lon is None:
        return ""
    grid = context.geocoder.grid_at(link.lat, link.lon)
    return grid.name if grid else ""


@router.get("/photos/{file_id}")
async def photo(file_id: str, context: ContextDep, user: Me) -> Response:
    need(user, *SEATS)
    content, mime = await positions.photo(context, user, file_id)
    return picture(content, mime)
