"""A text on its way out as several short messages. Knows no protocol: `submit` sends one part and says
what became of it.
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from callcenter.domain.messages import Outcome, SendResult
from messaging.policy import Ladder
from messaging.sms.text import Segment

PART_TRIES = 5
PART_PAUSE = Ladder(timedelta(seconds=1), timedelta(seconds=8))

Submit = Callable[[Segment], Awaitable[SendResult]]


class References:
    """Joins the parts of a long message. One octet, so each recipient has an own count of them."""

    MOST = 10_000

    def __init__(self) -> None:
        self._last: OrderedDict[str, int] = OrderedDict()

    def next(self, recipient: str) -> int:
        reference = (self._last.pop(recipient, random.randrange(256)) + 1) % 256  # noqa: S311  # no secret
        self._last[recipient] = reference
        if len(self._last) > self.MOST:
            self._last.popitem(last=False)
        return reference


async def send_parts(segments: Sequence[Segment], submit: Submit) -> SendResult:
    """Parts go one after the other: as long as none was taken, all of it can safely be tried again.
    Once one was taken, a lasting refusal of another leaves the outcome unknown.
    """
    taken: tuple[str, ...] = ()
    for segment in segments:
        first = segment is segments[0]
        result = await _patiently(segment, submit, tries=1 if first else PART_TRIES)
        taken += result.provider_refs
        if result.outcome is not Outcome.ACCEPTED:
            outcome = result.outcome if first else Outcome.UNKNOWN
            return replace(result, outcome=outcome, provider_refs=taken, parts=len(segments))
    return SendResult(Outcome.ACCEPTED, taken, parts=len(segments))


async def _patiently(segment: Segment, submit: Submit, tries: int) -> SendResult:
    for failures in range(1, tries):
        result = await submit(segment)
        if result.outcome is not Outcome.RETRY:
            return result
        await asyncio.sleep(PART_PAUSE.pause(failures, random.random()).total_seconds())  # noqa: S311  # no secret
    return await submit(segment)
