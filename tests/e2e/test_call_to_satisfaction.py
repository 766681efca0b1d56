"""The whole path: a citizen calls, a seat in a real browser files, a department handles, the citizen is
texted, an automatic call asks whether it is solved. On SQLite and on PostgreSQL.
"""

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page

from tests.asterisk_kit.audio import spoken
from tests.asterisk_kit.scenario import IsHungUpOn, Presses, Says, Waits
from tests.e2e.browser import PHONE, SEAT, Desk, a_desk, chromium
from tests.e2e.hotline import Hotline, act, eventually
from tests.peers.smsc.peer import SmscPeer

pytestmark = [pytest.mark.asterisk, pytest.mark.browser, pytest.mark.timeout(420)]

CITIZEN = "13800005526"
COMPLAINT = (
    "市民反映：今早7点多，文昌路和澜东大道路口、实验小学北门对面的非机动车道上，路面塌了个大坑，"
    "直径约一米，没有围挡，有人骑电动车摔倒，正赶上学生上学，怕再出事。"
)


async def a_seat_that_is_ready(desk: Desk, hotline: Hotline) -> None:
    await desk.sign_in("1027", hotline.password)
    page = desk.page
    await page.get_by_role("button", name="签入").click()
    await page.locator(".callbar.busy").wait_for()
    await desk.picture("01-seat-busy")
    await page.wait_for_function("() => document.body.innerText.includes('话机线路已连接')")
    await page.keyboard.press("F6")
    await page.locator(".callbar.ready").wait_for()
    await desk.picture("02-seat-idle")


async def the_seat_files(desk: Desk) -> str:
    page = desk.page
    await page.locator(".callbar.ring").wait_for(timeout=20_000)
    await desk.picture("03-seat-ringing")
    assert CITIZEN not in await page.content(), "the number must stay masked"
    await page.keyboard.press("F2")
    await page.locator(".callbar.talk").wait_for(timeout=10_000)
    await page.locator("textarea").first.click()
    await page.keyboard.insert_text(COMPLAINT)
    await page.get_by_text("文昌路与澜东大道交叉口").first.wait_for()
    await desk.picture("04-seat-talking")
    await page.keyboard.press("Alt+1")
    await page.keyboard.press("Alt+4")
    await page.get_by_text("选择立案条件").first.wait_for()
    await page.keyboard.press("Control+Enter")
    await page.get_by_text("还差 1 项").wait_for()
    await desk.picture("05-seat-one-thing-missing")
    await page.locator("[data-field=condition] .el-select").click()
    await page.locator("[data-field=condition] .el-select-dropdown__item").first.click()
    await page.keyboard.press("Control+Enter")
    await page.get_by_text("已提交").or_(page.get_by_text("工单已")).first.wait_for()
    await desk.picture("06-seat-filed")
    return await _newest_case(page)


async def _newest_case(page: Page) -> str:
    newest = "/api/cases?view=mine&sort=-reported&size=1"
    return await page.evaluate(f"async () => (await (await fetch('{newest}')).json()).rows[0].number")


async def the_seat_hangs_up_and_is_ready_again(desk: Desk) -> None:
    page = desk.page
    await page.keyboard.press("F3")
    await page.locator(".callbar.acw").wait_for(timeout=10_000)
    await desk.picture("07-seat-wrap-up")
    await page.keyboard.press("F6")
    await page.locator(".callbar.ready").wait_for(timeout=10_000)


async def the_office_and_the_department_handle(hotline: Hotline, number: str, result: str) -> None:
    async with hotline.api("2001") as acceptor, hotline.api("2101") as dispatcher:
        await act(acceptor, number, "register_case", opinion="塌陷影响通行，符合立案条件")
        case = await act_on_advice(dispatcher, number)
        assert case["case"]["department"] == "市政设施管理处"
    async with hotline.api("3001") as department:
        await act(department, number, "assign", handler="孙科")
        await act(department, number, "feedback", result=result)
        await act(department, number, "unit_confirm")


async def act_on_advice(dispatcher: httpx.AsyncClient, number: str) -> dict[str, Any]:
    """The dispatcher takes the department that the rule table advises, and its clause."""
    case = (await dispatcher.get(f"/api/cases/{number}")).raise_for_status().json()
    advice = case["suggested_department"]
    return await act(
        dispatcher, number, "dispatch", department_id=advice["department_id"], opinion=advice["clause"]
    )


async def the_case_is_closed(hotline: Hotline, number: str) -> None:
    async with hotline.api("2001") as acceptor, hotline.api("2101") as dispatcher:
        await act(dispatcher, number, "forward_check")
        await act(acceptor, number, "close", opinion="现场属实，路面已恢复")


async def the_citizen_was_texted(smsc: SmscPeer, *wanted: str) -> None:
    async def all_there() -> bool:
        texts = await smsc.texts(CITIZEN)
        return all(any(words in text for text in texts) for words in wanted)

    await eventually(all_there, within=30, what=f"texts with {wanted}")


