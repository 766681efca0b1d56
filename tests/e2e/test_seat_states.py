"""The seat's page in the states that the long story does not pass through, each with its picture."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.asterisk_kit.audio import spoken
from tests.asterisk_kit.scenario import IsHungUpOn, Says
from tests.e2e.browser import SEAT, Desk, a_ready_seat, chromium
from tests.e2e.hotline import Hotline

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(240)]

CITIZEN = "13800005526"
DANGER = "小区门口路面塌了个大坑，有人掉下去被困住了，旁边还有一股煤气味，快来人啊"
LOW = {"width": 1366, "height": 640}
BACK_WITHIN_MS = 12_000
"""Without the page's own word Asterisk notices the dead leg after 20 s of silence."""


@asynccontextmanager
async def a_call(hotline: Hotline, folder: Path) -> AsyncIterator[Desk]:
    wav = spoken("文昌路和澜东大道路口，路面塌了个大坑。", folder / "said.wav")
    async with chromium() as browser:
        desk = await a_ready_seat(browser, hotline.url, "1027", hotline.password)
        try:
            caller = await hotline.telephones.call("12345", Says(wav), IsHungUpOn(within=120), number=CITIZEN)
            await desk.answer()
            yield desk
            await desk.hang_up()
            await caller.done()
        except Exception:
            await desk.picture("99-failure")
            raise
        assert not desk.errors


async def shown(desk: Desk, name: str) -> None:
    """The picture, and that nothing of the page lies below the edge of the screen."""
    await desk.page.wait_for_timeout(400)  # pictures are taken after panels have slid in
    await desk.picture(name)
    await fits(desk.page)


async def fits(page: Page) -> None:
    below = await page.evaluate("() => document.scrollingElement.scrollHeight - window.innerHeight")
    assert below <= 0, f"the page scrolls by {below} px"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_state_of_a_call_fits_the_screen(hotline: Hotline, folder: Path) -> None:
    async with a_call(hotline, folder) as desk:
        page, press = desk.page, desk.page.keyboard.press
        await page.locator("textarea").first.click()
        await page.keyboard.insert_text(DANGER)
        await page.get_by_text("特急").first.wait_for()
        await shown(desk, "40-seat-danger")
        await press("F8")
        await page.get_by_text("值班电话").or_(page.get_by_text("转接")).first.wait_for()
        await shown(desk, "41-seat-transfer")
        await press("Escape")
        await press("Alt+k")
        await shown(desk, "42-seat-keypad")
        await press("Escape")
        await press("F4")
        await page.locator(".callbar.hold").wait_for()
        await shown(desk, "43-seat-hold")
        await press("F4")
        await page.locator(".callbar.talk").wait_for()
        await press("Control+/")
        await page.get_by_role("dialog", name="快捷键一览").wait_for()
        await shown(desk, "44-seat-hotkeys")
        await press("Escape")
        await page.set_viewport_size(LOW)
        await shown(desk, "45-seat-talking-640-high")
        await page.set_viewport_size(SEAT)
        await page.get_by_role("button", name="夜班").click()
        await shown(desk, "46-seat-talking-dark")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_page_reloaded_in_a_call_has_its_citizen_back_soon(hotline: Hotline, folder: Path) -> None:
    async with a_call(hotline, folder) as desk:
        await desk.page.locator("textarea").first.click()
        await desk.page.keyboard.insert_text("刷新前写下的话")
        await desk.page.wait_for_timeout(1_500)  # a draft is kept one second after the last key
        await desk.page.reload()
        notice = desk.page.get_by_text("页面刚刷新，市民还在线上")
        await notice.wait_for()
        await desk.picture("47-seat-waits-after-reload")
        await notice.wait_for(state="hidden", timeout=BACK_WITHIN_MS)
        await desk.page.locator(".callbar.talk").wait_for()
        kept = desk.page.get_by_label("问题描述").or_(desk.page.locator("textarea").first)
        assert await kept.first.input_value() == "刷新前写下的话"
        await shown(desk, "48-seat-back-after-reload")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_break_has_a_reason_and_an_end(hotline: Hotline) -> None:
    async with chromium() as browser:
        desk = await a_ready_seat(browser, hotline.url, "1027", hotline.password)
        await desk.page.keyboard.press("F7")
        await desk.page.get_by_text("用餐").first.wait_for()
        await shown(desk, "49-seat-break-menu")
        await desk.page.get_by_text("用餐").first.click()
        await desk.page.locator(".callbar.break").wait_for()
        await shown(desk, "50-seat-break")
        await desk.ready()
        assert not desk.errors
