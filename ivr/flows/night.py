"""Closed, nobody signed in, or waited in vain: a call back by one key, else the dialplan takes a message.

The recording itself is the dialplan's: it may last minutes, and a service that falls silent meanwhile
must not leave the citizen in silence at its end.
"""

from callcenter.ports import CallDesk
from ivr.agi.session import Session

CALL_BACK = "1"
KEY_WAIT_S = 3
GREETINGS = {"busy": "all-busy"}
"""Why the citizen is here -> what to say first; closed is the rule."""


async def night(session: Session, desk: CallDesk) -> None:
    """Argument 0 is `closed` or `busy`."""
    greeting = GREETINGS.get(session.argument(0), "closed-now")
    if await _wants_callback(session, greeting):
        await desk.wants_callback(session.call_id)
        await session.set_variable("HOTLINE_OUTCOME", "callback")


async def _wants_callback(session: Session, greeting: str) -> bool:
    """The key may come at any time during the two prompts."""
    if await session.stream_file(greeting, CALL_BACK) == CALL_BACK:
        return True
    return await session.get_data("message-or-callback", KEY_WAIT_S, 1) == CALL_BACK
