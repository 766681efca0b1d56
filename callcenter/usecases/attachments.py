"""Files of conversations for those who may see them: whose they are, their content, a small picture."""

from dataclasses import dataclass, field

from callcenter.domain.errors import NotFoundError
from callcenter.domain.messages import Kind
from callcenter.domain.records import MediaState
from callcenter.domain.staff import User
from callcenter.ports import CleanPicture, NotAPictureError
from callcenter.store import UnitOfWork
from callcenter.usecases import handling
from callcenter.usecases.context import Context

PREVIEW_PX = 480


@dataclass(frozen=True, slots=True)
class OpenedFile:
    kind: Kind
    mime: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Found:
    kind: Kind
    mime: str
    digest: str
    owner_id: str = ""
    contact_id: str = ""


async def open_file(context: Context, user: User, file_id: str) -> OpenedFile:
    """The content; who opened it is kept (个人信息保护法). Raises `NotFoundError`."""
    async with context.uow() as uow:
        found = await _find(uow, file_id)
        contact_id = found.contact_id or await _whose(uow, found.owner_id)
        handling.looked(context, uow, user, "file", contact_id=contact_id, reason=file_id)
        await uow.commit()
    return OpenedFile(found.kind, found.mime, await _content(context, found))


async def preview(context: Context, file_id: str) -> CleanPicture:
    """A small picture of it. Raises `NotFoundError`, also for what is no picture."""
    async with context.reading() as uow:
        found = await _find(uow, file_id)
    try:
        return await context.pictures.preview(await _content(context, found), PREVIEW_PX)
    except NotAPictureError:
        raise NotFoundError("这个文件的预览图") from None


async def _find(uow: UnitOfWork, file_id: str) -> _Found:
    """A citizen's file by its id; one of ours by the id of its message."""
    file = await uow.media.get(file_id)
    if file is not None and file.state is MediaState.STORED:
        return _Found(file.kind, file.mime, file.digest, owner_id=file.owner_id)
    message = await uow.messages.sent(file_id)
    if message is None or not message.attachment:
        raise NotFoundError("这个文件")
    attached = message.attachment
    return _Found(Kind(attached["kind"]), attached["mime"], attached["digest"], contact_id=message.contact_id)


async def _whose(uow: UnitOfWork, owner_id: str) -> str:
    message = await uow.messages.received(owner_id)
    talk = await uow.conversations.get(message.conversation_id if message else owner_id)
    return talk.contact_id if talk else ""


async def _content(context: Context, found: _Found) -> bytes:
    try:
        return await context.media.read(found.digest)
    except KeyError:
        raise NotFoundError("这个文件") from None
