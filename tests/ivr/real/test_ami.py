"""Our AMI client beside pyst2's on the same Asterisk, and across a restart of Asterisk."""

import asyncio

import httpx
import pytest
from asterisk.manager import Manager

from callcenter.domain.errors import TelephonyError
from callcenter.domain.telephony import CallWaiting, QueueSnapshot, SeatDevice
from ivr.ari.client import AriClient, digest
from tests.asterisk_kit.scenario import HangsUp, Waits
from tests.asterisk_kit.waiting import eventually

pytestmark = pytest.mark.asterisk


def members_by_pyst2(site) -> set[tuple[str, str, str]]:
    """(queue, interface, paused) as another program reads them; it takes the whole list as one answer."""
    manager = Manager()
    manager.connect(site.ami.host, site.ami.port)
    manager.login(site.ami_user.user, site.ami_user.secret)
    answer = "".join(manager.send_action({"Action": "QueueStatus"}).response)
    manager.close()
    packets = [dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
               for block in answer.split("\r\n\r\n")]  # fmt: skip
    return {
        (packet["Queue"], packet["Location"], packet["Paused"])
        for packet in packets
        if packet.get("Event") == "QueueMember"
    }


@pytest.mark.filterwarnings("ignore")  # pyst2 is of 2019
async def test_another_client_sees_what_ours_did(hotline):
    await hotline.control.join_queues("1027", "", {"general": 0, "business": 3}, "busy")
    await hotline.control.join_queues("1028", "", {"dialect": 0}, "busy")
    await hotline.control.unpause("1028")
    seen = await asyncio.to_thread(members_by_pyst2, hotline.site)
    assert seen == {
        ("hotline-general", "PJSIP/1027", "1"),
        ("hotline-business", "PJSIP/1027", "1"),
        ("hotline-dialect", "PJSIP/1028", "0"),
    }


async def test_after_a_restart_of_asterisk_the_state_is_told_again(hotline, phones):
    await hotline.sign_in("1027")
    hotline.desk.events.clear()
    await hotline.asterisk.stop()
    await eventually(lambda: not hotline.control.connected)
    await hotline.asterisk.start()
    await eventually(lambda: hotline.control.connected, within=20)
    state = (await eventually(lambda: hotline.desk.heard(QueueSnapshot)))[-1]
    assert state.members["general"] == {"1027": ""}
    assert {device.seat for device in hotline.desk.heard(SeatDevice)} >= {"1001", "1027"}
    await hotline.asterisk.cli(f"logger add channel {hotline.site.folders.log}/verbose.log verbose(4)")


async def test_a_service_that_comes_late_is_told_who_waits(hotline, phones):
    await hotline.sign_in("1027")
    await hotline.control.pause("1027", "break-meal")
    await phones.call("12345", Waits(30), HangsUp(), number="13800000401")
    waiting = (await eventually(lambda: hotline.desk.heard(CallWaiting)))[0]
    await hotline.service.stop()
    hotline.desk.events.clear()
    await hotline.service.start(hotline.desk, hotline.ledger)
    state = (await eventually(lambda: hotline.desk.heard(QueueSnapshot)))[0]
    assert [call.call_id for call in state.waiting["general"]] == [waiting.call_id]
    assert state.members["general"] == {"1027": "break-meal"}


async def test_a_softphones_secret_is_given_and_taken(hotline):
    site = hotline.site
    await hotline.control.provision("1001", "first")
    async with httpx.AsyncClient(auth=(site.ari_user.user, site.ari_user.secret), trust_env=False) as http:
        url = f"http://{site.http}/ari/asterisk/config/dynamic/res_pjsip/auth/1001"
        fields = {pair["attribute"]: pair["value"] for pair in (await http.get(url)).json()}
        assert fields["md5_cred"] == digest("1001", "first")
        await hotline.control.provision("1001", "second")
        fields = {pair["attribute"]: pair["value"] for pair in (await http.get(url)).json()}
        assert fields["md5_cred"] == digest("1001", "second")
        await hotline.control.revoke("1001")
        await hotline.control.revoke("1001")
        assert (await http.get(url)).status_code == 404


async def test_a_wrong_password_or_no_asterisk_is_one_sentence(hotline):
    for url, secret in (
        (f"http://{hotline.site.http}", "wrong"),
        (f"http://127.0.0.1:{hotline.site.http.port + 5}", "any"),
    ):
        async with AriClient(url, "hotline", secret) as ari:
            with pytest.raises(TelephonyError, match="登录凭证"):
                await ari.put_auth("1001", "x")
