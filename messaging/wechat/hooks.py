"""Requests of the platform that wait for a moment, so that an answer can go in them (被动回复).

Such an answer costs nothing of the citizen's five messages and is there at once. Whoever sends asks here
first; the request that waits the longest takes the text, and says whether it left.
"""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field

MOST_OPEN = 500
"""Requests that wait at a time; under more load answers come as messages of their own."""

WRITTEN_WITHIN_S = 2.0


def _future() -> asyncio.Future[bool]:
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True, eq=False)
class Hook:
    """One request of one citizen. `ref` is the platform's number of the message in it."""

    openid: str
    ref: str
    text: str = ""
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Future[bool] = field(default_factory=_future)

    def written(self, there: bool) -> None:
        """What became of the answer, see `callcenter.ports.WebResponse`."""
        if not self.left.done():
            self.left.set_result(there)


class Hooks:
    def __init__(self) -> None:
        self._open: dict[str, deque[Hook]] = defaultdict(deque)
        self._count = 0
        self._closed = False

    async def wait(self, openid: str, ref: str, seconds: float) -> Hook | None:
        """The request with the text that it took, or None when there is nothing to say in it."""
        if seconds <= 0 or self._closed or self._count >= MOST_OPEN:
            return None
        hook = Hook(openid, ref)
        self._open[openid].append(hook)
        self._count += 1
        try:
            await _happened(hook.taken, seconds)
        except asyncio.CancelledError:
            hook.written(there=False)
            raise
        finally:
            self._forget(hook)
        return hook if hook.text else None

    async def offer(self, openid: str, text: str) -> tuple[str, bool | None]:
        """The number of the message that it answers ('' = no request waits), and whether the text left:
        True, False = certainly not, None = nobody knows.
        """
        waiting = self._open.get(openid)
        if not waiting:
            return "", False
        hook = waiting[0]
        hook.text = text
        self._forget(hook)
        hook.taken.set()
        done, _ = await asyncio.wait({hook.left}, timeout=WRITTEN_WITHIN_S)
        return hook.ref, hook.left.result() if done else None

    def close(self) -> None:
        """Let everybody go who waits, and let nobody wait any more."""
        self._closed = True
        for waiting in list(self._open.values()):
            for hook in list(waiting):
                self._forget(hook)
                hook.taken.set()

    def _forget(self, hook: Hook) -> None:
        waiting = self._open.get(hook.openid)
        if waiting is None or hook not in waiting:
            return
        waiting.remove(hook)
        self._count -= 1
        if not waiting:
            del self._open[hook.openid]


async def _happened(event: asyncio.Event, seconds: float) -> None:
    """Waits so long at most. Never loses what happened in the instant in which the time ran out."""
    waiter = asyncio.create_task(event.wait())
    try:
        await asyncio.wait({waiter}, timeout=seconds)
    finally:
        waiter.cancel()