async def the_survey_call_is_answered(hotline: Hotline, keys: str) -> None:
    """The citizen's telephone rings, the two questions are answered by keys."""
    score, solved = keys
    telephone = await hotline.telephones.answer(
        hotline.outbound_port, Waits(1.5), Presses(score), Waits(2.5), Presses(solved), IsHungUpOn(within=40)
    )
    await telephone.done(within=90)


async def case_now(hotline: Hotline, number: str) -> dict[str, Any]:
    async with hotline.api("2001") as acceptor:
        return dict((await acceptor.get(f"/api/cases/{number}")).raise_for_status().json())


async def the_figures_are_right(hotline: Hotline) -> None:
    async with hotline.api("1201") as supervisor:
        wall = (await supervisor.get("/api/wall")).raise_for_status().json()
        figures = {figure["key"]: figure["value"] for figure in wall["figures"]}
        assert (figures["offered"], figures["answered"], figures["abandoned"]) == (1, 1, 0)
        assert figures["within_15s"] == 1.0
        behind = (await supervisor.get("/api/calls", params={"figure": "answered"})).json()
        assert behind["total"] == 1
        row = behind["rows"][0]
        assert row["recording"], "the recording belongs to the call"
        assert CITIZEN not in str(behind)
        sound = await supervisor.get(
            f"/api/calls/{row['call_id']}/recording", headers={"Range": "bytes=0-99"}
        )
        assert (sound.status_code, len(sound.content)) == (206, 100)
        peaks = (await supervisor.get(f"/api/calls/{row['call_id']}/peaks")).json()
        assert peaks["duration_s"] > 1
        assert max(peaks["peaks"]) > 0.01


async def pictures_of_the_other_pages(browser: Browser, hotline: Hotline, number: str) -> None:
    for user, path, name, size in (
        ("1201", "/wall", "20-wall", {"width": 1920, "height": 1080}),
        ("1201", "/cases", "21-cases", SEAT),
        ("1201", f"/cases/{number}", "22-case", SEAT),
        ("1201", "/calls?figure=answered", "23-calls", SEAT),
        ("3001", "/department", "24-department", PHONE),
        ("3001", f"/department/{number}", "25-department-task", PHONE),
        ("1027", "/simulator", "26-simulator", SEAT),
    ):
        desk = await a_desk(browser, hotline.url, size)
        await desk.sign_in(user, hotline.password)
        await desk.open(path)
        await desk.page.wait_for_timeout(1500)
        await desk.picture(name)
        assert not desk.errors, (path, desk.errors)
        await desk.page.context.close()


@pytest.mark.parametrize(
    ("database_url", "keys", "state"),
    [
        pytest.param("sqlite", "11", "closed", id="sqlite-solved"),
        pytest.param(
            "postgres", "52", "pending_dispatch", id="postgres-not-solved", marks=pytest.mark.postgres
        ),
    ],
    indirect=["database_url"],
)
async def test_a_call_becomes_a_case_and_the_citizen_is_asked(
    hotline: Hotline, smsc: SmscPeer, folder: Path, keys: str, state: str
) -> None:
    wav = spoken("文昌路和澜东大道路口，路面塌了个大坑，请快派人来。", folder / "said.wav")
    async with chromium() as browser:
        desk = await a_desk(browser, hotline.url)
        try:
            await a_seat_that_is_ready(desk, hotline)
            caller = await hotline.telephones.call("12345", Says(wav), IsHungUpOn(within=90), number=CITIZEN)
            number = await the_seat_files(desk)
            await the_seat_hangs_up_and_is_ready_again(desk)
            await caller.done()
            await the_citizen_was_texted(smsc, f"已受理，编号{number}")
            await the_office_and_the_department_handle(hotline, number, "已回填夯实并恢复通行")
            await the_case_is_closed(hotline, number)
            await the_citizen_was_texted(smsc, "已回填夯实并恢复通行", "请回复1-5评价")
            await the_survey_call_is_answered(hotline, keys)
            await eventually(lambda: _has_score(hotline, number, int(keys[0])), within=20)
            assert (await case_now(hotline, number))["case"]["state"] == state
            await the_figures_are_right(hotline)
            if state == "closed":
                await pictures_of_the_other_pages(browser, hotline, number)
            else:
                await the_seat_sees_what_is_not_solved(desk)
        except Exception:
            await desk.picture("99-failure")
            raise
        assert not desk.errors


async def _has_score(hotline: Hotline, number: str, score: int) -> bool:
    return (await case_now(hotline, number))["score"] == score


async def the_seat_sees_what_is_not_solved(desk: Desk) -> None:
    await desk.page.get_by_text("市民说未解决").first.wait_for(timeout=10_000)
    await desk.picture("10-seat-not-solved")
