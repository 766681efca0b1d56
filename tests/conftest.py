"""One event loop for the whole session, with Twisted's reactor on it, as in production.

The loop is made when this file is read: test modules that say `from twisted.internet import reactor`
are collected later and must find ours.
"""

import asyncio
from collections.abc import Callable, Mapping

from callcenter import loop as hotline_loop

_LOOP = asyncio.new_event_loop()
hotline_loop.install(_LOOP)


def _the_loop() -> asyncio.AbstractEventLoop:
    return _LOOP


# one object for all tests: a new function would count as another kind of loop and close the first
_FACTORIES = {"twisted": _the_loop}


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return _FACTORIES
