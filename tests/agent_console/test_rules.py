"""The rule laboratory's interface: who may, what a file does, what is said when it cannot."""

import asyncio
import csv
import io
import time
import zipfile

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from agent_console import sheets
from callcenter.domain.rules import MOST_WORDS
from callcenter.usecases import rules
from callcenter.usecases.context import Context
from callcenter.usecases.rule_sheets import WORD_HEAD
from tests.agent_console.conftest import SignedIn
from tests.builders import COLLAPSE

FORM = {
    "decision": "case",
    "appeal": "help",
    "content": "文昌路路面塌了个大坑，没有围挡",
    "category": COLLAPSE,
    "condition_no": 1,
    "place": {"label": "文昌路", "lat": 28.5, "lon": 118.5},
    "client_key": "form-00000001",
    "suggested": {
        "version": "1",
        "categories": [
            {"code": "事件|01|13", "confidence": 0.5},
            {"code": COLLAPSE, "confidence": 0.3},
        ],
        "places": [{"label": "文昌路", "confidence": 0.9}],
    },
}
WORD = {"code": COLLAPSE, "kind": "地方叫法", "term": "塌了个坑", "weight": 2.8}
HEAD = "类目编码,类目名称,类型,词,权重,启用"


@pytest.fixture
async def lead(context: Context, signed_in: SignedIn) -> httpx.AsyncClient:
    await rules.begin(context)
    return await signed_in("1201")


async def a_draft(lead: httpx.AsyncClient) -> int:
    return int((await lead.post("/api/rules/draft", json={})).json()["number"])


async def terms(lead: httpx.AsyncClient, number: int) -> dict[str, dict[str, object]]:
    answer = await lead.get(f"/api/rules/versions/{number}/words", params={"code": COLLAPSE})
    return {row["term"]: row for row in answer.json()}


async def send(lead: httpx.AsyncClient, number: int, body: bytes, **query: object) -> httpx.Response:
    return await lead.post(f"/api/rules/versions/{number}/import", content=body, params=query)


@pytest.mark.parametrize("username", ["1027", "2001", "3001"])
async def test_only_supervisors_and_administrators_keep_the_words(signed_in: SignedIn, username: str) -> None:
    client = await signed_in(username)
    for path in ("/api/rules", "/api/rules/versions/1/words?code=x", "/api/rules/versions/1/effect"):
        assert (await client.get(path)).status_code == 403, path
    for path in (
        "/api/rules/draft",
        "/api/rules/versions/1/actions/publish",
        "/api/rules/schemes?standard=x",
    ):
        assert (await client.post(path, json={})).status_code == 403, path
    assert (await client.get("/api/rules/versions/1/export?kind=csv")).status_code == 403


async def test_a_word_from_draft_to_force_and_back(context: Context, lead: httpx.AsyncClient) -> None:
    number = await a_draft(lead)
    assert (await lead.put(f"/api/rules/versions/{number}/words", json=WORD)).status_code == 204
    word = (await terms(lead, number))["塌了个坑"]
    assert (word["change"], word["author"], word["hits"]) == ("add", "工号1201", None)
    tried = (await lead.post(f"/api/rules/versions/{number}/try", json={"text": "门口塌了个坑"})).json()
    assert [one["code"] for one in tried["classes"]] == [COLLAPSE]
    answer = await lead.post(f"/api/rules/versions/{number}/actions/publish", json={"note": "加一个叫法"})
    assert (answer.status_code, answer.json()["phase"]) == (200, "in_force")
    assert context.lab.engine.running == str(number)
    assert (await lead.post("/api/rules/versions/1/actions/rollback", json={})).status_code == 200
    state = (await lead.get("/api/rules")).json()
    assert (state["running"], [v["phase"] for v in state["versions"]]) == (1, ["retired", "in_force"])
    edits = (await lead.get(f"/api/rules/versions/{number}/edits")).json()
    assert [(e["action"], e["user"]) for e in edits] == [
        ("publish", "工号1201"),
        ("add", "工号1201"),
        ("open", "工号1201"),
    ]


