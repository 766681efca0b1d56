"""The demo without any SIP phone: one browser is the seat, another one plays the citizen."""

import pytest

from tests.e2e.browser import a_desk, chromium
from tests.e2e.hotline import Hotline, act, eventually
from tests.peers.smsc.peer import SmscPeer

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_handset_in_the_browser_calls_and_is_called(hotline: Hotline, smsc: SmscPeer) -> None:
    async with chromium() as browser:
        seat, citizen = await a_desk(browser, hotline.url), await a_desk(browser, hotline.url)
        await seat.sign_in("1027", hotline.password)
        await seat.page.get_by_role("button", name="签入").click()
        await seat.page.get_by_text("话机线路已连接").wait_for()
        await seat.page.keyboard.press("F6")
        await seat.page.locator(".callbar.ready").wait_for()
        await citizen.sign_in("1201", hotline.password)
        await citizen.open("/simulator")
        try:
            await citizen.page.get_by_role("button", name="开机").click()
            await citizen.page.get_by_role("button", name="12345", exact=True).click()
            await seat.page.locator(".callbar.ring").wait_for(timeout=20_000)
            await seat.page.get_by_text("138****5526").first.wait_for()
            await seat.page.keyboard.press("F2")
            await seat.page.locator(".callbar.talk").wait_for(timeout=10_000)
            await citizen.picture("30-simulator-talking")
            await citizen.page.get_by_role("button", name="挂断").click()
            await seat.page.locator(".callbar.acw").wait_for(timeout=10_000)
            number = await a_closed_case_of_the_citizen(hotline)
            await citizen.page.get_by_role("button", name="接听").click(timeout=60_000)
            await citizen.picture("31-simulator-survey")
            for key in ("1", "1"):
                await citizen.page.get_by_role("button", name=key, exact=True).last.click()
                await citizen.page.wait_for_timeout(2_000)
            await eventually(lambda: rated(hotline, number), within=30)
        except Exception:
            await seat.picture("99-failure-seat")
            await citizen.picture("99-failure-citizen")
            raise


async def a_closed_case_of_the_citizen(hotline: Hotline) -> str:
    """王女士's street lamp, handled and closed, so that the automatic call asks her."""
    async with hotline.api("2001") as acceptor, hotline.api("2101") as dispatcher:
        found = (await acceptor.get("/api/cases", params={"q": "望湖花园东门路灯"})).json()["rows"][0]
        number = str(found["number"])
        async with hotline.api("3002") as department:
            await act(department, number, "feedback", result="灯泡已更换")
            await act(department, number, "unit_confirm")
        await act(dispatcher, number, "forward_check")
        await act(acceptor, number, "close", opinion="路灯已亮")
    return number


async def rated(hotline: Hotline, number: str) -> bool:
    async with hotline.api("2001") as acceptor:
        case = (await acceptor.get(f"/api/cases/{number}")).json()
    return (case["score"], case["solved"]) == (1, True)
