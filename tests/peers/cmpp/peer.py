"""The test gateway as a process of its own, which a test can kill at any moment."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
START_LIMIT_S = 15.0


class GatewayProcess:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.port = 0

    async def tells(self) -> dict[str, Any]:
        """The next line of it: a SUBMIT that it took."""
        assert self._process.stdout is not None
        return json.loads(await asyncio.wait_for(self._process.stdout.readline(), START_LIMIT_S))

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def gateway_process(port: int = 0, **settings: Any) -> AsyncIterator[GatewayProcess]:
    command = (sys.executable, "-m", "tests.peers.cmpp.gateway", json.dumps(settings), str(port))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    gateway = GatewayProcess(process)
    try:
        gateway.port = (await gateway.tells())["port"]
        yield gateway
    finally:
        await gateway.kill()
