"""uvicorn inside our loop: it takes no signals of its own and stops when it is told."""

import contextlib
from collections.abc import Iterator
from typing import Any

import uvicorn

from agent_console.live import LiveHub

SHUTDOWN_S = 5


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The composition root owns signals."""
        yield


class ConsoleService:
    def __init__(self, app: Any, hub: LiveHub, host: str, port: int) -> None:
        self._hub = hub
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,  # addresses of pages hold case numbers; who looked is in the access log
            timeout_graceful_shutdown=SHUTDOWN_S,
            server_header=False,
            proxy_headers=False,  # who asks is found out at the door, from the proxies of the settings
        )
        self._server = _Server(config)

    async def run(self) -> None:
        """Serve until `stop`. Raises SystemExit when the port is taken."""
        await self._server.serve()

    def stop(self) -> None:
        self._hub.close()  # open event streams would hold the server up
        self._server.should_exit = True
