"""Photos on the page of a case, for everybody who may see the case."""

from fastapi import APIRouter
from fastapi.responses import Response

from agent_console import schemas
from agent_console.api.citizen import picture
from agent_console.auth import ContextDep, Me
from agent_console.inputs import Id
from callcenter.usecases import case_photos

router = APIRouter(prefix="/api", tags=["cases"])


@router.get("/cases/{number}/photos")
async def photos(number: str, context: ContextDep, user: Me) -> list[schemas.CasePhoto]:
    at = f"/api/cases/{number}/photos"
    return [
        schemas.CasePhoto(url=f"{at}/{file.id}", preview=f"{at}/{file.id}/preview")
        for file in await case_photos.photos(context, user, number)
    ]


@router.get("/cases/{number}/photos/{file_id}")
async def photo(number: str, file_id: Id, context: ContextDep, user: Me) -> Response:
    found = await case_photos.photo(context, user, number, file_id, small=False)
    return picture(found.content, found.mime)


@router.get("/cases/{number}/photos/{file_id}/preview")
async def preview(number: str, file_id: Id, context: ContextDep, user: Me) -> Response:
    found = await case_photos.photo(context, user, number, file_id, small=True)
    return picture(found.content, found.mime)
