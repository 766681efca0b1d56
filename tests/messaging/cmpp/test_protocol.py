"""The protocol on a transport without a network, cut at every octet, and with a hostile peer."""

import asyncio

import pytest
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.python.failure import Failure

from messaging.cmpp import wire
from messaging.cmpp.protocol import CmppProtocol
from messaging.cmpp.wire import RESPONSE, Command, Pdu, Version
from messaging.link.protocol import MAX_OPEN_DELIVERIES, LinkLostError, NoAnswerError
from tests.messaging.cmpp import frames

STREAM = b"".join(bytes.fromhex(frame) for frame in frames.FROM_GATEWAY[3])


class Transport(StringTransportWithDisconnection):
    def abortConnection(self):  # noqa: N802  # Twisted's name
        if self.connected:
            self.loseConnection()


class Peer:
    """What the other side sees and says."""

    def __init__(self, serve=None, sequence: int = 0) -> None:
        self.clock = Clock()
        self.served: list[tuple[Pdu, Version]] = []
        self.link = CmppProtocol(serve or self.serve, self.clock, 60, sequence)
        self.transport = Transport()
        self.transport.protocol = self.link
        self.link.makeConnection(self.transport)

    async def serve(self, pdu: Pdu, version: Version) -> Pdu:
        self.served.append((pdu, version))
        return pdu.answer(b"done")

    def says(self, *pdus: Pdu) -> None:
        self.link.dataReceived(b"".join(pdu.encode() for pdu in pdus))

    @property
    def heard(self) -> list[Pdu]:
        return list(wire.Framer().feed(self.transport.value()))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def asked(peer: Peer, command: Command = Command.SUBMIT, tries: int = 1) -> asyncio.Task[Pdu]:
    task = asyncio.create_task(peer.link.request(command, b"", tries))
    await settle()
    return task


async def test_an_answer_finds_its_request_whatever_the_order():
    peer = Peer()
    first, second = await asked(peer), await asked(peer)
    peer.says(peer.heard[1].answer(b"2"), peer.heard[0].answer(b"1"))
    assert ((await first).body, (await second).body) == (b"1", b"2")
    assert [pdu.sequence for pdu in peer.heard] == [1, 2]


@pytest.mark.parametrize("cut", range(1, len(STREAM), 3))
async def test_the_recorded_conversation_cut_anywhere_is_served_alike(cut):
    peer = Peer()
    peer.link.dataReceived(STREAM[:cut])
    peer.link.dataReceived(STREAM[cut:])
    await settle()
    assert [pdu.command for pdu, _ in peer.served] == [Command.DELIVER] * 3
    # the recorded link test is answered by the protocol itself
    assert Pdu(Command.ACTIVE_TEST | RESPONSE, 6, b"\0") in peer.heard


async def test_one_octet_at_a_time_is_as_good_as_all_at_once():
    peer = Peer()
    for octet in STREAM:
        peer.link.dataReceived(bytes((octet,)))
    await settle()
    assert len(peer.served) == 3


async def test_messages_are_served_in_the_version_of_the_login():
    peer = Peer()
    peer.link.version = Version.V30
    peer.says(Pdu(Command.DELIVER, 1))
    await settle()
    assert peer.served[0][1] is Version.V30


async def test_a_request_is_repeated_under_its_number_and_then_given_up():
    peer = Peer()
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
    peer = Peer()
    waiting = await asked(peer, tries=3)
    peer.clock.advance(60)
    await settle()
    peer.says(peer.heard[1].answer(b"late"))
    assert (await waiting).body == b"late"


async def test_by_default_nothing_is_sent_twice():
    peer = Peer()
    waiting = await asked(peer)
    peer.clock.advance(60)
    with pytest.raises(NoAnswerError):
        await waiting
    assert len(peer.heard) == 1
    peer.says(Pdu(Command.SUBMIT | RESPONSE, 1))  # too late: noted, dropped
    assert not peer.link.lost.done()


async def test_a_link_that_dies_ends_all_sixteen_open_requests():
    peer = Peer()
    waiting = [await asked(peer) for _ in range(16)]
    peer.link.connectionLost(Failure(ConnectionLost()))
    for one in waiting:
        with pytest.raises(LinkLostError, match="ConnectionLost"):
            await one
    with pytest.raises(LinkLostError):
        await peer.link.request(Command.ACTIVE_TEST)
    assert peer.clock.getDelayedCalls() == []


@pytest.mark.parametrize("length", [0, 11, 2**31])
async def test_an_absurd_length_ends_this_link_and_says_why(length):
    peer = Peer()
    waiting = await asked(peer)
    peer.link.dataReceived(length.to_bytes(4) + b"\0" * 12)
    with pytest.raises(LinkLostError, match=f"PDU length {length}"):
        await waiting
    assert not peer.transport.connected


async def test_an_answer_of_another_kind_or_number_is_not_taken():
    peer = Peer()
    waiting = await asked(peer)
    peer.says(Pdu(Command.ACTIVE_TEST | RESPONSE, 1), Pdu(Command.SUBMIT | RESPONSE, 99))
    await settle()
    assert not waiting.done()
    peer.says(Pdu(Command.SUBMIT | RESPONSE, 1))
    await waiting


async def test_what_could_not_be_stored_is_not_acknowledged():
    async def serve(pdu, version):
        raise ConnectionError("database away")

    peer = Peer(serve)
    peer.says(Pdu(Command.DELIVER, 5), Pdu(Command.ACTIVE_TEST, 6))
    await settle()
    assert [pdu.sequence for pdu in peer.heard] == [6]


async def test_a_storm_of_messages_is_bounded_and_link_tests_still_pass():
    release = asyncio.Event()

    async def serve(pdu, version):
        await release.wait()
        return pdu.answer()

    peer = Peer(serve)
    peer.says(
        *(Pdu(Command.DELIVER, n) for n in range(MAX_OPEN_DELIVERIES + 50)), Pdu(Command.ACTIVE_TEST, 999)
    )
    await settle()
    assert [pdu.sequence for pdu in peer.heard] == [999]
    release.set()
    await settle()
    assert len(peer.heard) == MAX_OPEN_DELIVERIES + 1


async def test_commands_that_nobody_knows_are_passed_over():
    peer = Peer()
    peer.says(Pdu(9, 1), Pdu(Command.SUBMIT, 2), Pdu(Command.CONNECT, 3), Pdu(0x7FFFFFFF, 4))
    await settle()
    assert (peer.heard, peer.served) == ([], [])
    assert not peer.link.lost.done()


async def test_a_goodbye_is_answered_before_hanging_up():
    peer = Peer()
    peer.says(Pdu(Command.TERMINATE, 3))
    assert peer.heard == [Pdu(Command.TERMINATE | RESPONSE, 3)]
    assert peer.link.lost.done()


async def test_sequence_numbers_begin_again_after_the_last():
    peer = Peer(sequence=wire.LAST_SEQUENCE)
    waiting = await asked(peer)
    assert peer.heard[0].sequence == 1
    peer.says(peer.heard[0].answer())
    await waiting


async def test_a_cancelled_request_leaves_nothing_behind():
    peer = Peer()
    waiting = await asked(peer, tries=3)
    waiting.cancel()
    await settle()
    assert peer.link._asked == {}
    assert peer.clock.getDelayedCalls() == []


async def test_what_the_peer_does_not_read_stops_our_reading():
    peer = Peer()
    assert (peer.transport.producer, peer.transport.streaming) == (peer.link, True)
    peer.link.pauseProducing()
    assert peer.transport.producerState == "paused"
    peer.link.resumeProducing()
    assert peer.transport.producerState == "producing"
