"""The hotline's queue names on Asterisk's side. Nothing else knows that they differ.

Asterisk reads `[general]` of queues.conf as settings, so a queue of that name cannot exist there.
"""

PREFIX = "hotline-"


def to_asterisk(queue: str) -> str:
    return PREFIX + queue


def from_asterisk(queue: str) -> str:
    return queue.removeprefix(PREFIX)