async def test_the_effect_of_a_draft_is_every_report_that_flips(
    context: Context, signed_in: SignedIn, lead: httpx.AsyncClient
) -> None:
    seat = await signed_in("1027")
    filed = await seat.post("/api/reports", json={**FORM, "content": "俺家门口塌了个坑，三轮车陷进去"})
    assert filed.status_code == 200, filed.text
    lead = await signed_in("1201")
    number = await a_draft(lead)
    await lead.put(f"/api/rules/versions/{number}/words", json=WORD)
    effect = (await lead.get(f"/api/rules/versions/{number}/effect")).json()
    assert (effect["ready"], effect["reports"], effect["better"]) == (True, 1, 1)
    flip = effect["flips"][0]
    assert (flip["before"], flip["after"], flip["chosen"], flip["words"]) == (
        "",
        COLLAPSE,
        COLLAPSE,
        ["塌了个坑"],
    )
    assert (await terms(lead, number))["塌了个坑"]["hits"] == 1
    assert (await lead.put(f"/api/rules/mislabelled/{flip['report_id']}")).status_code == 204
    assert (await lead.get(f"/api/rules/versions/{number}/effect")).json()["reports"] == 0


async def test_what_was_shown_and_what_the_seat_chose_is_kept_and_counted(
    context: Context, signed_in: SignedIn, lead: httpx.AsyncClient
) -> None:
    number = await a_draft(lead)
    await lead.put(f"/api/rules/versions/{number}/words", json={**WORD, "term": "大坑"})
    await lead.post(f"/api/rules/versions/{number}/actions/shadow", json={})
    seat = await signed_in("1027")
    report = (await seat.post("/api/reports", json=FORM)).json()["report_id"]
    async with context.reading() as uow:
        kept = await uow.rules.suggestion(report)
    assert kept is not None
    assert (kept.version, kept.chosen, kept.first, kept.rank) == ("1", COLLAPSE, "事件|01|13", 2)
    assert (kept.place_rank, kept.shown[1]) == (1, [COLLAPSE, 0.3])
    assert (kept.shadow_version, kept.shadow_first, kept.shadow_rank) == (number, COLLAPSE, 1)
    lead = await signed_in("1201")
    counted = (await lead.get("/api/rules/acceptance")).json()
    assert [(c["code"], c["shown"], c["first"], c["among"]) for c in counted["classes"]] == [
        ("事件|01|13", 1, 0, 1)
    ]
    shadow = (await lead.get("/api/rules")).json()["versions"][0]["shadow"]
    assert shadow == {"reports": 1, "agreed": 0, "accepted": 1, "accepted_in_force": 0}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_table_goes_out_and_comes_in_again_unchanged(lead: httpx.AsyncClient, kind: str) -> None:
    number = await a_draft(lead)
    await lead.put(f"/api/rules/versions/{number}/words", json={**WORD, "term": "=1+1塌"})
    away = {**WORD, "kind": "排除项", "term": "血压塌", "weight": -1.0, "enabled": False}
    await lead.put(f"/api/rules/versions/{number}/words", json=away)
    body = (await lead.get(f"/api/rules/versions/{number}/export", params={"kind": kind})).content
    if kind == "csv":
        cells = [row[3] for row in csv.reader(io.StringIO(body.decode("utf-8-sig")))]
    else:
        cells = [row[3].value for row in load_workbook(io.BytesIO(body)).worksheets[0].iter_rows()]
    assert "'=1+1塌" in cells
    result = (await send(lead, number, body, mode="replace", apply=True)).json()
    assert (result["rows"], result["added"], result["changed"], result["removed"]) == (3, 0, 0, 0)
    assert result["problems"] == []


