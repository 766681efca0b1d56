"""What only CMPP does on a connection: repeats under one number, silence instead of a refusal."""

import asyncio

import pytest
from twisted.internet.task import Clock

from messaging.cmpp.protocol import CmppProtocol
from messaging.cmpp.wire import RESPONSE, Command, Pdu, Version
from messaging.link.protocol import NoAnswerError
from tests.messaging.dialects import CMPP
from tests.messaging.link.peer import Peer, Transport, settle


async def asked(peer: Peer, command: Command, tries: int) -> asyncio.Task[Pdu]:
    task = asyncio.create_task(peer.link.request(command, b"", tries))
    await settle()
    return task


async def test_messages_are_served_in_the_version_of_the_login():
    versions = []

    async def serve(pdu, version):
        versions.append(version)

    link = CmppProtocol(serve, Clock(), 60)
    link.makeConnection(Transport())
    link.version = Version.V30
    link.dataReceived(Pdu(Command.DELIVER, 1).encode())
    await settle()
    assert versions == [Version.V30]


async def test_a_request_is_repeated_under_its_number_and_then_given_up():
    peer = Peer(CMPP)
    waiting = await asked(peer, Command.ACTIVE_TEST, tries=3)
    for sends in (1, 2, 3):
        assert [pdu.sequence for pdu in peer.heard] == [1] * sends
        peer.clock.advance(59)
        await settle()
        assert len(peer.heard) == sends
        peer.clock.advance(1)
        await settle()
    with pytest.raises(NoAnswerError, match="ACTIVE_TEST"):
        await waiting
    assert peer.clock.getDelayedCalls() == []


async def test_the_answer_to_a_repeat_counts():
    peer = Peer(CMPP)
    waiting = await asked(peer, Command.SUBMIT, tries=3)
    peer.clock.advance(60)
    await settle()
    peer.says(peer.heard[1].answer(b"late"))
    assert (await waiting).body == b"late"


async def test_the_link_test_is_answered_with_its_reserved_octet():
    peer = Peer(CMPP)
    peer.says(Pdu(Command.ACTIVE_TEST, 6))
    assert peer.heard == [Pdu(Command.ACTIVE_TEST | RESPONSE, 6, b"\0")]


async def test_what_could_not_be_stored_is_not_acknowledged():
    async def serve(pdu):
        raise ConnectionError("database away")

    peer = Peer(CMPP, serve)
    peer.says(Pdu(Command.DELIVER, 5), Pdu(Command.ACTIVE_TEST, 6))
    await settle()
    assert [pdu.sequence for pdu in peer.heard] == [6]


async def test_commands_that_nobody_knows_are_passed_over():
    peer = Peer(CMPP)
    peer.says(Pdu(9, 1), Pdu(Command.SUBMIT, 2), Pdu(Command.CONNECT, 3), Pdu(0x7FFFFFFF, 4))
    await settle()
    assert (peer.heard, peer.served) == ([], [])
    assert not peer.link.lost.done()
