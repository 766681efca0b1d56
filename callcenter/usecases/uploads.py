"""Photos of citizens: cleaned, kept, and tied to what they belong to."""

from collections.abc import Sequence
from datetime import timedelta

from callcenter.domain.errors import InvalidInputError
from callcenter.domain.messages import Kind
from callcenter.domain.records import MediaFile, MediaState
from callcenter.ports import NotAPictureError
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context

UNCLAIMED = "upload"  # owner of photos whose report is not sent yet
KEPT = timedelta(hours=24)
MAX_PHOTOS = 6
MAX_OCTETS = 10 * 1024 * 1024


async def cleaned(context: Context, content: bytes, owner_id: str, number: int = 0) -> MediaFile:
    """The photo in the store, and its row, which the caller adds. Raises `InvalidInputError`."""
    if len(content) > MAX_OCTETS:
        raise InvalidInputError("photos", "照片太大，请选 10 MB 以内的照片。")
    try:
        clean = await context.pictures.clean(content)
    except NotAPictureError:
        raise InvalidInputError("photos", "这个文件不是能打开的照片，请换一张 JPG 或 PNG 照片。") from None
    return MediaFile(
        id=context.ids.new(),
        owner_id=owner_id,
        number=number,
        kind=Kind.IMAGE,
        state=MediaState.STORED,
        mime=clean.mime,
        size=len(clean.content),
        digest=await context.media.put(clean.content),
    )


async def keep(context: Context, content: bytes) -> MediaFile:
    """Until a report or a message claims it by its id, which nobody guesses; a day at the longest."""
    file = await cleaned(context, content, UNCLAIMED)
    file.expires_at = context.now() + KEPT
    async with context.uow() as uow:
        uow.media.add(file)  # before the sweep: it may be the same photo as one that is over
        unused = await uow.media.sweep(UNCLAIMED, context.now())
        await uow.commit()
    for digest in unused:
        await context.media.drop(digest)
    return file


async def claim(uow: UnitOfWork, photo_ids: Sequence[str], owner_id: str) -> None:
    """From now on they are the owner's. Raises `InvalidInputError` for one that is not there any more."""
    for number, photo_id in enumerate(photo_ids[:MAX_PHOTOS]):
        file = await uow.media.get(photo_id)
        if file is None or file.owner_id != UNCLAIMED:
            raise InvalidInputError("photos", "有照片没有保存住，请删掉后重新添加，再提交一次。")
        file.owner_id, file.number, file.expires_at = owner_id, number, None