async def test_a_full_table_comes_in_again_and_nobody_waits_for_it(lead: httpx.AsyncClient) -> None:
    number = await a_draft(lead)
    rows = [[COLLAPSE, "", "同义词", f"词{index}", 1.0, "是", ""] for index in range(MOST_WORDS)]
    body = sheets.write(WORD_HEAD, rows, "xlsx")
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(0.01)
            longest = max(longest, time.perf_counter() - asked)

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    answer = await send(lead, number, body, mode="replace")
    spent = time.perf_counter() - began
    watching.cancel()
    assert (answer.status_code, answer.json()["rows"], answer.json()["problems"]) == (200, MOST_WORDS, [])
    assert longest < spent / 2


async def test_one_word_too_many_is_told(lead: httpx.AsyncClient) -> None:
    rows = [[COLLAPSE, "", "同义词", f"词{index}", 1.0, "是", ""] for index in range(MOST_WORDS + 1)]
    answer = await send(lead, await a_draft(lead), sheets.write(WORD_HEAD, rows, "csv"))
    assert answer.status_code == 422
    assert "20000" in answer.json()["message"]


@pytest.mark.parametrize("term", ["路\n灯", "\x07坑", "坑|", "|", "坑|…大"])
async def test_a_term_that_could_never_be_found_is_refused(lead: httpx.AsyncClient, term: str) -> None:
    number = await a_draft(lead)
    answer = await lead.put(f"/api/rules/versions/{number}/words", json=WORD | {"term": term})
    assert answer.status_code == 422, answer.text


def test_what_xml_cannot_hold_does_not_stop_a_download() -> None:
    rows = sheets.read(sheets.write(["词"], [["\x07=1"]], "xlsx"))
    assert [row[0] for _, row in rows] == ["词", "=1"]


async def test_a_file_with_faults_names_each_row_and_changes_nothing(lead: httpx.AsyncClient) -> None:
    number = await a_draft(lead)
    lines = [
        HEAD,
        f"{COLLAPSE},,地方叫法,塌了个窟窿,2.8,是",
        f"{COLLAPSE},,地方叫法,塌了个窟窿,2.8,是",
        "事件|99|99,,同义词,什么,2,是",
        f"{COLLAPSE},,同义词,陷坑,很重,是",
        f"{COLLAPSE},,排除项,房屋下沉,2,是",
        f"{COLLAPSE},,同义词,陷坑,2,也许",
        ",,,,,",
    ]
    body = "\n".join(lines).encode("gb18030")
    result = (await send(lead, number, body, apply=True)).json()
    assert [problem["row"] for problem in result["problems"]] == [3, 4, 5, 6, 7]
    assert all("请" in p["message"] or "要小于" in p["message"] for p in result["problems"])
    assert result["applied"] is False
    assert set(await terms(lead, number)) == {"路面塌陷"}


async def test_a_file_is_tried_first_and_then_applied(lead: httpx.AsyncClient) -> None:
    number = await a_draft(lead)
    body = f"{HEAD}\n{COLLAPSE},,地方叫法,塌了个窟窿,2.8,是\n{COLLAPSE},,官方名,路面塌陷,2.9,是".encode()
    tried = (await send(lead, number, body)).json()
    assert (tried["added"], tried["changed"], tried["removed"], tried["applied"]) == (1, 1, 0, False)
    assert set(await terms(lead, number)) == {"路面塌陷"}
    assert (await send(lead, number, body, apply=True)).json()["applied"] is True
    words = await terms(lead, number)
    assert (words["路面塌陷"]["was"], words["塌了个窟窿"]["change"]) == (3.0, "add")


def a_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return out.getvalue()


def an_empty_book() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "body",
    [b"", b"PK\x03\x04 not a zip", b"\xff\xfe\x00\x01", "词,权重\n塌,2".encode(), a_bomb(), an_empty_book()],
    ids=["empty", "broken", "binary", "columns missing", "bomb", "empty book"],
)
async def test_what_is_no_table_is_refused_in_a_sentence(lead: httpx.AsyncClient, body: bytes) -> None:
    answer = await send(lead, await a_draft(lead), body)
    assert (answer.status_code, answer.json()["field"]) == (422, "file")


