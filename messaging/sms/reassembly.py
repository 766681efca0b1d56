"""Long messages from citizens: parts come in any order, late, twice or never.

Each part is on disk before it is acknowledged; the whole goes to the inbox before its parts are
forgotten, and its key comes from its parts, so that a crash between the two doubles nothing.
Knows no protocol: CMPP and SMPP hand over the same fragments.
"""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from callcenter.domain.messages import Fragment, Inbound
from callcenter.ports import Clock, Fragments, Inbox
from messaging.sms import MEDIUM, text

log = structlog.get_logger(__name__)

# What came in half an hour is all that will come; Kannel waits as long.
LIMIT = timedelta(minutes=30)
GAP = "…"
SWEEP_EVERY_S = 60.0


class Reassembly:
    def __init__(self, fragments: Fragments, inbox: Inbox) -> None:
        self._fragments = fragments
        self._inbox = inbox

    async def add(self, fragment: Fragment) -> None:
        """Returns after commit of the part, and of the whole message if this was the last one."""
        parts = await self._fragments.add(fragment)
        if len({part.number for part in parts}) >= fragment.series.total:
            await self._hand_over(parts)

    async def sweep(self, account: str, now: datetime) -> None:
        """Hand over what there is of messages whose missing parts will not come any more."""
        for parts in await self._fragments.overdue(account, now - LIMIT):
            log.warning("long_message_incomplete", parts=len(parts), of=parts[0].series.total)
            await self._hand_over(parts)

    async def keep_sweeping(self, account: str, clock: Clock) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                await self.sweep(account, clock.now())
            except Exception:
                log.exception("long_message_sweep_failed", account=account)

    async def _hand_over(self, parts: Sequence[Fragment]) -> None:
        await self._inbox.accept(join(parts))
        await self._fragments.forget(parts[0].series)


def join(parts: Sequence[Fragment]) -> Inbound:
    """One message; an ellipsis stands where a part is missing. `parts` is not empty."""
    series = parts[0].series
    by_number = {part.number: part for part in sorted(parts, key=lambda part: part.number)}
    return Inbound(
        channel=MEDIUM,
        account=series.account,
        event_key=_key(by_number.values()),
        sender=series.sender,
        to=series.to,
        text="".join(_runs(by_number, series.total)),
    )


def _runs(parts: Mapping[int, Fragment], total: int) -> list[str]:
    """Neighbouring parts are decoded together: a sender may have cut through a character."""
    texts, run, coding = [], b"", 0
    for number in range(1, total + 1):
        part = parts.get(number)
        if part is not None and (not run or part.coding == coding):
            run, coding = run + part.payload, part.coding
            continue
        texts.append(text.decode(run, coding))
        texts += [GAP] if part is None else []
        run, coding = (b"", 0) if part is None else (part.payload, part.coding)
    return [*texts, text.decode(run, coding)]


def _key(parts: Collection[Fragment]) -> str:
    """The same parts on the same day give the same key, before and after a crash."""
    digest = hashlib.sha256(str(min(part.received_at for part in parts).date()).encode())
    for part in parts:
        digest.update(repr((part.series, part.number, part.payload)).encode())
    return f"parts-{digest.hexdigest()[:32]}"
