"""Events in their order, the state after a connect in front of them."""

import asyncio
import contextlib
from datetime import UTC, datetime

from callcenter.domain.telephony import CallEnded, CallWaiting, QueueSnapshot, SeatDevice
from ivr.ami import feed as feed_module
from ivr.ami.feed import EventFeed
from ivr.ami.surveys import survey_id
from tests.asterisk_kit.fakes import ScriptedDesk, SystemClock
from tests.asterisk_kit.waiting import eventually

JOIN = {"Event": "QueueCallerJoin", "Queue": "hotline-general", "Uniqueid": "c1", "Position": "1"}
LISTS = {
    "QueueStatus": [{"Event": "QueueParams", "Queue": "hotline-general"}],
    "CoreShowChannels": [],
    "PJSIPShowEndpoints": [{"ObjectName": "1027", "DeviceState": "Not in use"}],
}


class Ami:
    """Lets something happen while the lists are asked for."""

    def __init__(self, meanwhile=lambda: None):
        self.meanwhile = meanwhile

    async def listing(self, name, *fields):
        self.meanwhile()
        return LISTS[name]


@contextlib.asynccontextmanager
async def running(desk):
    feed = EventFeed(desk, SystemClock())
    task = asyncio.create_task(feed.run())
    yield feed
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_what_happens_during_the_resynchronisation_is_told_after_it():
    desk = ScriptedDesk()
    async with running(desk) as feed:
        pending = [JOIN]
        await feed.resync(Ami(lambda: pending and feed.take(pending.pop())))
        await eventually(lambda: len(desk.events) == 3)
    assert [type(event) for event in desk.events] == [QueueSnapshot, SeatDevice, CallWaiting]


async def test_an_event_that_the_core_cannot_take_does_not_stop_the_next():
    class Weak(ScriptedDesk):
        async def told(self, event):
            if isinstance(event, CallWaiting):
                raise ConnectionError
            await super().told(event)

    desk = Weak()
    async with running(desk) as feed:
        feed.take(JOIN)
        feed.take({"Event": "Hangup", "Uniqueid": "c1", "Linkedid": "c1"})
        await eventually(lambda: desk.heard(CallEnded))


async def test_a_failed_survey_is_told_as_such():
    """The end of the leg may come after Asterisk's answer: another thread sends it."""
    desk, survey = ScriptedDesk(), survey_id("f1", "7a")
    async with running(desk) as feed:
        feed.take({"Event": "OriginateResponse", "ActionID": survey, "Response": "Failure"})
        feed.take({"Event": "Hangup", "Uniqueid": survey, "ChannelStateDesc": "Down", "Cause": "17"})
        await eventually(lambda: desk.failures == [("f1", "busy")])


async def test_a_core_that_stands_still_is_noticed(monkeypatch):
    monkeypatch.setattr(feed_module, "MAX_UNTOLD", 2)
    feed = EventFeed(ScriptedDesk(), SystemClock())
    assert [feed.take(JOIN) for _ in range(3)] == [True, True, False]


async def test_what_was_untold_before_a_reconnect_is_replaced():
    desk = ScriptedDesk()
    feed = EventFeed(desk, SystemClock())
    feed.take(JOIN)
    await feed.resync(Ami())
    task = asyncio.create_task(feed.run())
    await eventually(lambda: len(desk.events) == 2)
    task.cancel()
    assert desk.heard(CallWaiting) == []
    assert desk.heard(QueueSnapshot)[0].at <= datetime.now(UTC)


async def test_a_packet_without_its_fields_ends_nothing():
    feed = EventFeed(ScriptedDesk(), SystemClock())
    assert feed.take({"Event": "QueueCallerJoin"})
    assert feed.take({**JOIN, "Position": "first"})
