"""Files of citizens: fetched before the platform forgets them, checked, kept by their content.

A file waits in the books until it is here; a platform that is away costs nothing but time, up to the moment
from which it does not give the file any more.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import structlog

from callcenter.domain.messages import Kind, Media
from callcenter.domain.records import MediaFile, MediaState
from callcenter.ports import MediaGoneError, NotAPictureError, NotASoundError
from callcenter.usecases.context import Context

log = structlog.get_logger(__name__)

AT_A_TIME = 4
LARGEST = 25 * 1024 * 1024  # octets
LONGEST_S = 60.0
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
MAX_ATTEMPTS = 12  # some eight hours, for platforms that name no end

Fetch = Callable[[str, Media], AsyncIterator[bytes]]


class TooLargeError(Exception):
    """More octets than a file of a citizen may have."""


async def tick(context: Context, fetch: Fetch) -> int:
    """Bring in what waits; returns how many files. `fetch` takes the account and the file."""
    async with context.reading() as uow:
        due = await uow.media.due(context.now(), AT_A_TIME)
    await asyncio.gather(*(_bring_in(context, fetch, file) for file in due))
    return len(due)


async def _bring_in(context: Context, fetch: Fetch, file: MediaFile) -> None:
    try:
        async with asyncio.timeout(LONGEST_S):
            content = await _content(context, fetch, file)
        digest, mime = await _kept(context, file, content)
    except (MediaGoneError, KeyError):
        await _write(context, file.id, lambda row: _ended(row, MediaState.GONE))
    except (NotAPictureError, NotASoundError, TooLargeError) as error:
        log.info("file_refused", file=file.id, kind=file.kind, why=type(error).__name__)
        await _write(context, file.id, lambda row: _ended(row, MediaState.REFUSED))
        await _drop_original(context, file)
    except Exception as error:  # noqa: BLE001  # the peer's faults have many faces; the next attempt tells
        log.warning("file_not_fetched", file=file.id, account=file.account, error=type(error).__name__)
        await _write(context, file.id, lambda row: _later(context, row))
    else:
        await _write(context, file.id, lambda row: _stored(row, digest, mime, len(content)))
        await _drop_original(context, file, kept=digest)


async def _content(context: Context, fetch: Fetch, file: MediaFile) -> bytes:
    """What came with its message is here already, and only has to be checked."""
    if file.digest:
        content = await context.media.read(file.digest)
    else:
        wanted = Media(file.kind, file.ref, file.mime, file.name, file.size, expires_at=file.expires_at)
        content = await _gathered(fetch(file.account, wanted))
    if len(content) > LARGEST:
        raise TooLargeError
    return content


async def _gathered(pieces: AsyncIterator[bytes]) -> bytes:
    """No more of it in memory than may be kept."""
    content = bytearray()
    async for piece in pieces:
        content += piece
        if len(content) > LARGEST:
            raise TooLargeError
    return bytes(content)


async def _kept(context: Context, file: MediaFile, content: bytes) -> tuple[str, str]:
    """Digest and type. A picture is written anew: nothing but what it shows gets through; and telephones'
    own kinds of sound become one that browsers play.
    """
    if file.kind is Kind.IMAGE:
        picture = await context.pictures.clean(content)
        return await context.media.put(picture.content), picture.mime
    if file.kind is Kind.VOICE:
        sound = await context.sounds.playable(content)
        return await context.media.put(sound.content), sound.mime
    return await context.media.put(content), file.mime


async def _drop_original(context: Context, file: MediaFile, kept: str = "") -> None:
    """What came with the message and is shown to nobody: where a photo was taken is written in it.

    After the commit, because a file without a row costs room only, and a row without its file the file.
    """
    if file.digest in {"", kept}:
        return
    async with context.reading() as uow:
        used = await uow.media.has_digest(file.digest, other_than=file.id)
    if not used:
        await context.media.drop(file.digest)


async def _write(context: Context, file_id: str, change: Callable[[MediaFile], None]) -> None:
    async with context.uow() as uow:
        file = await uow.media.get(file_id)
        if file is None:
            return
        change(file)
        owner = await uow.messages.received(file.owner_id)
        conversation_id = owner.conversation_id if owner else ""
        if conversation_id:
            uow.after_commit(lambda: context.live.publish("office", "inbox.changed", {"id": conversation_id}))
        await uow.commit()


def _ended(file: MediaFile, state: MediaState) -> None:
    file.state, file.next_at = state, None
    if state is MediaState.REFUSED:
        file.digest = ""


def _stored(file: MediaFile, digest: str, mime: str, size: int) -> None:
    _ended(file, MediaState.STORED)
    file.digest, file.mime, file.size = digest, mime, size


def _later(context: Context, file: MediaFile) -> None:
    now = context.now()
    file.attempts += 1
    file.next_at = now + min(FIRST_PAUSE * 2 ** (file.attempts - 1), LONGEST_PAUSE)
    if file.attempts >= MAX_ATTEMPTS or (file.expires_at is not None and file.expires_at <= now):
        _ended(file, MediaState.GONE)
