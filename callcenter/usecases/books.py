"""Complete books from Asterisk's own files: implements `callcenter.ports.Ledger`."""

from collections.abc import Sequence

from callcenter.domain.calls import Call
from callcenter.domain.contacts import normal_number
from callcenter.domain.tasks import TaskKind
from callcenter.domain.telephony import CallOutcome, CallRecord, QueueLogEntry
from callcenter.store import UnitOfWork
from callcenter.usecases import work
from callcenter.usecases.calls import ensure_contact
from callcenter.usecases.context import Context

_MISSED = frozenset({CallOutcome.ABANDONED, CallOutcome.NO_MESSAGE})


class CallBooks:
    def __init__(self, context: Context) -> None:
        self._context = context

    async def cursor(self, source: str) -> str:
        async with self._context.reading() as uow:
            return await uow.books.cursor(source)

    async def queue_log(self, entries: Sequence[QueueLogEntry], source: str, cursor: str) -> None:
        async with self._context.uow() as uow:
            await uow.books.write(entries, source, cursor)
            if entries:
                uow.after_commit(lambda: self._context.live.publish("office", "wall.changed", {}))
            await uow.commit()

    async def finished_call(self, record: CallRecord) -> None:
        async with self._context.uow() as uow:
            call = await self._call(uow, record)
            if call.outcome:
                return  # delivered before
            call.finish(record)
            if record.direction == "in":
                await self._follow(uow, call, record)
            await uow.commit()

    async def _call(self, uow: UnitOfWork, record: CallRecord) -> Call:
        contact = await ensure_contact(self._context, uow, record.number)
        return await uow.calls.ensure(
            Call(
                id=record.call_id,
                started_at=record.started_at,
                number=normal_number(record.number),
                dialled=record.dialled,
                direction=record.direction,
                contact_id=contact.id if contact else "",
            )
        )

    async def _follow(self, uow: UnitOfWork, call: Call, record: CallRecord) -> None:
        """A message and a missed call become work; whoever got through needs no call back."""
        if record.outcome is CallOutcome.MESSAGE:
            await self._task(uow, TaskKind.VOICEMAIL, call, "市民留言，请收听后登记")
        elif record.outcome in _MISSED and call.contact_id:
            await self._task(uow, TaskKind.MISSED, call, "排队未接通，请回拨")
        elif record.outcome is CallOutcome.CALLBACK and await uow.tasks.of_call(call.id) is None:
            await self._task(uow, TaskKind.CALLBACK, call, "市民按键要求回拨")
        elif record.outcome is CallOutcome.SERVED:
            await work.got_through(self._context, uow, call.contact_id)

    async def _task(self, uow: UnitOfWork, kind: TaskKind, call: Call, title: str) -> None:
        await work.create(self._context, uow, kind, call_id=call.id, contact_id=call.contact_id, title=title)
