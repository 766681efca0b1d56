"""Conversations in writing: who has the word, how long the citizen waits, who looks after it.

A conversation is apart from reports: many reports can come of one, or none. Knows no channel's rules but the
windows in which a platform lets us answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from callcenter.domain.contacts import Identity

ANSWER_IN = timedelta(minutes=3)  # a person's answer to a message (GB/T 33358-2016)
ANSWER_MAIL_IN = timedelta(hours=24)
CAPACITY = 6  # conversations that one seat looks after at a time


@dataclass(frozen=True, slots=True)
class Window:
    """A platform lets us send so many messages for so long after the citizen wrote."""

    messages: int
    life: timedelta


# customer-service messages of a WeChat official account: after a message, and after a key or a scan
WRITTEN, PRESSED = "written", "pressed"
WINDOWS: Mapping[str, Mapping[str, Window]] = {
    "wechat": {WRITTEN: Window(5, timedelta(hours=48)), PRESSED: Window(3, timedelta(minutes=1))},
}


def windowed(identity: Identity, medium: str, how: str, at: datetime) -> None:
    """The citizen wrote or pressed a key: the platform opens its window anew, unless a longer one is open.
    Where it has none, who had blocked us can be answered again.
    """
    window = WINDOWS.get(medium, {}).get(how)
    if window is None:
        identity.window_until = None
        return
    until = at + window.life
    if identity.window_until is None or identity.window_until <= until:
        identity.window_until, identity.quota_left = until, window.messages


class ConversationState(StrEnum):
    DIALOGUE = "dialogue"  # the dialogue answers
    WAITING = "waiting"  # 排队: a person is wanted
    ASSIGNED = "assigned"  # with a seat
    CLOSED = "closed"


class CloseCode(StrEnum):
    FILED = "filed"  # 已生成工单
    ANSWERED = "answered"  # 已答复
    NO_ANSWER = "no_answer"  # 市民未再回复
    NOT_OURS = "not_ours"  # 非受理范围
    NUISANCE = "nuisance"  # 骚扰、广告


@dataclass
class Conversation:
    """With one identity of a citizen on one account; at most one of them is open at a time (`open_key`)."""

    id: str
    contact_id: str
    channel: str
    account: str
    user: str
    opened_at: datetime
    updated_at: datetime
    state: ConversationState = ConversationState.DIALOGUE
    open_key: str = ""  # channel, account and user while it is open
    skill: str = "general"
    seat: str = ""
    assigned_at: datetime | None = None
    waiting_since: datetime | None = None  # the oldest message that no person answered yet
    answered_at: datetime | None = None  # first answer of a person
    unread: int = 0
    last_text: str = ""
    last_at: datetime | None = None
    last_ref: str = ""  # the platform's id of the citizen's last message, for an answer in its thread
    subject: str = ""
    dialogue: dict[str, Any] = field(default_factory=dict)  # what the dialogue knows, see `domain.dialogue`
    case_id: str = ""
    closed_at: datetime | None = None
    close_code: str = ""
    closed_by: str = ""

    @property
    def is_open(self) -> bool:
        return self.state is not ConversationState.CLOSED

    @property
    def due_at(self) -> datetime | None:
        """When a person must have answered; None = the citizen waits for nothing."""
        if self.waiting_since is None:
            return None
        return self.waiting_since + (ANSWER_MAIL_IN if self.channel == "email" else ANSWER_IN)


def open_key(channel: str, account: str, user: str) -> str:
    return f"{channel}|{account}|{user}"


# ----------------------------------------------------------------------------- who looks after it


@dataclass(frozen=True, slots=True)
class Desk:
    """A seat that may be given conversations now. `busy`: with a caller on the line."""

    seat: str
    skills: frozenset[str]
    load: int
    busy: bool = False


GENERAL = "general"


def choose(desks: Sequence[Desk], skill: str) -> str:
    """The seat for a conversation: it has the skill and room, the fewest conversations, and no caller if that
    can be; '' = nobody has room. Where nobody on duty has the skill, whoever has the general one.
    """
    skilled = [desk for desk in desks if skill in desk.skills]
    if not skilled and skill != GENERAL:
        return choose(desks, GENERAL)
    free = [desk for desk in skilled if desk.load < CAPACITY]
    best = min(free, key=lambda desk: (desk.load, desk.busy, desk.seat), default=None)
    return best.seat if best else ""
