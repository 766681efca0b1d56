"""Messages from citizens are kept first, and understood afterwards. Implements `callcenter.ports.Inbox`.

What arrives at the same time is committed together; a channel acknowledges to its peer when it is on disk.
"""

from collections.abc import Sequence

from callcenter.batches import Batches
from callcenter.domain.messages import Inbound, Media, Receipt
from callcenter.domain.records import InboxMessage, MediaFile, MediaState
from callcenter.usecases.context import Context

LONGEST_TEXT = 20_000
MOST_FILES = 20  # of one message


class Mailbox:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._inbound: Batches[Inbound, bool] = Batches(self._accept)
        self._receipts: Batches[Receipt, None] = Batches(self._receipt)

    async def accept(self, message: Inbound) -> bool:
        return await self._inbound.put(message)

    async def receipt(self, receipt: Receipt) -> None:
        await self._receipts.put(receipt)

    async def _accept(self, batch: Sequence[Inbound]) -> Sequence[bool]:
        context = self._context
        rows = [_row(context, message) for message in batch]
        digests = {
            row.id: await self._stored(message.media) for row, message in zip(rows, batch, strict=True)
        }
        async with context.uow() as uow:
            fresh = await uow.messages.receive(rows)
            for row, message in zip(rows, batch, strict=True):
                if row.id in fresh:
                    for number, media in enumerate(message.media[:MOST_FILES]):
                        uow.media.add(_file(context, row, number, media, digests[row.id][number]))
            await uow.commit()
        context.wake_inbox()
        return [row.id in fresh for row in rows]

    async def _stored(self, files: Sequence[Media]) -> Sequence[str]:
        """Digests of what came with the message; '' for what is to be fetched."""
        put = self._context.media.put
        return [await put(one.content) if one.content is not None else "" for one in files[:MOST_FILES]]

    async def _receipt(self, batch: Sequence[Receipt]) -> Sequence[None]:
        context = self._context
        async with context.uow() as uow:
            ended = await uow.messages.settle_receipts(batch, context.now())
            await uow.commit()
        for conversation_id in {one.conversation_id for one in ended if one.conversation_id}:
            context.live.publish("office", "inbox.changed", {"id": conversation_id})
        if ended:
            context.live.publish("role:simulator", "handset.changed", {})
        return [None] * len(batch)


def _row(context: Context, message: Inbound) -> InboxMessage:
    return InboxMessage(
        id=context.ids.new(),
        channel=message.channel,
        account=message.account,
        event_key=message.event_key,
        sender=message.sender,
        text=_storable(message.text)[:LONGEST_TEXT],
        received_at=context.now(),
        to=message.to,
        kind=message.kind,
        lat=message.lat,
        lon=message.lon,
        label=_storable(message.label)[:200],
        event=_storable(message.event)[:80],
        subject=_storable(message.subject)[:200],
        answers=list(message.answers),
        ref=message.ref,
        sender_name=_storable(message.sender_name)[:80],
        sent_at=message.sent_at,
    )


def _storable(text: str) -> str:
    """PostgreSQL stores no zero, and no half of a surrogate pair is text."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _file(context: Context, row: InboxMessage, number: int, media: Media, digest: str) -> MediaFile:
    return MediaFile(
        id=context.ids.new(),
        owner_id=row.id,
        number=number,
        kind=media.kind,
        state=MediaState.WAITING,
        account=row.account,
        ref=media.ref,
        mime=media.mime[:100],
        name=_storable(media.name)[:200],
        size=len(media.content) if media.content is not None else media.size,
        digest=digest,
        next_at=row.received_at,
        expires_at=media.expires_at,
    )
