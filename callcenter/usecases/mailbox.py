"""Messages from citizens are kept first, and understood afterwards. Implements `callcenter.ports.Inbox`."""

from callcenter.domain.messages import Inbound, Receipt
from callcenter.domain.records import InboxMessage
from callcenter.usecases.context import Context

LONGEST_TEXT = 2_000


class Mailbox:
    def __init__(self, context: Context) -> None:
        self._context = context

    async def accept(self, message: Inbound) -> bool:
        context = self._context
        async with context.uow() as uow:
            fresh = await uow.messages.receive(
                InboxMessage(
                    id=context.ids.new(),
                    channel=message.channel,
                    event_key=message.event_key,
                    sender=message.sender,
                    text=message.text.replace("\0", "")[:LONGEST_TEXT],  # PostgreSQL stores no zero
                    received_at=context.now(),
                    to=message.to,
                )
            )
            await uow.commit()
        return fresh

    async def receipt(self, receipt: Receipt) -> None:
        context = self._context
        async with context.uow() as uow:
            message = await uow.messages.settle_receipt(receipt, context.now())
            if message is not None:
                uow.after_commit(lambda: context.live.publish("role:simulator", "handset.changed", {}))
            await uow.commit()
