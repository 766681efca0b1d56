"""Which calls a figure counts."""

from datetime import timedelta

from callcenter.domain.telephony import QueueLogEntry
from callcenter.usecases import supervise
from callcenter.usecases.context import Context
from callcenter.usecases.supervise import Scope


async def test_a_call_over_midnight_is_counted_whole_on_the_day_it_came_in(context: Context) -> None:
    midnight = context.today()
    late, early = midnight - timedelta(minutes=2), midnight + timedelta(minutes=2)

    def entry(at, event, *data):
        return QueueLogEntry(at, "c1", "general", "1027" if event != "ENTERQUEUE" else "", event, data)

    story = [
        entry(late, "ENTERQUEUE", "", "13800138000", "1"),
        entry(late + timedelta(seconds=9), "CONNECT", "9", "c2", "3"),
        entry(early, "COMPLETECALLER", "9", "231", "1"),
    ]
    async with context.uow() as uow:
        await uow.books.write(story, "queue_log", "1")
        await uow.commit()
    day = timedelta(days=1)
    yesterday = await supervise.counted_calls(context, Scope(midnight - day, midnight))
    assert [(call.waited_s, call.talk_s) for call in yesterday] == [(9, 231)]
    assert await supervise.counted_calls(context, Scope(midnight, midnight + day)) == []
