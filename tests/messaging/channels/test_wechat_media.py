"""Citizens' files from the platform."""

import pytest

from callcenter.domain.messages import Kind, Media
from callcenter.ports import MediaGoneError
from messaging.wechat import media as downloads
from tests.messaging.wechat.desk import Desk, open_desk
from tests.peers.wechat.platform import Trouble

GET = "/cgi-bin/media/get"
AMR = b"#!AMR\n" + b"\x3c" * 640


async def fetched(desk: Desk, ref: str, kind: Kind = Kind.VOICE) -> bytes:
    return b"".join([piece async for piece in desk.channel.fetch(Media(kind, ref=ref))])


async def test_a_voice_comes_as_it_was_sent() -> None:
    async with open_desk() as desk:
        ref = desk.platform.books.keep(AMR, "audio/amr")
        assert await fetched(desk, ref) == AMR


async def test_a_large_picture_comes_in_pieces() -> None:
    async with open_desk() as desk:
        ref = desk.platform.books.keep(b"x" * 200_000, "image/jpeg")
        pieces = [piece async for piece in desk.channel.fetch(Media(Kind.IMAGE, ref=ref))]
        assert [len(piece) for piece in pieces] == [65_536, 65_536, 65_536, 3_392]


async def test_a_video_lies_elsewhere() -> None:
    async with open_desk() as desk:
        ref = desk.platform.books.keep(b"mp4", "video/mp4", video=True)
        assert await fetched(desk, ref, Kind.VIDEO) == b"mp4"


async def test_after_three_days_it_is_gone() -> None:
    async with open_desk() as desk:
        ref = desk.platform.books.keep(AMR, "audio/amr")
        desk.clock.tick(days=3, seconds=1)
        with pytest.raises(MediaGoneError):
            await fetched(desk, ref)


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(body=b"{}"),
        Trouble(body=b'{"video_url": "file:///etc/hostname"}'),
        Trouble(body=b'{"video_url": 7}'),
        Trouble(body=b"not what it says"),
        Trouble(body=b"[" * 5_000),
    ],
)
async def test_an_answer_without_a_file_is_not_asked_for_again(trouble) -> None:
    async with open_desk() as desk:
        desk.platform.troubles[GET] = [trouble]
        with pytest.raises(MediaGoneError):
            await fetched(desk, "media-1")


@pytest.mark.parametrize(
    "trouble", [Trouble(number=-1), Trouble(status=502), Trouble(silent=True), Trouble(number=45009)]
)
async def test_trouble_of_the_platform_is_worth_another_try(trouble) -> None:
    async with open_desk(answer_limit_s=0.3) as desk:
        ref = desk.platform.books.keep(AMR, "audio/amr")
        desk.platform.troubles[GET] = [trouble]
        with pytest.raises(OSError, match="wechat"):
            await fetched(desk, ref)
        assert await fetched(desk, ref) == AMR


async def test_a_refused_token_is_fetched_anew_for_a_file_too() -> None:
    async with open_desk() as desk:
        ref = desk.platform.books.keep(AMR, "audio/amr")
        desk.platform.troubles[GET] = [Trouble(number=42001)]
        assert await fetched(desk, ref) == AMR
        assert desk.platform.asked["/cgi-bin/stable_token"] == 2


async def test_a_file_larger_than_any_of_theirs_is_not_taken(monkeypatch) -> None:
    monkeypatch.setattr(downloads, "DOWNLOAD_MOST", 1_000)
    async with open_desk() as desk:
        ref = desk.platform.books.keep(b"x" * 1_001, "image/jpeg")
        with pytest.raises(MediaGoneError):
            await fetched(desk, ref, Kind.IMAGE)


async def test_a_download_has_an_end(monkeypatch) -> None:
    monkeypatch.setattr(downloads, "DOWNLOAD_LIMIT_S", 0.2)
    async with open_desk(answer_limit_s=10) as desk:
        desk.platform.troubles[GET] = [Trouble(silent=True)]
        with pytest.raises(TimeoutError):
            await fetched(desk, "media-1")
