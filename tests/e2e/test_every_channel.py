"""Citizens write by WeChat and by text; a seat answers them in one inbox and files; the cases are closed, and
each is told the way they came, or by text when WeChat does not let us any more.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, Page

from callcenter.config import Account, Secrets, Settings
from tests.asterisk_kit.ports import free_base
from tests.e2e.browser import PHONE, PICTURES, Desk, a_ready_seat, chromium
from tests.e2e.hotline import LOCAL, SOURCE, Hotline, act, eventually, running_hotline, settings_for
from tests.peers.smsc.peer import PASSWORD, SmscPeer
from tests.peers.wechat.platform import Platform, running_platform
from tests.peers.wechat.pushing import Pusher

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(300)]

OPENID = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
TEXTER, BOUND = "13800007711", "13800007722"
COLLAPSE = "实验小学北门对面的非机动车道路面塌陷，有个坑，骑车不方便，希望尽快修好。"
LAMP = "望湖花园东门的路灯三天不亮了，晚上很黑，希望尽快修好。"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class City:
    """The hotline with its platform and its carrier."""

    hotline: Hotline
    platform: Platform
    smsc: SmscPeer

    async def wechat(self, text: str) -> None:
        self.platform.books.citizen(OPENID).wrote(now())
        pusher = Pusher(now)
        came = await pusher.deliver(f"{self.hotline.url}/hooks/wx/push", pusher.text(text, openid=OPENID))
        for answer in came:
            if "<Content>" in answer:
                self.passive.append(pusher.reply(answer.encode())["Content"])

    def __post_init__(self) -> None:
        self.passive: list[str] = []

    async def wechat_said(self) -> list[str]:
        return [*self.passive, *(one.text for one in self.platform.books.sent)]

    async def texts(self, number: str) -> list[str]:
        return await self.smsc.texts(number)


def with_wechat(settings: Settings, platform: Platform) -> Settings:
    books = platform.books
    here = f"http://{LOCAL}:{settings.console.port}"
    wechat = Account(
        kind="wechat", app_id=books.app_id, api_url=platform.url, public_url=here, passive_wait_s=2
    )
    secrets = {"sms": {"password": PASSWORD}, "wx": {"secret": books.secret, "token": "AAAAA"}}
    return settings.model_copy(
        update={
            "public_url": here,
            "accounts": {**settings.accounts, "wx": wechat},
            "secrets": Secrets(ami="e2e-ami-secret", ari="e2e-ari-secret", accounts=secrets),
        }
    )


@pytest.fixture
async def city(folder: Path, smsc: SmscPeer) -> AsyncIterator[City]:
    async with running_platform(now) as platform:
        settings = with_wechat(settings_for(folder, "", smsc.port, free_base("e2e")), platform)
        async with running_hotline(settings) as hotline:
            yield City(hotline, platform, smsc)


async def says(look, *words: str) -> str:
    """The first message of what `look` returns that holds all the words."""

    async def found() -> str:
        return next((text for text in await look() if all(word in text for word in words)), "")

    return await eventually(found, 30, f"a message with {words}")


async def open_conversation(page: Page, words: str) -> None:
    await page.get_by_role("button", name=words).or_(page.get_by_text(words)).first.click()


async def the_seat_answers(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="回复")
    await box.fill(text)
    await box.press("Enter")
    await page.locator(".msgs").get_by_text(text).wait_for()


async def the_seat_files(page: Page, because: str) -> str:
    """`because`: a word that the suggestion shows, so that it is the one for this text."""
    await page.locator(".sug .take").first.filter(has_text=because).wait_for()
    await page.keyboard.press("Alt+1")
    await page.keyboard.press("Alt+4")
    condition = page.locator("[data-field=condition] .el-select")
    await condition.click()
    await page.locator("[data-field=condition] .el-select-dropdown__item").first.click()
    await page.keyboard.press("Control+Enter")
    await page.get_by_text("已提交").or_(page.get_by_text("工单已")).first.wait_for()
    newest = "/api/cases?view=mine&sort=-reported&size=1"
    return await page.evaluate(f"async () => (await (await fetch('{newest}')).json()).rows[0].number")


async def the_case_is_closed(hotline: Hotline, number: str, result: str) -> None:
    async with hotline.api("2001") as acceptor, hotline.api("2101") as dispatcher:
        await act(acceptor, number, "register_case", opinion="同意")
        case = (await dispatcher.get(f"/api/cases/{number}")).raise_for_status().json()
        department = case["suggested_department"]["department_id"]
        await act(dispatcher, number, "dispatch", department_id=department)
        async with hotline.api(await clerk_of(hotline, department)) as clerk:
            await act(clerk, number, "assign", handler="孙科")
            await act(clerk, number, "feedback", result=result)
            await act(clerk, number, "unit_confirm")
        await act(dispatcher, number, "forward_check")
        await act(acceptor, number, "close", opinion="属实")


async def clerk_of(hotline: Hotline, department: str) -> str:
    rows = hotline.rows(f"SELECT staff_no FROM user_account WHERE department_id = '{department}'")
    return str(rows[0][0])


async def bind(browser: Browser, city: City, number: str) -> None:
    """From the menu of the official account: WeChat says who it is, a texted code whose number it is."""
    context = await browser.new_context(base_url=city.hotline.url, viewport=PHONE, locale="zh-CN")
    begun = await context.request.get("/hooks/wx/bind", max_redirects=0)
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    city.platform.books.codes["authorised"] = OPENID
    page = await context.new_page()
    await page.goto(f"/hooks/wx/oauth?state={state}&code=authorised")
    await page.get_by_label("手机号").fill(number)
    await page.get_by_role("button", name="获取验证码").click()
    await page.get_by_label("6 位验证码").wait_for()
    text = await says(lambda: city.texts(number), "验证码")
    assert "ticket" not in page.url
    found = re.search(r"验证码(\d{6})", text)
    assert found
    await page.screenshot(path=PICTURES / "82-citizen-bind.png")
    await page.get_by_label("6 位验证码").fill(found[1])
    await page.get_by_role("button", name="绑定", exact=True).click()
    await page.get_by_text("已绑定 138****7722").wait_for()
    await context.close()


async def test_each_is_told_the_way_they_came(city: City) -> None:
    async with chromium() as browser:
        seat: Desk = await a_ready_seat(browser, city.hotline.url, "1027", city.hotline.password)
        await seat.open("/inbox")
        try:
            await city.wechat(COLLAPSE)
            await says(city.wechat_said, "已登记")
            await seat.page.get_by_text("实验小学北门对面").first.wait_for(timeout=20_000)
            await open_conversation(seat.page, "实验小学北门对面")
            await the_seat_answers(seat.page, "您好，我是 1027 号接线员，请问坑有多深？")
            await says(city.wechat_said, "坑有多深")
            await seat.picture("80-inbox-wechat")
            number = await the_seat_files(seat.page, "塌陷")
            await says(city.wechat_said, number, "已受理")
            await seat.picture("81-inbox-filed")
            await the_case_is_closed(city.hotline, number, "路面已修复")
            await says(city.wechat_said, number, "路面已修复")

            await city.smsc.text_from(TEXTER, SOURCE, LAMP)
            await says(lambda: city.texts(TEXTER), "已登记")
            await open_conversation(seat.page, "望湖花园东门")
            number = await the_seat_files(seat.page, "路灯")
            await says(lambda: city.texts(TEXTER), number, "已受理")
            await the_case_is_closed(city.hotline, number, "灯泡已更换")
            await says(lambda: city.texts(TEXTER), number, "灯泡已更换")
            assert not seat.errors
        except Exception:
            await seat.picture("99-failure-inbox")
            raise


async def test_when_wechat_is_closed_the_result_comes_by_text(city: City) -> None:
    async with chromium() as browser:
        seat: Desk = await a_ready_seat(browser, city.hotline.url, "1027", city.hotline.password)
        await seat.open("/inbox")
        try:
            await city.wechat(COLLAPSE)
            await says(city.wechat_said, "已登记")
            await bind(browser, city, BOUND)
            await seat.page.get_by_text("实验小学北门对面").first.wait_for(timeout=20_000)
            await open_conversation(seat.page, "实验小学北门对面")
            number = await the_seat_files(seat.page, "塌陷")
            await says(city.wechat_said, number, "已受理")
            city.platform.books.citizen(OPENID).until = None  # nobody wrote for two days, says the platform
            await the_case_is_closed(city.hotline, number, "路面已修复")
            text = await says(lambda: city.texts(BOUND), number, "路面已修复")
            assert text.startswith("【澜江12345】")
        except Exception:
            await seat.picture("99-failure-inbox")
            raise
