"""The citizens' pages: no session; who may send, and how fast, is decided at the door."""

import asyncio
from contextlib import nullcontext
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response

from agent_console.auth import ContextDep
from agent_console.door import DEVICE_HEADER, LINK_HEADER, DoorDep, at_the_door, worked
from agent_console.inputs import Latitude, Longitude
from agent_console.schemas import citizen as shapes
from agent_console.views import citizen as views
from callcenter.domain.errors import NotFoundError
from callcenter.usecases import citizen, citizen_talk, positions, uploads
from callcenter.usecases.citizen import Rating, Ticket, WebReport
from callcenter.usecases.citizen_talk import Said

router = APIRouter(prefix="/api/citizen", tags=["citizen"], dependencies=[Depends(at_the_door)])

PUBLIC_LAYERS = frozenset({"districts", "parks", "water", "buildings", "roads", "places"})
LONGEST_HINT = 1_000  # characters that are read for suggestions
EMERGENCY = {"110": "报警", "119": "消防", "120": "急救", "122": "交通事故"}

Device = Annotated[str, Header(alias=DEVICE_HEADER, min_length=16, max_length=64)]
Work = Depends(worked)


@router.get("/city")
async def city(context: ContextDep) -> shapes.CitizenCity:
    return shapes.CitizenCity(
        name=context.city.name,
        number=context.city.numbers[0],
        emergency=[shapes.EmergencyOut(number=number, name=name) for number, name in EMERGENCY.items()],
    )


@router.get("/challenge")
async def challenge(request: Request, context: ContextDep, door: DoorDep) -> shapes.ChallengeOut:
    asked = door.challenge(request, context.now())
    return shapes.ChallengeOut(
        nonce=asked.nonce, bits=asked.bits, expires=asked.expires, signature=asked.signature
    )


# ------------------------------------------------------------------------------------------- help


@router.post("/suggest")
async def suggest(given: shapes.CitizenText, context: ContextDep, door: DoorDep) -> shapes.CitizenHints:
    text = given.text[:LONGEST_HINT]
    async with door.readers:
        read = await asyncio.to_thread(context.classifier.suggest, text)
        places = await asyncio.to_thread(context.geocoder.candidates, text)
    return views.hints(read, list(places))


@router.get("/places")
async def places(q: str, context: ContextDep) -> list[shapes.SpotHint]:
    return [views.place(found) for found in context.geocoder.search(q[:50])]


@router.get("/spot")
async def spot(lat: Latitude, lon: Longitude, context: ContextDep) -> shapes.SpotOut:
    found = context.geocoder.grid_at(lat, lon)
    return shapes.SpotOut(area=f"{found.district}{found.street}{found.community}" if found else "")


@router.get("/map/{layer}")
async def layer(layer: str, context: ContextDep) -> Response:
    async with context.reading() as uow:
        found = await uow.codes.layer(layer) if layer in PUBLIC_LAYERS else None
    if found is None:
        raise NotFoundError("这个图层")
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(found.geojson, media_type="application/geo+json", headers=headers)


# ------------------------------------------------------------------------------------------- report


@router.put("/photos", dependencies=[Work])
async def photo(request: Request, context: ContextDep) -> shapes.PhotoOut:
    """A picture as it is (no form); kept for a day until a report or a message claims it."""
    kept = await uploads.keep(context, await request.body())
    return shapes.PhotoOut(id=kept.id)


@router.post("/reports", dependencies=[Work])
async def report(given: shapes.CitizenReportIn, context: ContextDep) -> shapes.Receipt:
    filed = await citizen.lodge(context, WebReport(**given.model_dump()))
    return shapes.Receipt(number=filed.number, code=filed.access_code, filed_at=filed.filed_at)


# ------------------------------------------------------------------------------------------- afterwards


def _ticket(given: shapes.TicketIn) -> Ticket:
    return Ticket(given.number.strip(), given.code.strip())


@router.post("/progress", dependencies=[Work])
async def progress(
    given: shapes.TicketIn, request: Request, context: ContextDep, door: DoorDep
) -> shapes.ProgressOut:
    with door.guessing(request, given.number, context.now()):
        return views.looked(await citizen.look(context, _ticket(given)))


@router.post("/urge", status_code=204, dependencies=[Work])
async def urge(given: shapes.TicketIn, request: Request, context: ContextDep, door: DoorDep) -> None:
    with door.guessing(request, given.number, context.now()):
        await citizen.urge(context, _ticket(given))


@router.post("/withdraw", dependencies=[Work])
async def withdraw(
    given: shapes.TicketIn, request: Request, context: ContextDep, door: DoorDep
) -> shapes.WithdrawnOut:
    with door.guessing(request, given.number, context.now()):
        return shapes.WithdrawnOut(withdrawn=await citizen.withdraw(context, _ticket(given)))


@router.post("/rate", status_code=204, dependencies=[Work])
async def rate(given: shapes.RatingIn, request: Request, context: ContextDep, door: DoorDep) -> None:
    rating = Rating(given.score, given.solved, given.words)
    with door.guessing(request, given.number, context.now()):
        await citizen.rate(context, _ticket(given), rating)


# ------------------------------------------------------------------------------------------- talk


@router.post("/messages", status_code=204, dependencies=[Work])
async def say(given: shapes.SaidIn, request: Request, context: ContextDep, door: DoorDep) -> None:
    ticket = Ticket(given.number.strip(), given.code.strip()) if given.number else None
    said = Said(given.device, given.client_key, given.text, tuple(given.photos), ticket)
    guessing = door.guessing(request, ticket.number, context.now()) if ticket else nullcontext()
    with guessing:
        await citizen_talk.say(context, said)


@router.get("/messages")
async def talk(device: Device, context: ContextDep) -> shapes.TalkOut:
    return views.talk(await citizen_talk.read(context, device))


@router.get("/files/{file_id}")
async def file(file_id: str, device: Device, context: ContextDep) -> Response:
    content, mime = await citizen_talk.file(context, device, file_id)
    return picture(content, mime)


def picture(content: bytes, mime: str) -> Response:
    """Shown in place when it is a picture of ours, else kept from running."""
    kind = mime if mime in {"image/jpeg", "image/png", "image/webp"} else "application/octet-stream"
    headers = {
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    if kind != mime:
        headers["Content-Disposition"] = "attachment"
    return Response(content, media_type=kind, headers=headers)


# ------------------------------------------------------------------------------------------- position link


@router.post("/link/opened")
async def link_opened(given: shapes.LinkIn, context: ContextDep) -> shapes.LinkOut:
    link = await positions.opened(context, given.token)
    return shapes.LinkOut(expires_at=link.expires_at, placed=link.sent_at is not None)


@router.post("/link/place", status_code=204)
async def link_place(given: shapes.LinkPlaceIn, context: ContextDep) -> None:
    await positions.place(context, given.token, given.lat, given.lon, given.accuracy)


@router.put("/photos/link")
async def link_photo(
    request: Request, context: ContextDep, token: Annotated[str, Header(alias=LINK_HEADER, max_length=64)]
) -> shapes.PhotoOut:
    await positions.check(context, token)
    kept = await positions.take_photo(context, token, await request.body())
    return shapes.PhotoOut(id=kept.id)
