"""Pictures that citizens send: whether one is a picture, its content without what a camera adds, previews.

Implements `callcenter.ports.Pictures` with Pillow, beside the loop. Everything is decoded and written anew,
so that nothing of the file that came gets through: no place, no camera, no text, no second file behind it.
"""

import asyncio
import io
from collections.abc import Callable
from typing import TypeVar

from PIL import Image, ImageOps

from callcenter.ports import CleanPicture, NotAPictureError

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 50_000_000  # a telephone's largest; decoded it takes three octets each
MAX_SIDE = 2048
QUALITY = 85
AT_A_TIME = 2  # decoded pictures are large
MIME = "image/jpeg"

_T = TypeVar("_T")

# everything that Pillow says about a file that is broken, cut off, or a bomb
_REFUSED = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning)


class PillowPictures:
    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_A_TIME)

    async def clean(self, content: bytes) -> CleanPicture:
        return await self._beside(lambda: _clean(content, MAX_SIDE))

    async def preview(self, content: bytes, side: int) -> CleanPicture:
        return await self._beside(lambda: _clean(content, side))

    async def _beside(self, job: Callable[[], _T]) -> _T:
        async with self._turn:
            return await asyncio.to_thread(job)


def _clean(content: bytes, side: int) -> CleanPicture:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise NotAPictureError("too_many_pixels")
            return _written(_shrunk(picture, side))
    except _REFUSED as error:
        raise NotAPictureError("unreadable") from error


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    """Upright, without transparency, no side longer than that; never enlarged."""
    picture.draft("RGB", (side, side))  # a JPEG is decoded no larger than needed
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((side, side))
    if upright.has_transparency_data:
        ground = Image.new("RGB", upright.size, "white")
        ground.paste(upright, mask=upright.convert("RGBA").getchannel("A"))
        return ground
    return upright.convert("RGB")


def _written(picture: Image.Image) -> CleanPicture:
    out = io.BytesIO()
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)  # pixels only: `save` would write down what the other one remembers
    bare.save(out, "JPEG", quality=QUALITY)
    return CleanPicture(out.getvalue(), MIME, bare.width, bare.height)
