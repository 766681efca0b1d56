"""What a seat can do with its call: transfers, three parties, hang-up, and a page that dies."""

import asyncio
from collections import Counter

import pytest

from callcenter.domain.errors import TelephonyError
from callcenter.domain.telephony import CallOutcome, SeatConnected, SeatReleased, SeatRinging
from ivr.ami.translate import channel_owner
from tests.asterisk_kit.audio import level
from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Says, Waits
from tests.asterisk_kit.waiting import eventually, eventually_so

pytestmark = pytest.mark.asterisk
NUMBER = "13800000301"


async def parties(hotline) -> list[set[str]]:
    """Who talks with whom: owners of channels in one bridge, or in two that a Local channel joins."""
    bridges: dict[str, set[str]] = {}
    for channel in await hotline.service._ami.listing("CoreShowChannels"):
        name, bridge = channel["Channel"], channel["BridgeId"]
        if bridge:
            bridges.setdefault(bridge, set()).add(channel_owner(name) or name.partition(";")[0])
    groups: list[set[str]] = []
    for owners in bridges.values():
        joined = [
            group for group in groups if group & owners and any("Local/" in one for one in group & owners)
        ]
        groups = [group for group in groups if group not in joined] + [owners.union(*joined)]
    return [{owner for owner in group if not owner.startswith("Local/")} for group in groups]


async def until_together(hotline, *owners: str) -> None:
    async def look() -> bool:
        return set(owners) in await parties(hotline)

    await eventually_so(look)


@pytest.fixture
async def talking(hotline, phones, voices):
    """A citizen talks with seat 1027, and seat 1028 may be asked; gives the citizen's telephone."""
    await hotline.sign_in("1027")
    await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), IsHungUpOn(60))
    await phones.answer(hotline.phone_of("1028"), Says(voices["other"]), IsHungUpOn(60))
    citizen = await phones.call("12345", Says(voices["citizen"]), IsHungUpOn(60), number=NUMBER)
    await until_together(hotline, "trunk", "1027")
    return citizen


async def test_an_attended_transfer_gives_the_citizen_to_the_other_seat(hotline, talking):
    await hotline.control.transfer("1027", "1028")
    await until_together(hotline, "1027", "1028")
    await hotline.control.complete_transfer("1027")
    await until_together(hotline, "trunk", "1028")
    released = (await eventually(lambda: hotline.desk.heard(SeatReleased)))[0]
    assert (released.seat, released.transferred) == ("1027", True)
    taken = await eventually(lambda: [e for e in hotline.desk.heard(SeatConnected) if e.seat == "1028"])
    assert taken[0].call_id == hotline.desk.arrived[0][0]

    await asyncio.sleep(1.5)  # they talk
    await hotline.control.hang_up("1028")
    record = (await eventually(lambda: hotline.ledger.of(NUMBER)))[0]
    assert record.outcome is CallOutcome.SERVED
    gone = await eventually(lambda: [e for e in hotline.desk.heard(SeatReleased) if e.seat == "1028"])
    assert gone[0].call_id == record.call_id
    tape = hotline.site.folders.recordings / record.recording
    assert all(level(tape, hz) > -40 for hz in (440, 660, 880))


async def test_a_consultation_can_be_given_up(hotline, talking):
    await hotline.control.transfer("1027", "1028")
    await until_together(hotline, "1027", "1028")
    await hotline.control.cancel_transfer("1027")
    await until_together(hotline, "trunk", "1027")


async def test_a_consultation_can_become_a_conversation_of_three(hotline, talking):
    await hotline.control.transfer("1027", "1028")
    await until_together(hotline, "1027", "1028")
    await hotline.control.join_three("1027")
    await until_together(hotline, "trunk", "1027", "1028")


async def test_a_blind_transfer_frees_the_seat_at_once(hotline, talking):
    await hotline.control.blind_transfer("1027", "1028")
    await until_together(hotline, "trunk", "1028")
    released = (await eventually(lambda: hotline.desk.heard(SeatReleased)))[0]
    assert (released.seat, released.transferred) == ("1027", True)
    await eventually(lambda: [e for e in hotline.desk.heard(SeatConnected) if e.seat == "1028"])


