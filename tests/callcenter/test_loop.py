import asyncio
import sys

from twisted.internet import reactor
from twisted.internet.defer import Deferred


async def test_a_deferred_fired_by_the_reactor_is_awaited_from_asyncio() -> None:
    deferred: Deferred[str] = Deferred()
    reactor.callLater(0.01, deferred.callback, "rang")
    assert await deferred.asFuture(asyncio.get_running_loop()) == "rang"


async def test_the_reactor_runs_on_the_session_loop() -> None:
    assert sys.modules["twisted.internet.reactor"]._asyncioEventloop is asyncio.get_running_loop()
