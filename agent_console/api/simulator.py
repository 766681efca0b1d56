"""The phone simulator, in demo mode only: an invented citizen's handset."""

from fastapi import APIRouter, Request

from agent_console import schemas
from agent_console.api.seat import sip_account
from agent_console.auth import ContextDep, Me
from agent_console.views.simulator import handset as handset_view
from callcenter.domain.errors import NotFoundError
from callcenter.domain.messages import Inbound
from callcenter.usecases import seats
from callcenter.usecases.mailbox import Mailbox

router = APIRouter(prefix="/api/simulator", tags=["simulator"])


def _demo_only(request: Request) -> None:
    if not request.app.state.demo:
        raise NotFoundError("手机模拟器（只在演示模式提供）")


@router.post("/handset")
async def handset(
    wanted: schemas.HandsetRequest, request: Request, context: ContextDep, _user: Me
) -> schemas.SimulatedHandset:
    """By POST, because a number has no place in an address."""
    _demo_only(request)
    return await handset_view(context, wanted.number, request.app.state.sip_address)


@router.post("/replies", status_code=204)
async def reply(sent: schemas.SimulatedReply, request: Request, context: ContextDep, _user: Me) -> None:
    _demo_only(request)
    message = Inbound(
        channel=context.city.text_channel,
        account=context.city.text_channel,
        event_key=context.ids.new(),
        sender=sent.number,
        text=sent.text,
    )
    await Mailbox(context).accept(message)


@router.post("/telephone")
async def telephone(request: Request, context: ContextDep, _user: Me) -> schemas.HandsetAccount:
    """A SIP account for the handset in the browser; it takes the calls that go out to citizens."""
    _demo_only(request)
    account = await seats.handset(context)
    return schemas.HandsetAccount(sip=sip_account(request, account))
