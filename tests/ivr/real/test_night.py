"""Nobody there: a message or a call back, with our service and without it."""

import pytest

from callcenter.domain.telephony import CallOutcome, Route, Routing
from tests.asterisk_kit.audio import level, seconds
from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Presses, Says, Waits
from tests.asterisk_kit.waiting import eventually

pytestmark = pytest.mark.asterisk
NIGHT = Routing(Route.NIGHT)


async def test_a_message_left_at_night_is_recorded_and_in_the_books(hotline, phones, voices):
    hotline.desk.routing = NIGHT
    citizen = await phones.call("12345", Says(voices["citizen"]), Waits(8), HangsUp(), number="13800000101")
    await citizen.done()
    record = (await eventually(lambda: hotline.ledger.of("13800000101")))[0]
    assert (record.outcome, record.seat, record.recording) == (CallOutcome.MESSAGE, "", "")
    message = hotline.site.folders.messages / record.message
    assert seconds(message) > 2
    assert level(message, 440) > -20


async def test_whoever_leaves_no_message_is_in_the_books_without_one(hotline, phones):
    hotline.desk.routing = NIGHT
    citizen = await phones.call("12345", Waits(1), HangsUp(), number="13800000102")
    await citizen.done()
    record = (await eventually(lambda: hotline.ledger.of("13800000102")))[0]
    assert (record.outcome, record.message) == (CallOutcome.NO_MESSAGE, "")


async def test_one_key_asks_for_a_call_back(hotline, phones):
    hotline.desk.routing = NIGHT
    citizen = await phones.call("12345", Waits(1), Presses("1"), IsHungUpOn(), number="13800000103")
    await citizen.done()
    record = (await eventually(lambda: hotline.ledger.of("13800000103")))[0]
    assert record.outcome is CallOutcome.CALLBACK
    assert hotline.desk.callbacks == [record.call_id]


async def test_who_waited_in_vain_may_leave_a_message(hotline, phones, voices):
    """The queue's time is cut short for everybody; the next test sets it again."""
    await hotline.asterisk.cli("dialplan set global QUEUE_TIMEOUT 2")
    await hotline.sign_in("1027")
    await hotline.control.pause("1027", "break-meal")
    citizen = await phones.call("12345", Says(voices["citizen"]), Waits(11), HangsUp(), number="13800000104")
    await citizen.done()
    await hotline.asterisk.cli("dialplan set global QUEUE_TIMEOUT 1800")
    record = (await eventually(lambda: hotline.ledger.of("13800000104")))[0]
    assert (record.outcome, record.queue) == (CallOutcome.MESSAGE, "general")
    assert "all-busy" in (hotline.site.folders.log / "verbose.log").read_text(errors="replace")
    events = [entry.event for entry in hotline.ledger.entries if entry.call_id == record.call_id]
    assert events == ["ENTERQUEUE", "EXITWITHTIMEOUT"]


async def test_without_our_service_a_message_is_taken_when_nobody_is_signed_in(hotline, phones, voices):
    await hotline.service.stop()
    await hotline.asterisk.cli("dialplan set global AGI_BEAT 0")
    citizen = await phones.call("12345", Says(voices["citizen"]), Waits(4), HangsUp(), number="13800000105")
    await citizen.done()
    await hotline.service.start(hotline.desk, hotline.ledger)
    await eventually(lambda: hotline.control.connected)
    record = (await eventually(lambda: hotline.ledger.of("13800000105")))[0]
    assert record.outcome is CallOutcome.MESSAGE
    assert level(hotline.site.folders.messages / record.message, 440) > -20
    assert hotline.desk.arrived == []
