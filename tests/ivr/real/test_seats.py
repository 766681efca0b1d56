"""What a seat can do with its call: transfers, three parties, hang-up, and a page that dies."""

import pytest

from callcenter.domain.errors import TelephonyError
from callcenter.domain.telephony import CallOutcome, SeatConnected, SeatReleased
from tests.asterisk_kit.audio import level
from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Says, Waits
from tests.asterisk_kit.waiting import eventually

pytestmark = pytest.mark.asterisk


@pytest.fixture
async def talking(hotline, phones, voices):
    """A citizen talks with seat 1027, seat 1028 may be asked; gives the citizen's telephone."""
    await hotline.sign_in("1027")
    await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), IsHungUpOn(60))
    await phones.answer(hotline.phone_of("1028"), Says(voices["other"]), IsHungUpOn(60))
    citizen = await phones.call("12345", Says(voices["citizen"]), IsHungUpOn(60), number="13800000301")
    await eventually(lambda: hotline.desk.heard(SeatConnected))
    return citizen


async def channels(hotline) -> str:
    return await hotline.asterisk.cli("core show channels concise")


async def in_call(hotline, *names: str) -> bool:
    """Exactly these talk, all in one bridge."""
    lines = [line.split("!") for line in (await channels(hotline)).splitlines() if line.startswith("PJSIP/")]
    talking = {line[0].split("/")[1].split("-")[0] for line in lines if line[-1] or line[12]}
    bridges = {line[12] for line in lines if line[0].split("/")[1].split("-")[0] in names}
    return talking == set(names) and len(bridges) == 1


async def until_in_call(hotline, *names: str) -> None:
    for _ in range(100):
        if await in_call(hotline, *names):
            return
    raise AssertionError(await channels(hotline))


async def test_an_attended_transfer_gives_the_citizen_to_the_other_seat(hotline, talking):
    await hotline.control.transfer("1027", "1028")
    await eventually(lambda: "1028" in _bridged(hotline))
    await hotline.control.complete_transfer("1027")
    released = (await eventually(lambda: hotline.desk.heard(SeatReleased)))[0]
    assert (released.seat, released.transferred) == ("1027", True)
    taken = await eventually(lambda: [e for e in hotline.desk.heard(SeatConnected) if e.seat == "1028"])
    assert taken[0].call_id == hotline.desk.arrived[0][0]
    await hotline.control.hang_up("1028")
    record = (await eventually(lambda: hotline.ledger.of("13800000301")))[0]
    assert record.outcome is CallOutcome.SERVED
    gone = await eventually(lambda: [e for e in hotline.desk.heard(SeatReleased) if e.seat == "1028"])
    assert gone[0].call_id == record.call_id
