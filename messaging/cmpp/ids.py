"""Msg_Id as the books keep it. Pure.

The gateway's number is unsigned (the first bit is set from August on) and has month, day and time but no
year, so it may come again: the books key on the year as well. Answer and report of one message name the same
year even when midnight of New Year lies between them.
"""

from datetime import datetime

MONTH_SHIFT = 60
HALF_A_YEAR = 6


def reference(message_id: int, now: datetime) -> str:
    """`now` in the carrier's time zone."""
    return f"{_year(message_id >> MONTH_SHIFT, now)}-{message_id:016x}"


def _year(month: int, now: datetime) -> int:
    """The year in which that month is nearest."""
    ahead = month - now.month
    if ahead > HALF_A_YEAR:
        return now.year - 1
    return now.year + 1 if ahead < -HALF_A_YEAR else now.year
