"""An account that does not work is told to people once, and when it works again."""

from dataclasses import dataclass
from datetime import datetime

from callcenter.usecases.context import Context
from callcenter.usecases.watching import AccountWatch


@dataclass
class OneAccount:
    name: str = "mobile"
    trouble: str = ""
    paused_until: datetime | None = None


def alarms(context: Context) -> list[str]:
    told = [
        data for to, kind, data in context.live.told if kind == "messages.alarm" and to == "role:supervisor"
    ]
    return [data["trouble"] for data in told]


async def test_a_minute_of_trouble_is_an_alarm_and_its_end_is_told(context: Context):
    watch, account = AccountWatch(), OneAccount(trouble="gateway away")
    for _ in range(3):
        watch.tick(context, [account])
        context.clock.pass_by(seconds=40)
    assert alarms(context) == ["gateway away"]
    watch.tick(context, [account])
    assert alarms(context) == ["gateway away"]  # once
    account.trouble = ""
    watch.tick(context, [account])
    assert alarms(context) == ["gateway away", ""]


async def test_a_short_trouble_is_none(context: Context):
    watch, account = AccountWatch(), OneAccount(trouble="gateway away")
    watch.tick(context, [account])
    context.clock.pass_by(seconds=30)
    account.trouble = ""
    watch.tick(context, [account])
    context.clock.pass_by(seconds=60)
    account.trouble = "again"
    watch.tick(context, [account])
    assert alarms(context) == []


async def test_an_account_that_rests_for_long_is_in_trouble_too(context: Context):
    watch, account = AccountWatch(), OneAccount()
    for _ in range(3):
        account.paused_until = context.clock.pass_by(seconds=40).replace(hour=23)
        watch.tick(context, [account])
    assert len(alarms(context)) == 1
