"""A citizen calls: who is it, are we open, which queue, how urgent. Says nothing itself.

The dialplan greets and queues; this only fills its variables, within the 3 s that it waits for us.
"""

import asyncio

from callcenter.ports import CallDesk
from ivr.agi.session import Session

ANSWER_S = 2.0
"""Longest time for the core's answer; the dialplan goes on without us after 3 s."""


async def main(session: Session, desk: CallDesk) -> None:
    """Argument 0 is the hotline number that was dialled."""
    async with asyncio.timeout(ANSWER_S):
        routing = await desk.arrive(session.call_id, session.number, session.argument(0))
    await session.set_variable("HOTLINE_ROUTE", routing.route.value)
    if routing.queue:
        await session.set_variable("HOTLINE_QUEUE", routing.queue)
    if routing.priority:
        await session.set_variable("QUEUE_PRIO", routing.priority)
