"""The FastAPI application: routers, error sentences, health, the built console as static files."""

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from agent_console import schemas
from agent_console.api import (
    binding,
    cases,
    citizen,
    figures,
    inbox,
    intake,
    live,
    messages,
    photos,
    positions,
    rules,
    seat,
    session,
    simulator,
)
from agent_console.bodies import Bodies
from agent_console.door import Door, TooFastError
from agent_console.health import Probes
from agent_console.health import router as health
from agent_console.inputs import UNREADABLE, complaint, storable
from callcenter.domain.errors import (
    ConflictError,
    HotlineError,
    InvalidInputError,
    LockedOutError,
    NotAllowedError,
    NotFoundError,
    SignInError,
    TelephonyError,
    TransitionError,
)
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor
from callcenter.usecases.positions import LinkOverError
from callcenter.usecases.uploads import MAX_OCTETS

log = structlog.get_logger(__name__)

STATIC = Path(__file__).parent / "static"
MAX_BODY = 1_048_576
PICTURES = re.compile(r"/api/(citizen/photos(/link)?|inbox/[^/]+/files)")  # bodies are files

# what an error means in HTTP; the first class that fits counts
STATUS: tuple[tuple[type[HotlineError], int], ...] = (
    (NotFoundError, 404),
    (InvalidInputError, 422),
    (LockedOutError, 429),
    (TooFastError, 429),
    (LinkOverError, 410),
    (SignInError, 401),
    (NotAllowedError, 403),
    (ConflictError, 409),
    (TransitionError, 409),
    (TelephonyError, 503),
    (HotlineError, 400),
)

CITIZENS = re.compile(r"(c|p)(/|$)")  # pages without a session
OPEN_PAGE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; "
    "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
}

UNSERVED = {404: ("not_found", "没有这个地址。"), 405: ("not_allowed", "这个地址不支持这样的请求。")}


@dataclass(frozen=True)
class WebSettings:
    ws_url: str
    sip_domain: str
    sip_address: str
    sounds: tuple[Path, ...]  # folders of recordings and of messages left
    demo: bool
    secure_cookie: bool
    proxies: tuple[str, ...] = ()  # networks whose word on who asks is believed
    proof_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)


def api() -> FastAPI:
    """All endpoints, not yet bound to a hotline: enough to describe them."""
    app = FastAPI(title="Hotline 12345", version="0.1.0", docs_url=None, redoc_url=None)
    for part in (
        session,
        seat,
        intake,
        cases,
        figures,
        live,
        rules,
        simulator,
        citizen,
        positions,
        photos,
        binding,
        messages,
        inbox,
    ):
        app.include_router(part.router, responses={"4XX": {"model": schemas.Problem}})
    app.include_router(health)
    return app


def build(context: Context, floor: Floor, probes: Probes, settings: WebSettings) -> FastAPI:
    app = api()
    app.state.context, app.state.floor, app.state.probes = context, floor, probes
    app.state.ws_url, app.state.sip_domain = settings.ws_url, settings.sip_domain
    app.state.sip_address = settings.sip_address
    app.state.sounds, app.state.demo = settings.sounds, settings.demo
    app.state.secure_cookie = settings.secure_cookie
    app.state.door = Door(settings.proof_key, settings.proxies, context.city.public_url)
    app.add_exception_handler(HotlineError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(Exception, _broken)
    app.middleware("http")(_guard)
    app.add_middleware(Bodies, address=lambda scope: app.state.door.address(Request(scope)))
    _serve_console(app)
    return app


async def _guard(request: Request, call_next: object) -> Response:
    """No body that is too large or of unknown length, and no page of ours inside somebody else's."""
    if "transfer-encoding" in request.headers:
        return _problem(411, "length_required", "请求没有写明长度，请刷新页面后再试。")
    length = request.headers.get("content-length", "0")
    most = MAX_OCTETS if PICTURES.fullmatch(request.url.path) else MAX_BODY
    if not length.isdigit() or int(length) > most:
        return _problem(413, "too_large", "内容太大，请删减后再提交。")
    if not storable(unquote(f"{request.url.path}?{request.url.query}")):
        return _problem(400, "bad_address", "地址里有不能用的字符，请从页面上的链接进入。")
    response: Response = await call_next(request)  # type: ignore[operator]  # Starlette's callable
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _problem(status: int, code: str, message: str, field: str = "") -> JSONResponse:
    return JSONResponse({"code": code, "message": message, "field": field}, status_code=status)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HotlineError)
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    return _problem(status, error.code, str(error), getattr(error, "field", ""))


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    field, sentence = complaint(error.errors()[0])
    return _problem(422, "invalid_input", sentence, field)


async def _not_served(_request: Request, error: Exception) -> JSONResponse:
    """What the framework itself refuses: unknown address, wrong method, unreadable body."""
    assert isinstance(error, HTTPException)
    code, sentence = UNSERVED.get(error.status_code, ("refused", UNREADABLE))
    return _problem(error.status_code, code, sentence)


async def _broken(request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", path=request.url.path, error=type(error).__name__, exc_info=error)
    return _problem(500, "internal", "系统出错了，您填写的内容还在；请稍后再试，仍不行请联系管理员。")


def _serve_console(app: FastAPI) -> None:
    if (STATIC / "assets").is_dir():
        app.mount("/assets", StaticFiles(directory=STATIC / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str) -> Response:
        """The console routes in the browser: every path that is no file is its index."""
        if path.startswith(("api/", "assets/")):
            return _problem(404, "not_found", "没有这个地址。")
        if path in {file.name for file in STATIC.glob("*.*")}:
            return FileResponse(STATIC / path)
        for_citizens = CITIZENS.match(path) is not None
        index = STATIC / ("citizen.html" if for_citizens else "index.html")
        if not index.is_file():
            return _problem(503, "not_built", "控制台页面还没有构建，请先运行 make setup。")
        return FileResponse(
            index, headers={"Cache-Control": "no-cache", **(OPEN_PAGE if for_citizens else {})}
        )
