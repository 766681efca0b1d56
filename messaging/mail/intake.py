"""A mail that arrived, put where it belongs: the inbox, a receipt, or nowhere. Returns after the commit."""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta

import structlog

from callcenter.domain.messages import Inbound, Kind, Receipt
from callcenter.ports import Clock, Inbox
from messaging.mail import sorting
from messaging.mail.identity import Identity, normal
from messaging.mail.reading import Letter, read, read_headers

log = structlog.get_logger(__name__)

MEDIUM = "email"
AT_ONCE = 16 * 1024  # octets; longer mails are read beside the loop
READERS = 2  # that many long ones at a time: each takes a few times its length of memory
FLOOD = 20  # mails of one sender in an hour that are treated as letters
HOUR = timedelta(hours=1)
MOST_SENDERS = 10_000


class Flood:
    """Who writes more than a person does. In memory: after a restart everybody starts anew."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, list[datetime]] = OrderedDict()

    def is_too_much(self, sender: str, now: datetime) -> bool:
        return len(self._lately(sender, now)) >= FLOOD

    def count(self, sender: str, now: datetime) -> None:
        times = self._lately(sender, now)[-FLOOD:]
        self._seen.pop(sender, None)
        self._seen[sender] = [*times, now]
        if len(self._seen) > MOST_SENDERS:
            self._seen.popitem(last=False)

    def _lately(self, sender: str, now: datetime) -> list[datetime]:
        return [time for time in self._seen.get(sender, ()) if now - time < HOUR]


class Intake:
    def __init__(self, account: str, identity: Identity, inbox: Inbox, clock: Clock) -> None:
        self._account = account
        self._identity = identity
        self._inbox = inbox
        self._clock = clock
        self._flood = Flood()
        self._readers = asyncio.Semaphore(READERS)

    async def take(self, raw: bytes, return_path: str | None, to: str = "") -> None:
        """`return_path` is the envelope's sender, None = not known. Raises when the mail could not be kept:
        it must come again then.
        """
        letter = await self._read(raw)
        if sorting.is_report(letter, return_path):
            await self._report(letter)
        elif sorting.is_own(letter, self._identity):
            log.warning("mail_of_our_own_dropped", account=self._account)
        elif sender := letter.sender or normal((return_path or "").strip("<>")):
            await self._keep(letter, sender, to, machine=sorting.by_machine(letter, return_path))
        else:
            log.warning("mail_without_sender_dropped", account=self._account)

    async def _read(self, raw: bytes) -> Letter:
        """Raises nothing: a mail that is refused for what is in it would come again for ever."""
        try:
            return await self._whole(raw)
        except Exception as error:  # noqa: BLE001  # whatever the library stumbles over
            log.warning("mail_not_understood", account=self._account, error=type(error).__name__)
            return read_headers(raw)

    async def _whole(self, raw: bytes) -> Letter:
        if len(raw) <= AT_ONCE:
            return read(raw)
        async with self._readers:
            return await asyncio.to_thread(read, raw)

    async def _report(self, letter: Letter) -> None:
        found = sorting.bounces(letter, self._identity)
        for bounce in found:
            await self._inbox.receipt(
                Receipt(
                    account=self._account,
                    provider_ref=bounce.message_id,
                    state=bounce.state,
                    code=bounce.code,
                    at=self._clock.now(),
                )
            )
        log.info("mail_report", account=self._account, receipts=len(found))

    async def _keep(self, letter: Letter, sender: str, to: str, *, machine: bool) -> None:
        now = self._clock.now()
        event = "auto_reply" if machine else "flood" if self._flood.is_too_much(sender, now) else ""
        fresh = await self._inbox.accept(self._inbound(letter, sender, to, event))
        if fresh and not machine:
            self._flood.count(sender, now)

    def _inbound(self, letter: Letter, sender: str, to: str, event: str) -> Inbound:
        """The subject speaks for an empty mail. Files of machines are not kept: nobody will look at them."""
        files = () if event else letter.files
        return Inbound(
            channel=MEDIUM,
            account=self._account,
            event_key=letter.key,
            sender=sender,
            text=letter.text or letter.subject,
            kind=Kind.EVENT if event else _kind(letter),
            to=to or self._identity.address,
            sent_at=letter.sent_at,
            media=files,
            event=event,
            subject=letter.subject,
            answers=self._identity.ours_in(letter.answers),
            ref=letter.message_id,
            sender_name=letter.sender_name,
        )


def _kind(letter: Letter) -> Kind:
    return letter.files[0].kind if letter.files and not (letter.text or letter.subject) else Kind.TEXT
