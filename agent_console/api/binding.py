"""Binding a telephone number to a citizen of WeChat: the ticket says who asks, the cookie that it is the
browser which began; the door sees to the pace.
"""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends

from agent_console.auth import ContextDep
from agent_console.door import at_the_door
from agent_console.schemas.binding import CodeEntered, CodeSent, CodeWanted, NumberBound
from callcenter.domain.contacts import mask
from callcenter.usecases import binding

router = APIRouter(prefix="/api/citizen/binding", tags=["citizen"], dependencies=[Depends(at_the_door)])

Browser = Annotated[str, Cookie(alias=binding.COOKIE, max_length=100)]


@router.post("/begin")
async def begin(form: CodeWanted, context: ContextDep, browser: Browser = "") -> CodeSent:
    number = await binding.begin(context, form.ticket, browser, form.number)
    return CodeSent(masked=mask(number), expires_s=binding.LIFE.seconds, again_s=binding.GAP.seconds)


@router.post("/confirm")
async def confirm(form: CodeEntered, context: ContextDep, browser: Browser = "") -> NumberBound:
    return NumberBound(masked=mask(await binding.confirm(context, form.ticket, browser, form.code)))
