"""Debian's Chromium as a seat: a fake microphone, WebRTC on loopback, pictures of every page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-gpu",
)
SEAT = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PICTURES = Path(__file__).parents[2] / "test-results" / "pictures"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        executable = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        await browser.close()


class Desk:
    """A page of the console with somebody signed in."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self._url = page, url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def sign_in(self, username: str, password: str) -> None:
        await self.page.goto(f"{self._url}/sign-in")
        await self.page.locator("input[autocomplete=username]").fill(username)
        await self.page.locator("input[type=password]").fill(password)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url(lambda url: "sign-in" not in url)

    async def take_seat(self) -> None:
        """签入: busy first, until the line is there."""
        await self.page.get_by_role("button", name="签入").click()
        await self.page.locator(".callbar.busy").wait_for()
        await self.page.get_by_text("话机线路已连接").wait_for()

    async def ready(self) -> None:
        await self.page.keyboard.press("F6")
        await self.page.locator(".callbar.ready").wait_for()

    async def answer(self) -> None:
        await self.page.locator(".callbar.ring").wait_for(timeout=20_000)
        await self.page.keyboard.press("F2")
        await self.page.locator(".callbar.talk").wait_for(timeout=15_000)

    async def hang_up(self) -> None:
        await self.page.keyboard.press("F3")
        await self.wrap_up()

    async def wrap_up(self) -> None:
        """The call is over, by whomever."""
        await self.page.locator(".callbar.acw").wait_for(timeout=15_000)

    async def open(self, path: str) -> None:
        await self.page.goto(self._url + path)

    async def picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=PICTURES / f"{name}.png")


async def a_busy_seat(browser: Browser, url: str, staff_no: str, password: str) -> Desk:
    desk = await a_desk(browser, url)
    await desk.sign_in(staff_no, password)
    await desk.take_seat()
    return desk


async def a_ready_seat(browser: Browser, url: str, staff_no: str, password: str) -> Desk:
    desk = await a_busy_seat(browser, url, staff_no, password)
    await desk.ready()
    return desk


async def a_desk(browser: Browser, url: str, size: dict[str, int] = SEAT, *, dark: bool = False) -> Desk:
    context: BrowserContext = await browser.new_context(
        viewport=size, permissions=["microphone"], locale="zh-CN", color_scheme="dark" if dark else "light"
    )
    return Desk(await context.new_page(), url)
