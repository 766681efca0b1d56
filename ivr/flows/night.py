"""Closed, nobody signed in, or waited in vain: a call back by one key, else a recorded message.

Whether something was really said is decided by the dialplan's hang-up handler, which sees the file
also when the citizen hangs up in the middle.
"""

from callcenter.ports import CallDesk
from ivr.agi.session import Session

CALL_BACK = "1"
KEY_WAIT_S = 3
LONGEST_MESSAGE_S = 180
SILENCE_S = 5
GREETINGS = {"busy": "all-busy"}
"""Why the citizen is here -> what to say first; closed is the rule."""


async def night(session: Session, desk: CallDesk) -> None:
    """Argument 0 is the path of the message without extension, argument 1 is `closed` or `busy`."""
    greeting = GREETINGS.get(session.argument(1), "closed-now")
    if await _wants_callback(session, greeting):
        await desk.wants_callback(session.call_id)
        await session.set_variable("HOTLINE_OUTCOME", "callback")
        await session.stream_file("callback-noted")
        return
    await session.stream_file("leave-message")
    await session.stream_file("beep")
    await session.record_file(session.argument(0), LONGEST_MESSAGE_S, SILENCE_S)
    await session.stream_file("message-thanks")


async def _wants_callback(session: Session, greeting: str) -> bool:
    """The key may come at any time during the two prompts."""
    if await session.stream_file(greeting, CALL_BACK) == CALL_BACK:
        return True
    return await session.get_data("message-or-callback", KEY_WAIT_S, 1) == CALL_BACK
