"""A log that says the same only once a minute: whatever a peer does in a storm, the log stays readable."""

import time
from collections.abc import Callable

import structlog

EVERY_S = 60.0


class SeldomLog:
    """`bound` stands in every line. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, **bound: object) -> None:
        self._log = structlog.get_logger().bind(**bound)
        self._clock = clock
        self._next: dict[str, float] = {}

    def warning(self, event: str, **words: object) -> None:
        if self._due(event):
            self._log.warning(event, **words)

    def exception(self, event: str, **words: object) -> None:
        """With the traceback of what is being handled."""
        if self._due(event):
            self._log.exception(event, **words)

    def _due(self, event: str) -> bool:
        now = self._clock()
        if now < self._next.get(event, now):
            return False
        self._next[event] = now + EVERY_S
        return True
