"""Accounts that do not work are noticed by people, not by citizens who wait."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from callcenter.domain.staff import Role
from callcenter.usecases.context import Context

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=60)
TOLD = (Role.TEAM_LEADER, Role.SUPERVISOR, Role.ADMIN)


class Health(Protocol):
    """What `messaging.service` says of one account."""

    @property
    def name(self) -> str: ...
    @property
    def trouble(self) -> str: ...
    @property
    def paused_until(self) -> datetime | None: ...


@dataclass
class AccountWatch:
    """Since when each account is in trouble, and which alarms were given."""

    since: dict[str, datetime] = field(default_factory=dict)
    alarmed: set[str] = field(default_factory=set)

    def tick(self, context: Context, accounts: Sequence[Health]) -> None:
        """Alarm once when an account is in trouble for a minute, and tell when it is over."""
        now = context.now()
        for one in accounts:
            if not one.trouble and (one.paused_until is None or one.paused_until <= now):
                self.since.pop(one.name, None)
                if one.name in self.alarmed:
                    self.alarmed.discard(one.name)
                    _tell(context, one.name, "")
            elif now - self.since.setdefault(one.name, now) >= PATIENCE and one.name not in self.alarmed:
                self.alarmed.add(one.name)
                log.error("account_in_trouble", account=one.name, trouble=one.trouble)
                _tell(context, one.name, one.trouble or "账户被限制，正在等待恢复")


def _tell(context: Context, account: str, trouble: str) -> None:
    for role in TOLD:
        context.live.publish(f"role:{role.value}", "messages.alarm", {"account": account, "trouble": trouble})
