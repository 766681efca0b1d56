"""People who work for the hotline: roles, what they may, accounts, seats and their states."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from callcenter.domain.errors import NotAllowedError


class Role(StrEnum):
    """Roles of DESIGN and of the city's digital management (domain notes 2.3)."""

    AGENT = "agent"  # 座席
    TEAM_LEADER = "team_leader"  # 班长
    SUPERVISOR = "supervisor"  # 值班长、领导
    ACCEPTOR = "acceptor"  # 受理员
    DISPATCHER = "dispatcher"  # 派遣员
    DEPARTMENT = "department"  # 专业部门
    FOLLOW_UP = "follow_up"  # 回访员
    ADMIN = "admin"  # 系统管理员


SYSTEM = "system"  # the actor of steps that nobody pressed a key for

OFFICE = frozenset(Role) - {Role.DEPARTMENT}

# who may read a full phone number after giving a reason; departments call back through the hotline
REVEALERS = frozenset({Role.AGENT, Role.TEAM_LEADER, Role.SUPERVISOR, Role.ACCEPTOR, Role.FOLLOW_UP})

MAX_FAILURES = 5
LOCK_OUT = timedelta(minutes=15)


@dataclass
class User:
    id: str
    username: str
    name: str
    staff_no: str
    password_hash: str
    roles: list[str]
    group: str = ""
    department_id: str = ""
    queues: dict[str, int] = field(default_factory=dict)  # queue -> penalty
    active: bool = True
    failures: int = 0
    locked_until: datetime | None = None

    def has(self, *roles: Role) -> bool:
        return any(role.value in self.roles for role in roles)

    def locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until

    def failed(self, now: datetime) -> None:
        """One more wrong password; the fifth in a row locks the account for fifteen minutes."""
        self.failures += 1
        if self.failures >= MAX_FAILURES:
            self.failures = 0
            self.locked_until = now + LOCK_OUT

    def signed_in(self) -> None:
        self.failures = 0
        self.locked_until = None

    @property
    def department_only(self) -> bool:
        return Role.DEPARTMENT.value in self.roles and not any(r in OFFICE for r in self.roles)


@dataclass
class WebSession:
    """Server-side session. Only the SHA-256 of the cookie is kept."""

    id: str
    user_id: str
    csrf: str
    created_at: datetime
    expires_at: datetime


class AgentState(StrEnum):
    """座席状态 (domain notes 4.3). Hold, mute and consultation are sub-states of TALKING."""

    OFF = "off"  # 未签入
    READY = "ready"  # 示闲
    RINGING = "ringing"  # 振铃
    TALKING = "talking"  # 通话
    ACW = "acw"  # 话后整理
    BUSY = "busy"  # 示忙
    BREAK = "break"  # 小休
    DIALING = "dialing"  # 外呼


_S = AgentState
# What a person may choose from where. Telephony moves a seat on its own: what rings, rings.
CHOICES: dict[AgentState, frozenset[AgentState]] = {
    _S.OFF: frozenset({_S.BUSY}),  # signing in starts paused: nobody is rung before the headset is checked
    _S.READY: frozenset({_S.BUSY, _S.BREAK, _S.DIALING, _S.OFF}),
    _S.RINGING: frozenset(),
    _S.TALKING: frozenset(),
    _S.ACW: frozenset({_S.READY, _S.BUSY, _S.BREAK, _S.DIALING, _S.OFF}),
    _S.BUSY: frozenset({_S.READY, _S.BREAK, _S.DIALING, _S.OFF}),
    _S.BREAK: frozenset({_S.READY, _S.BUSY, _S.OFF}),
    _S.DIALING: frozenset(),
}

BREAK_REASONS = ("meal", "rest", "training", "meeting")
WRAP_UP = timedelta(seconds=60)
WRAP_UP_EXTENSION = timedelta(seconds=30)
MAX_EXTENSIONS = 2
MISSED_RINGS_BEFORE_BUSY = 2


@dataclass
class Seat:
    """A signed-in person at a phone. `staff_no` names the SIP endpoint."""

    staff_no: str
    user_id: str
    state: AgentState = AgentState.OFF
    since: datetime | None = None
    reason: str = ""
    call_id: str = ""
    last_call_id: str = ""
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    wrap_up_until: datetime | None = None
    extensions: int = 0
    missed: int = 0
    reachable: bool = False

    def choose(self, state: AgentState, now: datetime, reason: str = "") -> "SeatMoved":
        """A person changes the state. Raises `NotAllowedError` off the table."""
        if state is not self.state and state not in CHOICES[self.state]:
            raise NotAllowedError("现在不能这样切换：请先结束振铃或通话。")
        return self.move(state, now, reason)

    def move(self, state: AgentState, now: datetime, reason: str = "") -> "SeatMoved":
        """Change state and return the record of it."""
        moved = SeatMoved(self.staff_no, self.user_id, self.state, state, reason, now)
        self.state, self.since, self.reason = state, now, reason
        if state is not AgentState.ACW:
            self.wrap_up_until = None
        return moved

    def ring(self, call_id: str, now: datetime) -> "SeatMoved":
        self.call_id, self.ringing_at, self.answered_at = call_id, now, None
        return self.move(AgentState.RINGING, now)

    def answer(self, call_id: str, now: datetime) -> "SeatMoved":
        self.call_id, self.answered_at, self.missed = call_id, now, 0
        return self.move(AgentState.TALKING, now)

    def ring_ended(self, now: datetime, *, missed: bool) -> "SeatMoved":
        """Back to ready; after two missed in a row to busy, so that citizens do not wait for nobody."""
        self.call_id, self.ringing_at = "", None
        self.missed = self.missed + 1 if missed else self.missed
        if self.missed >= MISSED_RINGS_BEFORE_BUSY:
            self.missed = 0
            return self.move(AgentState.BUSY, now, "missed")
        return self.move(AgentState.READY, now)

    def release(self, now: datetime) -> "SeatMoved":
        """The call is over: wrap-up begins, with its countdown."""
        self.last_call_id, self.call_id = self.call_id, ""
        self.extensions = 0
        moved = self.move(AgentState.ACW, now)
        self.wrap_up_until = now + WRAP_UP
        return moved

    def extend_wrap_up(self) -> None:
        if self.state is not AgentState.ACW or self.wrap_up_until is None:
            raise NotAllowedError("现在不在话后整理，无需延长。")
        if self.extensions >= MAX_EXTENSIONS:
            raise NotAllowedError("本次话后整理已延长两次，请示闲或示忙。")
        self.extensions += 1
        self.wrap_up_until += WRAP_UP_EXTENSION


@dataclass
class SeatMoved:
    """One change of a seat's state, kept for utilisation and adherence."""

    staff_no: str
    user_id: str
    from_state: AgentState
    to_state: AgentState
    reason: str
    at: datetime
    id: int | None = None
