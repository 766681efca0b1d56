"""Is the process alive, can it work: for supervisors and load balancers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from agent_console import schemas

router = APIRouter(tags=["health"])


@dataclass(frozen=True)
class Probes:
    database: Callable[[], Awaitable[bool]]
    ami: Callable[[], bool]
    fastagi: Callable[[], bool]


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(request: Request, response: Response) -> schemas.Ready:
    probes: Probes = request.app.state.probes
    database, ami, fastagi = await probes.database(), probes.ami(), probes.fastagi()
    ready = database and ami and fastagi
    response.status_code = 200 if ready else 503
    return schemas.Ready(ready=ready, database=database, ami=ami, fastagi=fastagi)
