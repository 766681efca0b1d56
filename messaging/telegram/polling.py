"""Long polling: take what is there, commit, then confirm. Knows the loop, not the Bot API's requests.

An update is confirmed by asking for the next one, so whatever was not committed comes again, and what comes
twice is known by its event key. The number to ask from is forgotten as soon as Telegram had nothing more:
after a week without updates it counts on from a random number, and whoever still asks from the old one may
wait for ever.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from callcenter.domain.messages import Inbound
from messaging.telegram import updates

log = structlog.get_logger(__name__)

Raw = Mapping[str, Any]


class Poller:
    """`ask(offset)` is getUpdates; `accept` returns after commit."""

    def __init__(
        self,
        account: str,
        ask: Callable[[int | None], Awaitable[Sequence[Raw]]],
        accept: Callable[[Inbound], Awaitable[object]],
    ) -> None:
        self._account = account
        self._ask = ask
        self._accept = accept
        self._offset: int | None = None

    async def round(self) -> None:
        """One long poll. Raises what asking and accepting raise; nothing is confirmed then."""
        found = await self._ask(self._offset)
        await self._take(found)
        self._offset = max(one["update_id"] for one in found) + 1 if found else None

    async def _take(self, found: Sequence[Raw]) -> None:
        """Each citizen's messages in their order, citizens beside each other."""
        lanes: dict[str, list[Inbound]] = {}
        for raw in found:
            if (message := understood(raw, self._account)) is not None:
                lanes.setdefault(message.sender, []).append(message)
            await asyncio.sleep(0)  # a hundred in one go would hold everybody else up
        async with asyncio.TaskGroup() as group:
            for lane in lanes.values():
                group.create_task(self._in_order(lane))

    async def _in_order(self, lane: Sequence[Inbound]) -> None:
        for message in lane:
            await self._accept(message)


def understood(raw: Raw, account: str) -> Inbound | None:
    """None also for what cannot be read: it must not come again and again."""
    try:
        return updates.read(updates.parse(raw), account)
    except Exception as error:  # noqa: BLE001  # whatever the library stumbles over
        log.warning("telegram_update_unreadable", account=account, error=type(error).__name__)
        return None
