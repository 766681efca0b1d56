"""The path without a browser: SIPp calls, a SIPp-free seat by API. Quick check of the harness."""

import pytest

from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Presses, Says, Waits
from tests.asterisk_kit.audio import spoken
from tests.e2e.hotline import OUTBOUND_PORT, Hotline, act, eventually
from tests.peers.smsc.peer import SmscPeer

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]


async def test_night_message_becomes_a_task(hotline: Hotline, smsc: SmscPeer, folder) -> None:
    wav = spoken("文昌路的路灯不亮了，请派人来修。", folder / "said.wav")
    caller = await hotline.telephones.call(
        "12345", Waits(3), Says(wav), Waits(5), HangsUp(), number="13800005526"
    )
    await caller.done(within=40)
    async with hotline.api("1027") as seat:

        async def work():
            return (await seat.get("/api/seat/work")).json()

        items = await eventually(work)
    assert items[0]["kind"] in {"voicemail", "missed"}, items
