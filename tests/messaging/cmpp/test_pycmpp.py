"""Our frames, and the gateway that our channel is tested with, before a foreign implementation: pycmpp, in a
process of its own (it is GPL-3).
"""

import asyncio
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from messaging.cmpp.wire import Command, Pdu, Submit, Tariff, Version
from messaging.sms import text
from tests.peers.cmpp.gateway import running_gateway

ROOT = Path(__file__).parents[3]
LONG = "尊敬的市民您好，您反映的问题已办结。" * 8

pytestmark = pytest.mark.skipif(find_spec("pycmpp") is None, reason="pycmpp is not installed: `uv sync`")


async def pycmpp(*arguments: str) -> list[dict]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.peers.cmpp.pycmpp_peer", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


async def test_pycmpp_reads_what_we_submit():
    segments = text.segments(LONG, 77)
    submits = [
        Submit(
            "900001",
            "106900123450007",
            "13800000001",
            segment.payload,
            segment.coding,
            has_header=True,
            total=len(segments),
            number=number,
            tariff=Tariff("HOTLINE", "02", "000010"),
        )
        for number, segment in enumerate(segments, start=1)
    ]
    frames = [
        Pdu(Command.SUBMIT, 2**32 - number, submit.encode(Version.V20)).encode().hex()
        for number, submit in enumerate(submits, start=1)
    ]
    found = await pycmpp("read", *frames)
    assert "".join(one["msg_content"] for one in found) == LONG
    assert [(one["pk_total"], one["pk_number"]) for one in found] == [("3", "1"), ("3", "2"), ("3", "3")]
    first = found[0]
    assert (first["seq_id"], first["length"]) == (str(2**32 - 1), str(12 + 147 + 140))
    assert (first["src_id"], first["dest_terminal_id"]) == ("106900123450007", "13800000001")
    assert (first["msg_src"], first["service_id"]) == ("900001", "HOTLINE")
    assert (first["fee_type"], first["fee_code"], first["fee_usertype"]) == ("02", "000010", "2")
    assert (first["msg_fmt"], first["tp_udhi"], first["register_delivery"]) == ("8", "1", "1")
    assert (first["valid_time"], first["at_time"], first["reserve"]) == ("", "", "")


async def test_the_gateway_of_the_tests_is_one_for_pycmpp_too():
    async with running_gateway(reports="off") as gateway:
        answers = await pycmpp("send", str(gateway.port), "您的工单已受理")
        assert answers == [
            {"answer": "connect", "status": 0},
            {"answer": "active_test"},
            {"answer": "submit", "status": 0},
        ]
        assert gateway.texts("13800000001") == ["您的工单已受理"]


async def test_a_wrong_secret_is_refused_in_a_way_that_pycmpp_reads():
    async with running_gateway(secret="another") as gateway:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.peers.cmpp.pycmpp_peer", "send", str(gateway.port), "x"),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 15)
        process.kill()
        await process.wait()
        assert json.loads(line) == {"answer": "connect", "status": 3}
