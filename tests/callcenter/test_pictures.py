"""Pictures come out with their pixels and nothing else, or not at all."""

import asyncio
import io
import struct
import zlib

import pytest
from PIL import Image

from callcenter.pictures import MAX_SIDE, PillowPictures
from callcenter.ports import NotAPictureError


def written(picture: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_what_telephones_make_becomes_a_jpeg_of_a_sensible_size(kind: str) -> None:
    clean = await PillowPictures().clean(written(Image.new("RGB", (3000, 1000), "red"), kind))
    assert (clean.mime, clean.width, clean.height) == ("image/jpeg", MAX_SIDE, 683)
    assert opened(clean.content).format == "JPEG"


async def test_a_small_picture_is_not_made_larger() -> None:
    clean = await PillowPictures().clean(written(Image.new("RGB", (40, 30)), "PNG"))
    assert (clean.width, clean.height) == (40, 30)


async def test_it_stands_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the telephone was held upright
    exif[0x8825] = {1: "N", 2: (28.0, 30.0, 0.0)}
    clean = await PillowPictures().clean(written(Image.new("RGB", (400, 300)), "JPEG", exif=exif))
    assert (clean.width, clean.height) == (300, 400)
    assert not opened(clean.content).getexif()
    assert set(opened(clean.content).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


async def test_what_is_see_through_stands_on_white() -> None:
    clean = await PillowPictures().clean(written(Image.new("RGBA", (10, 10), (255, 0, 0, 0)), "PNG"))
    assert min(opened(clean.content).getpixel((5, 5))) > 250


async def test_what_hides_behind_a_picture_is_left_behind() -> None:
    hiding = written(Image.new("RGB", (10, 10)), "JPEG") + b"PK\x03\x04<script>alert(1)</script>"
    assert b"script" not in (await PillowPictures().clean(hiding)).content


def a_png(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        written(Image.new("RGB", (10, 10)), "GIF"),
        written(Image.new("RGB", (300, 300), "red"), "JPEG")[:700],
        a_png(8_000, 8_000, zlib.compress(b"\0" * 100)),  # within Pillow's own limit
        a_png(60_000, 60_000, zlib.compress(b"\0" * 100_000)),
        a_png(100, 100, b"no stream"),
    ],
    ids=["nothing", "pdf", "svg", "gif", "cut off", "too many pixels", "bomb", "broken"],
)
async def test_everything_else_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPictureError):
        await PillowPictures().clean(content)


async def test_the_loop_goes_on_while_pictures_are_decoded() -> None:
    large = written(Image.effect_noise((3000, 2000), 60), "JPEG")
    pictures, turns = PillowPictures(), 0
    work = asyncio.gather(*(pictures.clean(large) for _ in range(4)))
    while not work.done():
        turns += 1
        await asyncio.sleep(0.001)
    assert len(await work) == 4
    assert turns > 10
