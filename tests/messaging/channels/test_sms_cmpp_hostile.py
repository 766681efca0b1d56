"""What only a gateway can do to the CMPP channel; the rest is in `test_carriers_hostile`."""

import asyncio

import pytest

from callcenter.domain.messages import Outcome
from messaging.cmpp.wire import Command, Pdu
from tests.messaging.channels.hostile import hostile
from tests.messaging.dialects import CMPP, RESPONSE
from tests.messaging.fake_outbox import outbound
from tests.messaging.waiting import eventually

ANSWER = Command.DELIVER | RESPONSE


async def test_a_pdu_that_drips_one_octet_at_a_time_does_not_pass_for_life(open_cmpp):
    async def drip(peer):
        for octet in CMPP.text(b"1", 1).encode():
            peer.says(bytes((octet,)))
            await asyncio.sleep(0.02)

    async with hostile(CMPP, drip) as peer:
        desk = await open_cmpp(peer.port, ready=False, idle_s=0.1, answer_limit_s=0.1)
        await eventually(lambda: "ACTIVE_TEST" in desk.channel.trouble)


@pytest.mark.parametrize("welcome", [b"", b"\0", bytes(19), bytes(100)])
async def test_a_login_answer_that_cannot_be_read_is_no_login(open_cmpp, welcome):
    async with hostile(CMPP, welcome=lambda pdu: pdu.answer(welcome)) as peer:
        desk = await open_cmpp(peer.port, ready=False)
        await eventually(lambda: f"login answer of {len(welcome)} octets" in desk.channel.trouble)


async def test_a_peer_that_says_its_version_is_too_high_for_ever_is_called_ever_less_often(open_cmpp):
    async with hostile(CMPP, welcome=lambda pdu: pdu.answer(b"\x04" + bytes(17))) as peer:
        desk = await open_cmpp(peer.port, ready=False, version="3.0")
        await eventually(lambda: "version too high" in desk.channel.trouble)
        assert peer.links == 2  # once in 3.0, once in 2.0, and now a person must act


async def test_a_malformed_message_is_refused_for_good_and_the_link_lives(open_cmpp):
    async def malformed(peer):
        peer.says(Pdu(Command.DELIVER, 1, b"\xff" * 100), Pdu(Command.DELIVER, 2), CMPP.text(b"2", 3))

    async with hostile(CMPP, malformed) as peer:
        desk = await open_cmpp(peer.port)
        await eventually(lambda: len(peer.heard(ANSWER)) == 3)
        assert [pdu.body for pdu in sorted(peer.heard(ANSWER), key=lambda pdu: pdu.sequence)] == [
            b"\xff" * 8 + b"\1",
            bytes(8) + b"\1",
            (3).to_bytes(8) + b"\0",
        ]
        assert desk.inbox.texts == ["2"]


async def test_a_header_that_is_none_is_read_as_text(open_cmpp):
    async def headless(peer):
        peer.says(CMPP.text(b"\xff\0\3ab", 1, TP_udhi=1, Msg_Fmt=4), CMPP.text(b"", 2, TP_udhi=1))

    async with hostile(CMPP, headless) as peer:
        desk = await open_cmpp(peer.port)
        await eventually(lambda: len(desk.inbox.texts) == 2)


@pytest.mark.parametrize("body", [b"", bytes(8), bytes(10), bytes(40)])
async def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(open_cmpp, body):
    async with hostile(CMPP) as peer:
        desk = await open_cmpp(peer.port)
        send = asyncio.create_task(desk.send(outbound()))
        (submit,) = await eventually(lambda: peer.heard(Command.SUBMIT))
        peer.says(submit.answer(body))
        assert (await send).outcome is Outcome.UNKNOWN


async def test_a_gateway_that_takes_the_login_and_names_2_0_is_spoken_to_in_2_0(open_cmpp):
    async def text(peer):
        peer.says(CMPP.text("查".encode("utf-16-be"), 1, Msg_Fmt=8))

    async with hostile(CMPP, text) as peer:
        desk = await open_cmpp(peer.port, version="3.0")
        await eventually(lambda: desk.inbox.texts)
        assert desk.inbox.texts == ["查"]
