"""Photos of a case: with its reports, in messages about it, by links that were sent during its calls."""

from collections.abc import Sequence

from callcenter.domain.cases import Case
from callcenter.domain.errors import NotFoundError
from callcenter.domain.messages import Kind
from callcenter.domain.records import MediaFile, MediaState
from callcenter.domain.staff import User
from callcenter.ports import CleanPicture, NotAPictureError
from callcenter.store import UnitOfWork
from callcenter.usecases import handling
from callcenter.usecases.context import Context

PREVIEW_SIDE = 360  # pixels


async def photos(context: Context, user: User, number: str) -> Sequence[MediaFile]:
    """In the order in which they came. Raises `NotFoundError` for a case that this user may not see."""
    async with context.reading() as uow:
        return await _photos(uow, await handling.find(uow, user, number))


async def _photos(uow: UnitOfWork, case: Case) -> list[MediaFile]:
    owners = await _owners(uow, case)
    files = await uow.media.of(owners)
    return [
        file
        for owner in owners
        for file in files.get(owner, ())
        if file.kind is Kind.IMAGE and file.state is MediaState.STORED
    ]


async def _owners(uow: UnitOfWork, case: Case) -> list[str]:
    """Reports, messages, links; each once, for a report on the web is its first message too."""
    reports = await uow.reports.of_case(case.id)
    found = [report.id for report in reports]
    found += [message.id for message in await uow.messages.received_for_case(case.id)]
    for report in reports:
        if report.call_id:
            found += [link.id for link in await uow.positions.of_call(report.call_id)]
        if report.conversation_id:
            found += [link.id for link in await uow.positions.of_conversation(report.conversation_id)]
    return list(dict.fromkeys(found))


async def photo(context: Context, user: User, number: str, file_id: str, *, small: bool) -> CleanPicture:
    """Raises `NotFoundError`. Who opened a photo in full is written down."""
    async with context.uow() as uow:
        case = await handling.find(uow, user, number)
        file = next((one for one in await _photos(uow, case) if one.id == file_id), None)
        if file is None:
            raise NotFoundError("这张照片")
        if not small:
            handling.looked(context, uow, user, "file", case_id=case.id)
            await uow.commit()
        mime, digest = file.mime, file.digest
    try:
        content = await context.media.read(digest)
        return (
            await context.pictures.preview(content, PREVIEW_SIDE)
            if small
            else CleanPicture(content, mime, 0, 0)
        )
    except (KeyError, NotAPictureError):
        raise NotFoundError("这张照片") from None
