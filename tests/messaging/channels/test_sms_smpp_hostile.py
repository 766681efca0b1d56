"""What only an SMSC can do to the SMPP channel; the rest is in `test_carriers_hostile`."""

import asyncio

import pytest

from callcenter.domain.messages import Outcome
from messaging.smpp.wire import Command, Pdu, Status
from tests.messaging.channels.hostile import hostile
from tests.messaging.dialects import RESPONSE, SMPP
from tests.messaging.fake_outbox import outbound
from tests.messaging.waiting import eventually

ANSWER = Command.DELIVER_SM | RESPONSE


async def test_a_malformed_message_is_refused_for_good_and_the_link_lives(open_desk):
    async def malformed(peer):
        peer.says(Pdu(Command.DELIVER_SM, 1, 0, b"\xff" * 40), SMPP.text(b"2", 2))

    async with hostile(SMPP, malformed) as peer:
        desk = await open_desk(peer.port)
        await eventually(lambda: len(peer.heard(ANSWER)) == 2)
        assert [pdu.status for pdu in peer.heard(ANSWER)] == [Status.INVALID_LENGTH, Status.OK]
        assert desk.inbox.texts == ["2"]


async def test_a_receipt_for_an_unknown_id_is_passed_on(open_desk):
    async def stray(peer):
        peer.says(SMPP.report(b"id:00C0FFEE stat:DELIVRD err:000", 1))

    async with hostile(SMPP, stray) as peer:
        desk = await open_desk(peer.port)
        (receipt,) = await eventually(lambda: desk.inbox.receipts)
        assert receipt.provider_ref == "c0ffee"


async def test_a_command_nobody_knows_is_nacked(open_desk):
    async def invent(peer):
        peer.says(Pdu(0x0103, 5), Pdu(Command.SUBMIT_SM, 6))

    async with hostile(SMPP, invent) as peer:
        await open_desk(peer.port)
        await eventually(lambda: len(peer.heard(Command.GENERIC_NACK)) == 2)
        assert {pdu.status for pdu in peer.heard(Command.GENERIC_NACK)} == {Status.UNKNOWN_COMMAND}


async def test_a_nacked_submit_is_rejected(open_desk):
    async with hostile(SMPP) as peer:
        desk = await open_desk(peer.port)
        send = asyncio.create_task(desk.send(outbound()))
        (submit,) = await eventually(lambda: peer.heard(Command.SUBMIT_SM))
        peer.says(Pdu(Command.GENERIC_NACK, submit.sequence, Status.INVALID_LENGTH))
        assert (await send).outcome is Outcome.REJECTED


@pytest.mark.parametrize("body", [b"", b"no end"])
async def test_an_acceptance_without_a_readable_id_is_still_an_acceptance(open_desk, body):
    async with hostile(SMPP) as peer:
        desk = await open_desk(peer.port)
        send = asyncio.create_task(desk.send(outbound()))
        (submit,) = await eventually(lambda: peer.heard(Command.SUBMIT_SM))
        peer.says(submit.answer(Status.OK, body))
        result = await send
        assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "")
