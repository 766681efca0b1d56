"""A citizen in a telephone's browser: reports with a photo, finds it again, talks with a seat; and puts a
pin on the open form of the seat that they are talking with.
"""

import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page

from tests.asterisk_kit.audio import spoken
from tests.asterisk_kit.ports import free_base
from tests.asterisk_kit.scenario import IsHungUpOn, Says
from tests.e2e.browser import PHONE, PICTURES, Desk, a_ready_seat, chromium
from tests.e2e.hotline import Hotline, eventually, running_hotline, settings_for
from tests.peers.smsc.peer import SmscPeer

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(300)]

CITIZEN = "13800005526"
COLLAPSE = "今早7点多，实验小学北门对面的非机动车道塌了个大坑，没有围挡，有人骑车摔倒，希望尽快围起来。"
HERE = {"latitude": 28.51, "longitude": 118.51, "accuracy": 14}


@pytest.fixture
async def hotline(folder: Path, smsc: SmscPeer) -> AsyncIterator[Hotline]:
    base = free_base("e2e")
    settings = settings_for(folder, "", smsc.port, base)
    open_to_citizens = settings.model_copy(update={"public_url": f"http://127.0.0.1:{base}"})
    async with running_hotline(open_to_citizens) as running:
        yield running


@asynccontextmanager
async def a_citizen(browser: Browser, url: str) -> AsyncIterator[Page]:
    context = await browser.new_context(
        base_url=url, viewport=PHONE, locale="zh-CN", geolocation=HERE, permissions=["geolocation"]
    )
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
    except Exception:
        await picture(page, "99-citizen-failure")
        raise
    assert not errors


async def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png")


def a_photo(folder: Path) -> Path:
    """As a telephone takes it: large, and with the place in it."""
    out, exif = folder / "hole.jpg", Image.Exif()
    exif[0x8825] = {1: "N", 2: (28.0, 30.0, 0.0)}
    Image.effect_noise((3000, 2000), 40).save(out, "JPEG", exif=exif)
    return out


async def fill_in(page: Page, photo: Path) -> None:
    """Until the answers are to be checked; reloaded half way through, as telephones do."""
    await page.goto("/c")
    await page.get_by_role("link", name="反映问题").click()
    await page.get_by_label("请说说发生了什么").fill(COLLAPSE)
    await page.get_by_role("button", name="路面塌陷").click()
    await page.reload()
    await page.get_by_role("button", name="下一步：在哪里").click()
    await page.get_by_label("事情在哪里").fill("实验小学")
    await page.get_by_role("option", name="实验小学").first.click()
    await page.get_by_text("文昌街道").last.wait_for()
    await page.get_by_role("button", name="下一步：照片和联系").click()
    await page.locator("[data-test=album]").set_input_files(photo)
    await page.get_by_alt_text("照片 1，已上传").wait_for()
    await page.get_by_role("textbox", name="手机号").fill("1380000552")
    await page.get_by_role("button", name="下一步：核对").click()
    await page.get_by_text("手机号是 11 位，您填了 10 位").wait_for()
    await page.get_by_role("textbox", name="手机号").fill(CITIZEN)
    await page.get_by_role("button", name="下一步：核对").click()
    await page.get_by_text("提交前请核对").wait_for()
    await picture(page, "70-citizen-check")


async def submit_without_network(page: Page) -> tuple[str, str]:
    """The network is gone when the key is pressed and comes back; pressed again meanwhile. One receipt."""
    await page.context.set_offline(True)
    await page.get_by_role("button", name="提交").click()
    await page.get_by_text("网络断了，还没有提交").wait_for()
    await page.context.set_offline(False)
    await page.locator("[data-test=receipt]").wait_for()
    await picture(page, "71-citizen-receipt")
    number = await page.locator("[data-test=number]").inner_text()
    return number, await page.locator("[data-test=code]").inner_text()


async def test_a_report_with_a_photo_becomes_a_number_and_a_talk(hotline: Hotline, folder: Path) -> None:
    photo = a_photo(folder)
    async with chromium() as browser, a_citizen(browser, hotline.url) as page:
        await fill_in(page, photo)
        number, code = await submit_without_network(page)
        assert re.fullmatch(r"\d{8}-\d{4}", number)
        assert hotline.rows(f"SELECT count(*) FROM report WHERE number = '{number}'") == [(1,)]
        await page.goto("/c/progress")
        await page.get_by_label("编号", exact=True).fill(number)
        await page.get_by_label("查询码").fill("000000" if code != "000000" else "111111")
        await page.get_by_role("button", name="查进度").click()
        await page.get_by_text("编号或查询码不对").wait_for()
        await page.get_by_label("查询码").fill(code)
        await page.get_by_role("button", name="查进度").click()
        await page.get_by_role("heading", name="已收到，等待登记").wait_for()
        assert CITIZEN not in await page.content()
        await picture(page, "72-citizen-progress")
        await they_talk(hotline, page)
    kept = [Image.open(io.BytesIO(path.read_bytes())) for path in pictures_of(hotline)]
    assert [picture.size for picture in kept] == [(2048, 1365)]
    assert not any(picture.getexif() for picture in kept)


