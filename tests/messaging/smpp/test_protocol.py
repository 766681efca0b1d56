"""What only SMPP does on a connection: it can say no, and "later"."""

import asyncio

from messaging.link.protocol import MAX_OPEN_DELIVERIES
from messaging.smpp import wire
from messaging.smpp.wire import Command, Pdu, Status
from tests.messaging.dialects import SMPP
from tests.messaging.link.peer import Peer, asked, settle


async def test_a_generic_nack_is_an_answer():
    peer = Peer(SMPP)
    waiting = await asked(peer)
    peer.says(Pdu(Command.GENERIC_NACK, 1, Status.UNKNOWN_COMMAND))
    assert (await waiting).status == Status.UNKNOWN_COMMAND


async def test_a_server_that_fails_asks_for_the_message_again():
    async def serve(pdu):
        raise ConnectionError("database away")

    peer = Peer(SMPP, serve)
    peer.says(Pdu(Command.DELIVER_SM, 5))
    await settle()
    (answer,) = peer.heard
    assert (answer.command, answer.sequence) == (Command.DELIVER_SM | wire.RESPONSE, 5)
    assert answer.status == Status.TEMPORARY_FAILURE


async def test_deliveries_beyond_the_limit_are_the_smscs_to_keep():
    release = asyncio.Event()

    async def serve(pdu):
        await release.wait()
        return pdu.answer()

    peer = Peer(SMPP, serve)
    peer.says(*(Pdu(Command.DELIVER_SM, n) for n in range(1, MAX_OPEN_DELIVERIES + 11)))
    await settle()
    assert [pdu.status for pdu in peer.heard] == [Status.QUEUE_FULL] * 10
    release.set()
    await settle()
