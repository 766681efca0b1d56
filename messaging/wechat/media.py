"""Files of citizens from the platform, files of seats to it.

A MediaId lives three days; what is gone, and every other refusal, comes as JSON with status 200.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from callcenter.domain.messages import Attachment, Kind, Media, PlanError
from callcenter.ports import MediaGoneError
from messaging.wechat.api import ANSWER_MOST, Api, check_status, limited, read_answer
from messaging.wechat.codes import BAD_TOKEN, MEDIA_GONE, InDoubtError, NotReachedError, RefusedError
from messaging.wechat.kept import Held

DOWNLOAD_MOST = 20 * 1024 * 1024  # octets; the platform's own limit is 10 MB
DOWNLOAD_LIMIT_S = 60.0
CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Taken:
    """What the platform takes of a kind: types with their endings, and how much."""

    name: str
    endings: Mapping[str, str]
    most: int


# videos need a picture to show beside them, which nobody makes here
TAKEN: Mapping[Kind, Taken] = {
    Kind.IMAGE: Taken("image", {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}, 10 * 1024**2),
    Kind.VOICE: Taken("voice", {"audio/amr": "amr", "audio/mpeg": "mp3"}, 2 * 1024**2),
}


def taken(file: Attachment) -> Taken:
    """Raises `PlanError` for what a customer-service message cannot carry (a document, for one)."""
    kind = TAKEN.get(file.kind)
    if kind is None or file.mime not in kind.endings:
        raise PlanError("kind_not_taken")
    return kind


async def upload(api: Api, file: Attachment, content: bytes) -> str:
    """The MediaId. Its name there is the digest: what the file is called here is nobody's business."""
    kind = taken(file)
    name = f"{file.digest[:16]}.{kind.endings[file.mime]}"
    return str((await api.upload(kind.name, name, content, file.mime))["media_id"])


class Downloads:
    def __init__(self, api: Api, client: httpx.AsyncClient) -> None:
        self._api = api
        self._client = client

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """Raises `MediaGoneError`, or `OSError` when it is worth trying again."""
        try:
            async with asyncio.timeout(DOWNLOAD_LIMIT_S):
                content = await self._content(media.ref)
        except RefusedError as error:
            raise (MediaGoneError if error.number == MEDIA_GONE else OSError)(str(error)) from error
        except (InDoubtError, NotReachedError, httpx.HTTPError) as error:
            raise OSError(f"wechat media: {error}") from error
        for start in range(0, len(content), CHUNK):
            yield content[start : start + CHUNK]

    async def _content(self, ref: str) -> bytes:
        held = await self._api.token()
        try:
            return await self._get(ref, held)
        except RefusedError as error:
            another = await self._api.another_token(held) if error.number in BAD_TOKEN else None
            if another is None:
                raise
        return await self._get(ref, another)

    async def _get(self, ref: str, held: Held) -> bytes:
        params = {"access_token": held.text, "media_id": ref}
        async with self._client.stream("GET", "/cgi-bin/media/get", params=params) as answer:
            check_status(answer)
            if not _is_json(answer):
                return await _file(answer)
            video = _video_url(await limited(answer, ANSWER_MOST))
        async with self._client.stream("GET", video) as answer:
            check_status(answer)
            return await _file(answer)


def _is_json(answer: httpx.Response) -> bool:
    """The platform names its JSON text/plain at times; files always have an attachment's name."""
    kind = answer.headers.get("content-type", "")
    return "json" in kind or ("text/plain" in kind and "content-disposition" not in answer.headers)


async def _file(answer: httpx.Response) -> bytes:
    try:
        return await limited(answer, DOWNLOAD_MOST)
    except ValueError as error:
        raise MediaGoneError("too large") from error


def _video_url(content: bytes) -> str:
    """Videos lie elsewhere. Raises `RefusedError`, or `MediaGoneError` for an answer that names no place."""
    try:
        url = str(read_answer(content)["video_url"])
    except (KeyError, ValueError) as error:
        raise MediaGoneError("no file in the answer") from error
    if urlsplit(url).scheme not in {"http", "https"}:
        raise MediaGoneError("no address of a file")
    return url
