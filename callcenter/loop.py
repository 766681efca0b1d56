"""The one event loop: asyncio owns it, Twisted rides on it. Knows nothing of the hotline.

`asyncioreactor` must be installed before anything imports `twisted.internet.reactor`, so `install`
runs before adapters are imported.
"""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar, cast

from twisted.internet import asyncioreactor
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

REACTOR = "twisted.internet.reactor"
T = TypeVar("T")


def install(loop: asyncio.AbstractEventLoop) -> AsyncioSelectorReactor:
    """Put Twisted's reactor on `loop` and start it without touching signal handlers."""
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]  # Twisted left it untyped
    reactor = cast("AsyncioSelectorReactor", sys.modules[REACTOR])
    reactor.startRunning(installSignalHandlers=False)
    return reactor


def uninstall(reactor: AsyncioSelectorReactor, loop: asyncio.AbstractEventLoop) -> None:
    """Run Twisted's shutdown. It leaves a `stop()` behind that one `run_forever` takes up;
    without that the real exception of a crash is hidden behind 'loop stopped'.
    """
    reactor.fireSystemEvent("shutdown")
    loop.run_forever()
    del sys.modules[REACTOR]


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on a fresh loop that carries both worlds."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        reactor = install(loop)
        try:
            return runner.run(main)
        finally:
            uninstall(reactor, loop)