async def test_a_duty_phone_is_reached_over_the_trunk(hotline, talking, phones, voices):
    await phones.answer(hotline.site.trunk_out.port, Says(voices["other"]), IsHungUpOn(60))
    await hotline.control.blind_transfer("1027", "8800")

    async def look() -> bool:
        trunks = Counter(
            channel_owner(channel["Channel"])
            for channel in await hotline.service._ami.listing("CoreShowChannels")
            if channel["BridgeId"]
        )
        return trunks == {"trunk": 2}

    await eventually_so(look)


@pytest.mark.parametrize("target", ["13912345678", "99", "s", "1028&1029", "1028,1", ""])
async def test_a_seat_cannot_transfer_to_just_any_number(hotline, talking, target):
    with pytest.raises(TelephonyError):
        await hotline.control.blind_transfer("1027", target)
    assert {"trunk", "1027"} in await parties(hotline)


async def test_a_seat_without_a_call_is_told_so(hotline):
    with pytest.raises(TelephonyError, match="没有通话"):
        await hotline.control.transfer("1029", "1028")


async def test_hanging_up_from_here_ends_the_call_with_a_good_bye(hotline, talking):
    await hotline.control.hang_up("1027")
    await talking.done()
    record = (await eventually(lambda: hotline.ledger.of(NUMBER)))[0]
    assert (record.outcome, record.seat) == (CallOutcome.SERVED, "1027")


async def test_a_citizen_whose_seat_died_is_brought_back_to_the_same_seat(hotline, phones, voices):
    """A telephone that falls silent stands for a page that was reloaded."""
    await hotline.sign_in("1027")
    speaks_once = Says(voices["seat"], times=1)
    await phones.answer(hotline.phone_of("1027"), speaks_once, IsHungUpOn(60), calls=2)
    citizen = await phones.call("12345", Says(voices["citizen"]), Waits(10), HangsUp(), number=NUMBER)
    again = await eventually(lambda: hotline.desk.heard(SeatConnected)[1:], within=15)
    assert again[0].seat == "1027"
    assert len(hotline.desk.heard(SeatRinging)) == 1
    await citizen.done()
    record = (await eventually(lambda: hotline.ledger.of(NUMBER)))[0]
    assert (record.outcome, record.seat) == (CallOutcome.SERVED, "1027")


async def test_a_page_that_says_so_gets_its_citizen_back_at_once(hotline, phones, voices):
    """Both telephones go on speaking: nothing but the word of the page starts it."""
    await hotline.sign_in("1027")
    await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), IsHungUpOn(60), calls=2)
    citizen = await phones.call("12345", Says(voices["citizen"]), Waits(8), HangsUp(), number=NUMBER)
    await until_together(hotline, "trunk", "1027")
    await hotline.control.bring_back("1027")
    again = await eventually(lambda: hotline.desk.heard(SeatConnected)[1:], within=6)
    assert again[0].seat == "1027"
    await until_together(hotline, "trunk", "1027")
    await hotline.control.bring_back("1028")  # talks with nobody
    assert hotline.desk.heard(SeatReleased) == []
    await citizen.done()
    record = (await eventually(lambda: hotline.ledger.of(NUMBER)))[0]
    assert (record.outcome, record.seat) == (CallOutcome.SERVED, "1027")


async def test_a_seat_that_stays_away_gives_its_citizen_to_the_next_free_one(hotline, phones, voices):
    await hotline.sign_in("1027")
    await phones.answer(hotline.phone_of("1027"), Says(voices["seat"], times=1), IsHungUpOn(60))
    await phones.call("12345", Says(voices["citizen"]), Waits(60), HangsUp(), number=NUMBER)
    await eventually(lambda: hotline.desk.heard(SeatConnected))
    await phones.answer(hotline.phone_of("1028"), Says(voices["other"]), IsHungUpOn(60))
    await hotline.sign_in("1028")
    again = await eventually(lambda: hotline.desk.heard(SeatConnected)[1:], within=40)
    assert again[0].seat == "1028"
