"""Calls that we make: the survey, and a call back that rings the seat first."""

import pytest

from callcenter.domain.errors import TelephonyError
from callcenter.domain.telephony import CallOutcome, SeatConnected, SeatReleased
from ivr import control
from tests.asterisk_kit.audio import level
from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Presses, Says, Waits
from tests.asterisk_kit.waiting import eventually

pytestmark = pytest.mark.asterisk


@pytest.fixture
def citizens_phone(hotline) -> int:
    """Port of whoever we call."""
    return hotline.site.trunk_out.port


async def test_a_survey_hears_two_keys(hotline, phones, citizens_phone):
    citizen = await phones.answer(
        citizens_phone, Waits(1), Presses("2"), Waits(1), Presses("1"), IsHungUpOn()
    )
    await hotline.control.survey("13900000001", "followup-1")
    await citizen.done()
    assert hotline.desk.surveys == [("followup-1", 2, True)]
    record = (await eventually(lambda: hotline.ledger.of("13900000001")))[0]
    assert (record.direction, record.outcome) == ("survey", CallOutcome.SURVEY)
    assert record.answered_at is not None


async def test_not_solved_is_heard(hotline, phones, citizens_phone):
    citizen = await phones.answer(
        citizens_phone, Waits(1), Presses("5"), Waits(1), Presses("2"), IsHungUpOn()
    )
    await hotline.control.survey("13900000002", "followup-2")
    await citizen.done()
    assert hotline.desk.surveys == [("followup-2", 5, False)]


async def test_what_was_said_before_hanging_up_counts(hotline, phones, citizens_phone):
    citizen = await phones.answer(citizens_phone, Waits(1), Presses("3"), Waits(0.5), HangsUp())
    await hotline.control.survey("13900000003", "followup-3")
    await citizen.done()
    await eventually(lambda: hotline.desk.surveys == [("followup-3", 3, None)])


async def test_hanging_up_at_once_is_a_try(hotline, phones, citizens_phone):
    citizen = await phones.answer(citizens_phone, Waits(0.5), HangsUp())
    await hotline.control.survey("13900000004", "followup-4")
    await eventually(lambda: hotline.desk.failures == [("followup-4", "hung_up")])
    await citizen.done()  # a phone unplugged in its good-bye leaves an ICMP error for the next call


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("486 Busy Here", "busy"),
        ("603 Decline", "rejected"),
        ("480 Temporarily Unavailable", "no_answer"),
        ("404 Not Found", "unreachable"),
    ],
)
async def test_a_citizen_who_is_not_reached_is_a_try(hotline, phones, citizens_phone, status, reason):
    await phones.decline(citizens_phone, status)
    await hotline.control.survey("13900000005", "followup-5")
    await eventually(lambda: hotline.desk.failures == [("followup-5", reason)])


async def test_a_telephone_that_rings_for_nobody_is_a_try(hotline, phones, citizens_phone, monkeypatch):
    monkeypatch.setattr(control, "RING_CITIZEN_MS", 1000)
    await phones.answer(citizens_phone, IsHungUpOn(), rings=8)
    await hotline.control.survey("13900000005", "followup-5")
    await eventually(lambda: hotline.desk.failures == [("followup-5", "no_answer")])


async def test_a_survey_that_is_not_wanted_any_more_says_so(hotline, phones, citizens_phone):
    hotline.desk.case = None
    citizen = await phones.answer(citizens_phone, IsHungUpOn())
    await hotline.control.survey("13900000006", "followup-6")
    await citizen.done()
    assert (hotline.desk.surveys, hotline.desk.failures) == ([], [])


async def test_a_call_back_rings_the_seat_first_and_joins_both(hotline, phones, voices, citizens_phone):
    await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), IsHungUpOn())
    citizen = await phones.answer(citizens_phone, Says(voices["citizen"]), Waits(3), HangsUp())
    await hotline.control.dial("1027", "13900000007", "call-back-1")
    await citizen.done()
    record = (await eventually(lambda: hotline.ledger.of("13900000007")))[0]
    assert (record.call_id, record.direction, record.seat) == ("call-back-1", "out", "1027")
    assert record.outcome is CallOutcome.SERVED
    assert record.answered_at > record.started_at
    tape = hotline.site.folders.recordings / record.recording
    assert level(tape, 440) > -20
    assert level(tape, 660) > -20
    connected = (await eventually(lambda: hotline.desk.heard(SeatConnected)))[0]
    assert (connected.call_id, connected.seat) == ("call-back-1", "1027")
    released = await eventually(lambda: hotline.desk.heard(SeatReleased))
    assert [(event.call_id, event.seat) for event in released] == [("call-back-1", "1027")]


async def test_a_call_back_that_the_seat_does_not_take_frees_the_seat(hotline, phones):
    await phones.decline(hotline.phone_of("1027"))
    await hotline.control.dial("1027", "13900000008", "call-back-2")
    released = await eventually(lambda: hotline.desk.heard(SeatReleased))
    assert (released[0].call_id, released[0].seat) == ("call-back-2", "1027")


@pytest.mark.parametrize("number", ["", "139 000", "139@evil", "139\r\nAction: Command", "+-1", "1" * 40])
async def test_nothing_but_a_number_is_dialled(hotline, number):
    with pytest.raises(TelephonyError):
        await hotline.control.survey(number, "followup-9")
    with pytest.raises(TelephonyError):
        await hotline.control.dial("1027", number, "call-back-9")
