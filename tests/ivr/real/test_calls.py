"""Citizens call a real Asterisk: queue, seat, books, recording."""

from pathlib import Path

import pytest

from callcenter.domain.telephony import (
    CallEnded,
    CallLeftQueue,
    CallOutcome,
    CallWaiting,
    Route,
    Routing,
    SeatConnected,
    SeatReleased,
    SeatRingEnded,
    SeatRinging,
)
from tests.asterisk_kit.audio import level, seconds
from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Says, Waits
from tests.asterisk_kit.waiting import eventually

pytestmark = pytest.mark.asterisk
HEARD = -20.0
UNHEARD = -35.0


async def test_a_citizen_reaches_a_seat_and_the_books_tell_the_whole_story(hotline, phones, voices):
    await hotline.sign_in("1027")
    seat = await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), IsHungUpOn())
    citizen = await phones.call("12319", Says(voices["citizen"]), Waits(3), HangsUp(), number="13800000001")
    await citizen.done()
    await seat.done()

    record = (await eventually(lambda: hotline.ledger.of("13800000001")))[0]
    assert (record.dialled, record.direction, record.queue, record.seat) == ("12319", "in", "general", "1027")
    assert record.outcome is CallOutcome.SERVED
    assert record.started_at <= record.answered_at <= record.ended_at
    assert (record.ended_at - record.answered_at).total_seconds() == pytest.approx(2.5, abs=1)
    assert hotline.desk.arrived == [(record.call_id, "13800000001", "12319")]

    events = [event for event in hotline.desk.events if getattr(event, "call_id", "") == record.call_id]
    kinds = [type(event) for event in events]
    assert kinds == [CallWaiting, SeatRinging, CallLeftQueue, SeatConnected, SeatReleased, CallEnded]
    assert {event.seat for event in events if hasattr(event, "seat")} == {"1027"}
    assert events[0].queue == "general"

    log = [entry for entry in hotline.ledger.entries if entry.call_id == record.call_id]
    assert [entry.event for entry in log] == ["ENTERQUEUE", "CONNECT", "COMPLETECALLER"]
    assert [entry.seat for entry in log] == ["", "1027", "1027"]
    assert {entry.queue for entry in log} == {"general"}


async def test_the_recording_holds_both_legs_and_each_alone(hotline, phones, voices):
    await hotline.sign_in("1027")
    await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), IsHungUpOn())
    citizen = await phones.call("12345", Says(voices["citizen"]), Waits(3), HangsUp(), number="13800000002")
    await citizen.done()

    record = (await eventually(lambda: hotline.ledger.of("13800000002")))[0]
    mixed = hotline.site.folders.recordings / record.recording
    assert seconds(mixed) > 2
    assert level(mixed, 440) > HEARD
    assert level(mixed, 660) > HEARD
    theirs, ours = mixed.with_stem(mixed.stem + "-in"), mixed.with_stem(mixed.stem + "-out")
    assert level(theirs, 440) > HEARD > UNHEARD > level(theirs, 660)
    assert level(ours, 660) > HEARD > UNHEARD > level(ours, 440)


async def test_whoever_leaves_while_waiting_is_in_the_books_as_abandoned(hotline, phones):
    await hotline.sign_in("1027", "business")
    citizen = await phones.call("12345", Waits(2), HangsUp(), number="13800000003")
    await citizen.done()

    record = (await eventually(lambda: hotline.ledger.of("13800000003")))[0]
    assert record.outcome is CallOutcome.ABANDONED
    assert record.answered_at is None
    assert record.seat == ""
    await eventually(lambda: hotline.desk.heard(CallEnded))
    assert hotline.desk.heard(CallLeftQueue)


async def test_a_seat_that_rings_is_told_when_the_citizen_leaves(hotline, phones):
    await hotline.sign_in("1027")
    await phones.answer(hotline.phone_of("1027"), rings=30)
    citizen = await phones.call("12345", Waits(2), HangsUp(), number="13800000004")
    await citizen.done()

    ended = (await eventually(lambda: hotline.desk.heard(SeatRingEnded)))[0]
    assert (ended.seat, ended.abandoned) == ("1027", True)


async def test_a_seat_that_does_not_answer_is_told_and_the_next_one_rings(hotline, phones, voices):
    for seat in ("1027", "1028"):
        await hotline.sign_in(seat)
    await phones.decline(hotline.phone_of("1027"))
    await phones.answer(hotline.phone_of("1028"), Says(voices["seat"]), IsHungUpOn())
    citizen = await phones.call("12345", Waits(5), HangsUp(), number="13800000005")
    connected = (await eventually(lambda: hotline.desk.heard(SeatConnected)))[0]
    assert connected.seat == "1028"
    await citizen.done()


async def test_the_more_urgent_citizen_is_first_and_positions_are_announced_without_a_missing_sound(
    hotline, phones
):
    hotline.desk.routings["13800000008"] = Routing(Route.QUEUE, "general", 10)
    await hotline.sign_in("1027")
    await hotline.control.pause("1027", "break-meal")
    logged_before = len(hotline.asterisk.log())
    for number in ("13800000006", "13800000007", "13800000008"):
        await phones.call("12345", Waits(30), HangsUp(), number=number)
        await eventually(lambda n=number: [w for w in hotline.desk.heard(CallWaiting) if w.number == n])
    places = {waiting.number: waiting.position for waiting in hotline.desk.heard(CallWaiting)}
    assert places == {"13800000006": 1, "13800000007": 2, "13800000008": 1}

    played = hotline.site.folders.log / "verbose.log"
    await eventually(lambda: "'queue-place-end." in _since_start(played))
    assert "'queue-your-place." in _since_start(played)
    assert "'digits/2." in _since_start(played)
    assert "does not exist" not in hotline.asterisk.log()[logged_before:]


def _since_start(path: Path) -> str:
    return path.read_text(errors="replace")


async def test_a_seat_can_leave_wrap_up_only_by_being_unpaused(hotline, phones, voices):
    await hotline.sign_in("1027")
    await hotline.control.pause("1027", "wrapup")
    await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), IsHungUpOn())
    citizen = await phones.call("12345", Waits(4), HangsUp(), number="13800000009")
    waiting = (await eventually(lambda: hotline.desk.heard(CallWaiting)))[0]
    assert hotline.desk.heard(SeatRinging) == []
    await hotline.control.unpause("1027")
    connected = (await eventually(lambda: hotline.desk.heard(SeatConnected)))[0]
    assert connected.waited_s == pytest.approx((connected.at - waiting.at).total_seconds(), abs=0.01)
    released = await eventually(lambda: hotline.desk.heard(SeatReleased))
    assert released[0].transferred is False
    await citizen.done()


async def test_blocked_numbers_hear_a_notice_and_no_silence(hotline, phones):
    hotline.desk.routing = Routing(Route.BLOCKED)
    citizen = await phones.call("12345", IsHungUpOn(5), number="13800000010")
    await citizen.done()
    record = (await eventually(lambda: hotline.ledger.of("13800000010")))[0]
    assert record.outcome is CallOutcome.BLOCKED
    assert record.recording == ""
