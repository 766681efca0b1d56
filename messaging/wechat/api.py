"""Requests to the platform: with a token, within a time, answers of a limited size, errors that say whether
anything was taken. wechatpy's client is not used: it blocks, fetches tokens without a lock and retries
without end (ADR 0016). Knows nothing of messages.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from callcenter.ports import Clock
from messaging.wechat.codes import BAD_TOKEN, InDoubtError, NotReachedError, RefusedError
from messaging.wechat.kept import Held, Kept

ANSWER_MOST = 262_144  # octets of an answer in JSON
SERVER_ERROR, NOT_OK = 500, 300
NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Account:
    app_id: str
    secret: str


class Api:
    """Every method raises `RefusedError`, `NotReachedError` or `InDoubtError`, and nothing else."""

    def __init__(self, account: Account, client: httpx.AsyncClient, limit_s: float, clock: Clock) -> None:
        self._account = account
        self._client = client
        self._limit_s = limit_s
        self._token = Kept("access_token", self._fetch_token, clock)

    async def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Letters as they are: the platform refuses escaped ones (40033)."""
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self._with_token("POST", path, content=content, headers=_JSON)

    async def get(self, path: str, **params: str) -> Mapping[str, Any]:
        return await self._with_token("GET", path, params=params)

    async def upload(self, kind: str, name: str, content: bytes, mime: str) -> Mapping[str, Any]:
        """media/upload: a file that a message can name for three days."""
        files = {"media": (name, content, mime)}
        return await self._with_token("POST", "/cgi-bin/media/upload", params={"type": kind}, files=files)

    async def openid_of(self, code: str) -> str:
        """Whose web authorisation code this is (网页授权). A code is good for one question."""
        params = {
            "appid": self._account.app_id,
            "secret": self._account.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        answer = await self._asked("GET", "/sns/oauth2/access_token", params=params)
        if not answer.get("openid"):
            raise InDoubtError("no openid")
        return str(answer["openid"])

    async def token(self) -> Held:
        return await self._token.current()

    async def another_token(self, refused: Held) -> Held | None:
        return await self._token.instead_of(refused)

    async def _with_token(self, method: str, path: str, **request: Any) -> Mapping[str, Any]:
        """A refused token is fetched anew once, and the request made once more."""
        held = await self.token()
        try:
            return await self._asked(method, path, **_signed(request, held))
        except RefusedError as error:
            if error.number not in BAD_TOKEN:
                raise
            another = await self.another_token(held)
            if another is None:
                raise
        return await self._asked(method, path, **_signed(request, another))

    async def _fetch_token(self) -> tuple[str, float]:
        """stable_token gives everybody who asks the same one, so that two nodes do not end each other's."""
        body = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.secret,
        }
        content = json.dumps(body).encode()
        try:
            answer = await self._asked("POST", "/cgi-bin/stable_token", content=content, headers=_JSON)
            return str(answer["access_token"]), float(answer["expires_in"])
        except (InDoubtError, KeyError, ValueError) as error:
            raise NotReachedError("no token") from error  # what the token was wanted for never left

    async def _asked(self, method: str, path: str, **request: Any) -> Mapping[str, Any]:
        async with (
            failures_named(),
            asyncio.timeout(self._limit_s),
            self._client.stream(method, path, **request) as answer,
        ):
            check_status(answer)
            return read_answer(await limited(answer, ANSWER_MOST))


_JSON = {"Content-Type": "application/json; charset=utf-8"}


def _signed(request: Mapping[str, Any], held: Held) -> dict[str, Any]:
    return {**request, "params": {**request.get("params", {}), "access_token": held.text}}


@asynccontextmanager
async def failures_named() -> AsyncIterator[None]:
    """Errors of the network and of answers that nobody can read, told apart by whether the request left."""
    try:
        yield
    except NEVER_LEFT as error:
        raise NotReachedError(type(error).__name__) from error
    except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
        raise InDoubtError(type(error).__name__) from error


def check_status(answer: httpx.Response) -> None:
    """The platform always says 200; whatever else comes from something in between."""
    if answer.status_code >= SERVER_ERROR:
        raise InDoubtError(f"status_{answer.status_code}")
    if answer.status_code >= NOT_OK:
        raise NotReachedError(f"status_{answer.status_code}")


async def limited(answer: httpx.Response, most: int) -> bytes:
    """Raises `ValueError` when there is more of it."""
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > most:
            raise ValueError("too large")
    return bytes(content)


def read_answer(content: bytes) -> Mapping[str, Any]:
    """Raises `RefusedError`, or `ValueError` for what is no answer of the platform."""
    try:
        answer = json.loads(content)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(answer, Mapping):
        raise ValueError("no fields")  # noqa: TRY004  # as for all that cannot be read
    number = int(answer.get("errcode") or 0)
    if number:
        raise RefusedError(number)
    return answer