def pictures_of(hotline: Hotline) -> list[Path]:
    return [path for path in (hotline.settings.state_dir / "media").rglob("*") if path.is_file()]


async def they_talk(hotline: Hotline, page: Page) -> None:
    await page.goto("/c/talk")
    await page.get_by_label("要说的话").fill("还要多久？")
    await page.get_by_role("button", name="发送").click()
    await page.get_by_text("还要多久？").wait_for()
    async with hotline.api("1027") as seat:

        async def the_talk() -> str:
            rows = (await seat.get("/api/inbox")).raise_for_status().json()["rows"]
            return next((row["id"] for row in rows if row["channel"] == "web"), "")

        talk = await eventually(the_talk, what="the conversation in the inbox")
        (await seat.post(f"/api/inbox/{talk}/take")).raise_for_status()
        answer = {"text": "已通知市政，两小时内围挡。"}
        (await seat.post(f"/api/inbox/{talk}/messages", json=answer)).raise_for_status()
        await page.get_by_text("已通知市政，两小时内围挡。").wait_for()
        await picture(page, "73-citizen-talk")

        async def delivered() -> bool:
            found = (await seat.get(f"/api/inbox/{talk}")).raise_for_status().json()
            return any(one["state"] == "delivered" for one in found["messages"])

        await eventually(delivered, what="the answer shown as delivered")


async def test_a_caller_puts_a_pin_on_the_open_form(hotline: Hotline, smsc: SmscPeer, folder: Path) -> None:
    said = spoken("文昌路和澜东大道路口，路面塌了个大坑。", folder / "said.wav")
    async with chromium() as browser, a_citizen(browser, hotline.url) as page:
        desk = await a_ready_seat(browser, hotline.url, "1027", hotline.password)
        caller = await hotline.telephones.call("12345", Says(said), IsHungUpOn(within=120), number=CITIZEN)
        await desk.answer()
        try:
            link = await the_link(desk, smsc)
            await page.goto(link)
            await desk.page.get_by_text("市民已打开链接").wait_for()
            await the_citizen_sends(page, a_photo(folder))
            await it_arrives(desk)
        except Exception:
            await desk.picture("99-failure")
            raise
        await desk.hang_up()
        await caller.done()
        await page.reload()
        await page.get_by_text("链接已经失效").wait_for()
        await picture(page, "76-citizen-pin-over")
        assert not desk.errors


async def the_link(desk: Desk, smsc: SmscPeer) -> str:
    await desk.page.keyboard.press("Alt+p")
    await desk.page.get_by_text("市民还没有打开").wait_for()

    async def texted() -> str:
        found = [re.search(r"http\S+/p/\w+", text) for text in await smsc.texts(CITIZEN)]
        return next((one[0] for one in found if one), "")

    link = str(await eventually(texted, what="the link in a text"))
    await desk.page.keyboard.press("Alt+p")  # once more: it asks
    await desk.page.get_by_role("dialog", name="再发一次定位链接？").wait_for()
    await desk.page.keyboard.press("Escape")
    return link


async def the_citizen_sends(page: Page, photo: Path) -> None:
    await page.get_by_role("button", name="发送我的位置").click()
    await page.get_by_text("位置已发出，接线员的屏幕上能看到").wait_for()
    await page.locator("[data-test=album]").set_input_files(photo)
    await page.get_by_text("已发出 1 张").wait_for()
    await picture(page, "74-citizen-pin")


async def it_arrives(desk: Desk) -> None:
    """On the form of the seat, within seconds and without a key."""
    page = desk.page
    await page.get_by_text("市民的位置已到").wait_for(timeout=5_000)
    await page.get_by_role("button", name="市民发来的照片 1，放大").wait_for(timeout=5_000)
    await page.wait_for_timeout(500)  # the map draws
    await desk.picture("75-seat-pin-arrived")
    await page.keyboard.press("Alt+p")
    await page.get_by_text("已填入").wait_for()
    assert await page.get_by_label("问题发生地").input_value()
    await desk.picture("75-seat-pin-filled")
