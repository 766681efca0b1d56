"""Files are fetched before the platform forgets them, and only what they say they are gets in."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from PIL import Image

from callcenter.domain.messages import Inbound, Kind, Media
from callcenter.domain.records import MediaFile, MediaState
from callcenter.pictures import PillowPictures
from callcenter.ports import MediaGoneError
from callcenter.usecases import media
from callcenter.usecases.context import Context
from callcenter.usecases.mailbox import Mailbox


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return out.getvalue()


class Platform:
    """Gives what it was told to; counts how often it was asked."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def fetch(self, account: str, wanted: Media) -> AsyncIterator[bytes]:
        self.asked.append(f"{account}/{wanted.ref}")
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        for start in range(0, len(answer), 1 << 20):
            yield answer[start : start + (1 << 20)]


@pytest.fixture
def context(context: Context) -> Context:
    context.pictures = PillowPictures()
    return context


async def a_file(context: Context, *files: Media) -> None:
    await Mailbox(context).accept(Inbound("wechat", "wx", "e1", "openid-1", media=files))


async def the_file(context: Context) -> MediaFile:
    async with context.reading() as uow:
        (message,) = await uow.messages.received_from("openid-1", 5)
        (file,) = (await uow.media.of([message.id]))[message.id]
    return file


async def test_a_picture_is_fetched_once_and_kept_as_a_picture(context: Context):
    await a_file(context, Media(Kind.IMAGE, ref="m7"))
    platform = Platform(picture())
    assert await media.tick(context, platform.fetch) == 1
    assert await media.tick(context, platform.fetch) == 0
    file = await the_file(context)
    assert (file.state, file.mime, platform.asked) == (MediaState.STORED, "image/jpeg", ["wx/m7"])
    assert Image.open(io.BytesIO(await context.media.read(file.digest))).size == (40, 30)


async def test_a_picture_that_came_along_is_looked_at_too(context: Context):
    await a_file(context, Media(Kind.IMAGE, content=b"<script>", mime="image/jpeg"))
    await media.tick(context, Platform(b"").fetch)
    assert (await the_file(context)).state is MediaState.REFUSED


async def test_of_what_came_along_only_the_clean_copy_stays(context: Context):
    original = picture() + b"taken at 28.5, 118.5"
    await a_file(context, Media(Kind.IMAGE, content=original, mime="image/jpeg"))
    await media.tick(context, Platform(b"").fetch)
    file = await the_file(context)
    assert list(context.media.files) == [file.digest]
    assert original not in context.media.files.values()


async def test_of_what_was_refused_nothing_stays(context: Context):
    await a_file(context, Media(Kind.IMAGE, content=b"<script>", mime="image/jpeg"))
    await media.tick(context, Platform(b"").fetch)
    assert (await the_file(context)).digest == ""
    assert not context.media.files


async def test_an_original_that_another_message_still_needs_stays_until_that_one_is_done(context: Context):
    original = picture() + b"taken at 28.5, 118.5"
    files = [Media(Kind.IMAGE, content=original)] * 2 + [Media(Kind.FILE, content=original)]
    await a_file(context, *files[:2])
    await Mailbox(context).accept(Inbound("wechat", "wx", "e2", "openid-2", media=(files[2],)))
    await media.tick(context, Platform(b"").fetch)
    async with context.reading() as uow:
        (message,) = await uow.messages.received_from("openid-2", 5)
        (as_it_is,) = (await uow.media.of([message.id]))[message.id]
    assert context.media.files[as_it_is.digest] == original
    assert len(context.media.files) == 2  # and the clean copy


async def test_what_is_no_picture_is_refused_and_not_asked_for_again(context: Context):
    await a_file(context, Media(Kind.IMAGE, ref="m7"))
    platform = Platform(b"<html>")
    await media.tick(context, platform.fetch)
    assert (await the_file(context)).state is MediaState.REFUSED
    context.clock.pass_by(days=1)
    assert await media.tick(context, platform.fetch) == 0


async def test_a_file_without_end_is_refused_without_filling_the_memory(context: Context):
    await a_file(context, Media(Kind.VIDEO, ref="m7"))
    await media.tick(context, Platform(bytes(media.LARGEST + 1)).fetch)
    assert (await the_file(context)).state is MediaState.REFUSED


async def test_what_the_platform_does_not_have_any_more_is_gone(context: Context):
    await a_file(context, Media(Kind.IMAGE, ref="m7"))
    await media.tick(context, Platform(MediaGoneError("40007")).fetch)
    assert (await the_file(context)).state is MediaState.GONE


async def test_a_platform_that_is_away_costs_time_only(context: Context):
    await a_file(context, Media(Kind.IMAGE, ref="m7"))
    platform = Platform(ConnectionError("away"), ConnectionError("away"), picture())
    await media.tick(context, platform.fetch)
    assert await media.tick(context, platform.fetch) == 0  # not at once again
    for _ in range(2):
        context.clock.pass_by(minutes=1)
        await media.tick(context, platform.fetch)
    assert (await the_file(context)).state is MediaState.STORED


async def test_after_three_days_a_wechat_file_is_given_up(context: Context):
    await a_file(context, Media(Kind.IMAGE, ref="m7", expires_at=context.now() + timedelta(days=3)))
    platform = Platform(ConnectionError("away"))
    await media.tick(context, platform.fetch)
    context.clock.pass_by(days=3)
    await media.tick(context, platform.fetch)
    assert (await the_file(context)).state is MediaState.GONE


async def test_one_file_that_fails_holds_up_no_other(context: Context):
    await Mailbox(context).accept(
        Inbound("wechat", "wx", "e1", "openid-1", media=tuple(Media(Kind.FILE, ref=str(n)) for n in range(4)))
    )
    platform = Platform(ConnectionError("away"), b"file")
    await media.tick(context, platform.fetch)
    async with context.reading() as uow:
        (message,) = await uow.messages.received_from("openid-1", 5)
        states = [file.state for file in (await uow.media.of([message.id]))[message.id]]
    assert sorted(states) == [MediaState.STORED] * 3 + [MediaState.WAITING]