@pytest.mark.parametrize(
    "body",
    [
        "类别,大类编码,大类名称,小类编码,小类名称\n诉求,01,交通出行,01,公交线路\n诉求,01,交通出行,02,打车难",
        "一级分类,二级分类,三级分类\n交通出行,公共交通,公交线路\n交通出行,公共交通,打车难",
    ],
    ids=["with codes", "with levels"],
)
async def test_a_category_tree_comes_in_and_is_put_in_force(
    context: Context, lead: httpx.AsyncClient, body: str
) -> None:
    query = {"standard": "澜江诉求分类 2026"}
    tried = (await lead.post("/api/rules/schemes", content=body.encode(), params=query)).json()
    assert (tried["added"], tried["applied"], tried["problems"]) == (2, False, [])
    await lead.post("/api/rules/schemes", content=body.encode(), params={**query, "apply": True})
    again = await lead.post("/api/rules/schemes", content=body.encode(), params={**query, "apply": True})
    assert (again.status_code, again.json()["field"]) == (422, "standard")
    assert (await lead.put("/api/rules/schemes/in-force", json=query)).status_code == 204
    nodes = (await lead.get("/api/categories")).json()
    assert sorted(node["name"] for node in nodes) == ["公交线路", "打车难"]
    assert sorted(word.term for word in context.lab.engine.in_use) == ["公交线路", "打车难"]
    conditions = (await lead.get(f"/api/categories/{nodes[0]['code']}/conditions")).json()
    assert len(conditions) == 1
    found = {one["standard"]: one["in_force"] for one in (await lead.get("/api/rules/schemes")).json()}
    assert found == {"GB/T 30428.2-2013": False, "澜江诉求分类 2026": True}


async def test_cases_of_another_scheme_keep_their_class_and_its_conditions(
    context: Context, signed_in: SignedIn, lead: httpx.AsyncClient
) -> None:
    seat = await signed_in("1027")
    old = (await seat.post("/api/reports", json=FORM)).json()["case_number"]
    lead = await signed_in("1201")
    tree = "类别,大类编码,大类名称,小类编码,小类名称\n事件,05,别的大类,05,别的小类"
    query = {"standard": "另一套"}
    await lead.post("/api/rules/schemes", content=tree.encode(), params={**query, "apply": True})
    assert (await lead.put("/api/rules/schemes/in-force", json=query)).status_code == 204
    seat = await signed_in("1027")
    form = {**FORM, "client_key": "form-00000002"}
    new = (await seat.post("/api/reports", json=form)).json()["case_number"]
    acceptor = await signed_in("2001")
    cases = {number: (await acceptor.get(f"/api/cases/{number}")).json() for number in (old, new)}
    named = {number: (case["case"]["category_name"], case["standard"]) for number, case in cases.items()}
    assert named == {old: ("路面塌陷", "GB/T 30428.2-2013"), new: ("别的小类", "另一套")}
    for number in (old, new):
        step = {"version": cases[number]["version"]}
        done = await acceptor.post(f"/api/cases/{number}/actions/register_case", json=step)
        assert done.status_code == 200, done.text
    limits = [(await acceptor.get(f"/api/cases/{number}")).json()["limit"] for number in (old, new)]
    assert limits == ["2 紧急工作时", "10 工作日"]


async def test_a_tree_with_faults_names_its_rows(lead: httpx.AsyncClient) -> None:
    body = "类别,大类编码,大类名称,小类编码,小类名称\n诉求,01,交通出行,,公交线路\n诉|求,1,交通,2,打车"
    answer = await lead.post(
        "/api/rules/schemes", content=body.encode(), params={"standard": "x", "apply": True}
    )
    assert [problem["row"] for problem in answer.json()["problems"]] == [2, 3]
    assert answer.json()["applied"] is False
