"""What must not come in is refused at the door, with a sentence and the field, never with a broken server."""

import json

import httpx
import pytest

from agent_console.inputs import complaint, storable

FORM = {
    "decision": "answer",
    "appeal": "consult",
    "content": "咨询办理事项，需要哪些材料",
    "answer": "已经答复",
    "client_key": "form-0001",
}
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("given", "field", "word"),
    [
        ({"content": "长" * 34_000}, "content", "最多 20000 个字"),
        ({"content": "路面塌陷\0" * 3}, "content", "诉求内容"),
        ({"place": {"label": "文昌路\0"}}, "place", "事发地点"),
        ({"place": {"radius_m": 1e300}}, "place.radius_m", "填写不对"),
        ({"call_id": "x" * 100}, "call_id", "太长"),
        ({"condition_no": 10**30}, "condition_no", "立案条件"),
        ({"occurred_at": "2026-11-20T10:00:00"}, "occurred_at", "发生时间"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "发生时间"),
        ({"appeal": "nonsense"}, "appeal", "诉求类型"),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_stored(signed_in, given, field, word) -> None:
    client = await signed_in("1027")
    answer = await client.post("/api/reports", json={**FORM, **given})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert word in answer.json()["message"]
    assert (await client.get("/api/cases")).json()["total"] == 0


@pytest.mark.parametrize(
    "body", [b"", b"[1]", b"{broken", b'{"a": "\xff"}', b"<a/>", b"[" * 50_000, b'{"a":' * 5_000]
)
async def test_an_unreadable_body_is_refused_in_chinese(signed_in, body: bytes) -> None:
    client = await signed_in("1027")
    answer = await client.post("/api/reports", content=body, headers=JSON)
    assert answer.status_code in {400, 422}
    assert "读不懂" in answer.json()["message"]


async def test_half_a_character_does_not_get_into_a_draft(signed_in) -> None:
    client = await signed_in("1027")
    body = b'{"key": "k", "body": {"deep": [{"text": "\\ud800"}]}}'
    answer = await client.put("/api/drafts/k", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["field"]) == (422, "body")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/cases?q=%00", 400),
        ("/api/cases/%00", 400),
        ("/%00", 400),
        ("/api/figures?since=0001-01-01T00:00:00%2B14:00", 422),
        ("/api/figures?since=2026-01-01T00:00:00", 422),
        ("/api/calls?page=99999999999999999999", 422),
        ("/api/nothing", 404),
        ("/api/cases/" + "a" * 5_000, 404),
        ("/api/cases/13800005526", 404),
    ],
)
async def test_a_bad_address_is_told_so_and_not_repeated(signed_in, address: str, status: int) -> None:
    answer = await (await signed_in("1201")).get(address)
    assert answer.status_code == status
    assert answer.json()["message"].endswith("。")
    assert "13800005526" not in answer.text


async def test_a_body_without_a_length_is_not_read(signed_in) -> None:
    async def endless():
        while True:
            yield b"x" * 65_536

    client = await signed_in("1027")
    assert (await client.post("/api/reports", content=endless())).status_code == 411


@pytest.mark.parametrize("token", [b"", b"wrong", b"\xff\xfe"])
async def test_without_the_right_token_nothing_changes(signed_in, token: bytes) -> None:
    client: httpx.AsyncClient = await signed_in("1027")
    answer = await client.post("/api/seat/sign-in", headers={"X-CSRF-Token": token})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert (await client.get("/api/seat")).json()["state"] == "off"


@pytest.mark.parametrize("path", ["", "a/../../pyproject.toml", "..%2f..%2fpyproject.toml", "a" * 5_000])
async def test_no_file_but_the_console_s_own_is_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/{path}")
    assert answer.status_code in {200, 503}  # the index, or the remedy where it is not built
    assert "hotline-12345" not in answer.text


def test_what_can_be_stored() -> None:
    assert storable("路面塌陷\n\t𠮷")
    assert not storable(json.loads('"\\ud800"'))


def test_a_missing_field_is_asked_for() -> None:
    assert complaint({"loc": ("body", "answer"), "type": "missing"}) == ("answer", "请填写“答复”后再提交。")
