"""A supervisor teaches the hotline a word: what flips is seen, what is published works at once, and back."""

from typing import Any

import httpx
import pytest

from tests.e2e.browser import Desk, a_desk, chromium
from tests.e2e.hotline import Hotline, eventually, running_hotline, without_texts

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(300)]

WORD = "深窝窝"  # nobody has taught it yet
COLLAPSE = "事件|05|05"
TOLD = f"俺家门口咕咚一个{WORD}，三轮车下去了"


async def test_a_word_is_edited_seen_published_and_rolled_back_without_a_restart(folder: Any) -> None:
    async with running_hotline(without_texts(folder)) as hotline, chromium() as browser:
        await a_report_that_was_not_understood(hotline)
        lead = await a_desk(browser, hotline.url)
        await lead.sign_in("1201", hotline.password)
        await lead.open("/rules")
        try:
            await teach(lead)
            await publish(lead)
            await eventually(lambda: suggested(hotline, COLLAPSE), what="the published word")
            await lead.picture("40-rules-published")
            await roll_back(lead)
            await eventually(lambda: suggested(hotline, ""), what="the table before")
            assert lead.errors == []
        except Exception:
            await lead.picture("99-failure-rules")
            raise


async def a_report_that_was_not_understood(hotline: Hotline) -> None:
    async with hotline.api("1027") as seat:
        assert await first_suggestion(seat) == ""
        form = {
            "decision": "answer",
            "appeal": "help",
            "content": TOLD,
            "category": COLLAPSE,
            "answer": "已记录",
            "client_key": "e2e-rules-0001",
        }
        (await seat.post("/api/reports", json=form)).raise_for_status()


async def first_suggestion(seat: httpx.AsyncClient) -> str:
    answer = (await seat.post("/api/suggestions", json={"text": f"路边有个{WORD}"})).raise_for_status()
    return next((one["code"] for one in answer.json()["categories"]), "")


async def suggested(hotline: Hotline, code: str) -> bool:
    async with hotline.api("1027") as seat:
        return await first_suggestion(seat) == code


async def teach(lead: Desk) -> None:
    """By the keyboard alone: find the class, add the word, see what flips."""
    page = lead.page
    await page.get_by_text("确认工单上试算").wait_for(timeout=30_000)
    await page.keyboard.press("/")
    await page.keyboard.type("路面塌陷")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="路面塌陷").wait_for()
    await page.keyboard.press("n")
    await page.get_by_label("词", exact=True).wait_for()
    await page.keyboard.type(WORD)
    await page.keyboard.press("Control+s")
    await page.locator(".flp tr.better", has_text=WORD).wait_for(timeout=30_000)
    await page.locator(".trm tr.add", has_text=WORD).wait_for()
    await lead.picture("40-rules-draft")


async def publish(lead: Desk) -> None:
    await lead.page.keyboard.press("Control+Enter")
    await lead.page.get_by_label("改了什么").fill("补一个地方叫法")
    await lead.page.keyboard.press("Control+Enter")
    await lead.page.get_by_text("已发布").wait_for()


async def roll_back(lead: Desk) -> None:
    page = lead.page
    await page.get_by_role("button", name="版本").click()
    await page.get_by_role("button", name="v1 停用").click()
    await page.get_by_role("button", name="回退到 v1").click()
    await page.get_by_text("已回退").wait_for()
