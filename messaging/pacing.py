"""How fast an account may send: over all recipients, and to one of them. Knows no protocol."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from callcenter.ports import Rate

REMEMBERED = 10_000  # recipients whose last message is known


class Pacer:
    """Whoever wants to send asks for a turn. `time` is a monotonic clock in seconds."""

    def __init__(self, rate: Rate, time: Callable[[], float]) -> None:
        self._rate = rate
        self._time = time
        self._next = 0.0
        self._next_to: OrderedDict[str, float] = OrderedDict()

    async def turn(self, recipient: str) -> None:
        """Returns when a part may go to the recipient. Turns are given in the order in which they are asked
        for, and one that is given is used up.
        """
        at = self._book(recipient)
        if (wait := at - self._time()) > 0:
            await asyncio.sleep(wait)

    def _book(self, recipient: str) -> float:
        at = now = self._time()
        if self._rate.per_second:
            at = max(now, self._next)
            self._next = at + 1 / self._rate.per_second
        if self._rate.per_recipient_s:
            at = max(at, self._next_to.pop(recipient, 0.0))
            self._next_to[recipient] = at + self._rate.per_recipient_s
            if len(self._next_to) > REMEMBERED:
                self._next_to.popitem(last=False)
        return at
