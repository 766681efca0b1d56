"""The digits behind our own number that lead an answer back to what it answers.

A carrier lets an account write free digits behind its number, and a citizen's answer comes back to exactly
that number. The digits follow from the id of the message, so nothing is stored for them.
"""

import zlib
from collections.abc import Iterable


def extension(message_id: str, digits: int) -> str:
    """The same for every part and every try of one message; '' when the account has no free digits."""
    return str(zlib.crc32(message_id.encode()) % 10**digits).zfill(digits) if digits else ""


def answered(to: str, digits: int, sent: Iterable[str]) -> str | None:
    """Id of the message that was answered by writing to the number `to`; None = not to be known.

    `sent` are the ids of what this citizen was sent, newest first; where two share their digits the newer
    one is meant.
    """
    if not digits:
        return None
    return next((one for one in sent if to.endswith(extension(one, digits))), None)
