"""The protocol on a transport without a network, cut at every octet, and with a hostile peer."""

import asyncio

import pytest
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.python.failure import Failure

from messaging.link.protocol import MAX_OPEN_DELIVERIES, LinkLostError, NoAnswerError
from messaging.smpp import wire
from messaging.smpp.protocol import SmppProtocol
from messaging.smpp.wire import Command, Pdu, Status
from tests.messaging.smpp import frames


class Transport(StringTransportWithDisconnection):
    def abortConnection(self):  # noqa: N802  # Twisted's name
        if self.connected:
            self.loseConnection()


class Peer:
    """What the other side sees and says."""

    def __init__(self, serve=None) -> None:
        self.clock = Clock()
        self.served: list[Pdu] = []
        self.link = SmppProtocol(serve or self.serve, self.clock, answer_limit=30)
        self.transport = Transport()
        self.transport.protocol = self.link
        self.link.makeConnection(self.transport)

    async def serve(self, pdu: Pdu) -> Pdu:
        self.served.append(pdu)
        return pdu.answer(Status.OK, wire.NO_MESSAGE_ID)

    def says(self, *pdus: Pdu) -> None:
        self.link.dataReceived(b"".join(pdu.encode() for pdu in pdus))

    @property
    def heard(self) -> list[Pdu]:
        return list(wire.Framer().feed(self.transport.value()))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def asked(peer: Peer, command: Command = Command.ENQUIRE_LINK) -> asyncio.Task[Pdu]:
    task = asyncio.create_task(peer.link.request(command))
    await settle()
    return task


async def test_an_answer_finds_its_request_whatever_the_order():
    peer = Peer()
    first, second = await asked(peer), await asked(peer)
    numbers = [pdu.sequence for pdu in peer.heard]
    peer.says(peer.heard[1].answer(7), peer.heard[0].answer(8))
    assert (await first).status == 8
    assert (await second).status == 7
    assert numbers == [1, 2]


@pytest.mark.parametrize("cut", range(1, len(frames.STREAM)))
async def test_the_recorded_conversation_cut_anywhere_is_served_alike(cut):
    peer = Peer()
    peer.link.dataReceived(frames.STREAM[:cut])
    peer.link.dataReceived(frames.STREAM[cut:])
    await settle()
    served = {pdu.command for pdu in peer.served}
    assert served == {Command.BIND_TRANSCEIVER, Command.SUBMIT_SM, Command.DELIVER_SM}
    assert len(peer.served) == 5
    # the recorded enquiry and unbind are answered by the protocol itself
    assert {Command.ENQUIRE_LINK | wire.RESPONSE, Command.UNBIND | wire.RESPONSE} <= {
        pdu.command for pdu in peer.heard
    }


async def test_one_octet_at_a_time_is_as_good_as_all_at_once():
    peer = Peer()
    for octet in frames.STREAM:
        peer.link.dataReceived(bytes((octet,)))
    await settle()
    assert len(peer.served) == 5


async def test_an_answer_that_never_comes_ends_in_no_answer():
    peer = Peer()
    waiting = await asked(peer)
    peer.clock.advance(31)
    with pytest.raises(NoAnswerError):
        await waiting
    peer.says(Pdu(Command.ENQUIRE_LINK | wire.RESPONSE, 1))  # too late: noted, dropped
    assert not peer.link.lost.done()


async def test_a_link_that_dies_ends_every_open_request():
    peer = Peer()
    waiting = [await asked(peer) for _ in range(10)]
    peer.link.connectionLost(Failure(ConnectionLost()))
    for one in waiting:
        with pytest.raises(LinkLostError, match="ConnectionLost"):
            await one
    with pytest.raises(LinkLostError):
        await peer.link.request(Command.ENQUIRE_LINK)
    assert peer.clock.getDelayedCalls() == []


@pytest.mark.parametrize("length", [0, 11, 2**31])
async def test_an_absurd_length_ends_this_link_and_says_why(length):
    peer = Peer()
    waiting = await asked(peer)
    peer.link.dataReceived(length.to_bytes(4) + b"\0" * 12)
    with pytest.raises(LinkLostError, match=f"PDU length {length}"):
        await waiting
    assert not peer.transport.connected


async def test_an_answer_of_another_kind_is_not_taken():
    peer = Peer()
    waiting = await asked(peer, Command.SUBMIT_SM)
    peer.says(Pdu(Command.ENQUIRE_LINK | wire.RESPONSE, 1), Pdu(Command.SUBMIT_SM | wire.RESPONSE, 99))
    await settle()
    assert not waiting.done()
    peer.says(Pdu(Command.SUBMIT_SM | wire.RESPONSE, 1))
    assert (await waiting).status == 0


async def test_a_generic_nack_is_an_answer():
    peer = Peer()
    waiting = await asked(peer, Command.SUBMIT_SM)
    peer.says(Pdu(Command.GENERIC_NACK, 1, Status.UNKNOWN_COMMAND))
    assert (await waiting).status == Status.UNKNOWN_COMMAND


async def test_a_server_that_fails_asks_for_the_message_again():
    async def serve(pdu):
        raise ConnectionError("database away")

    peer = Peer(serve)
    peer.says(Pdu(Command.DELIVER_SM, 5))
    await settle()
    (answer,) = peer.heard
    assert (answer.command, answer.sequence) == (Command.DELIVER_SM | wire.RESPONSE, 5)
    assert answer.status == Status.TEMPORARY_FAILURE


async def test_a_storm_of_deliveries_is_bounded_and_enquiries_still_pass():
    release = asyncio.Event()

    async def serve(pdu):
        await release.wait()
        return pdu.answer()

    peer = Peer(serve)
    peer.says(*(Pdu(Command.DELIVER_SM, n) for n in range(1, MAX_OPEN_DELIVERIES + 11)))
    peer.says(Pdu(Command.ENQUIRE_LINK, 999))
    await settle()
    full = [pdu for pdu in peer.heard if pdu.status == Status.QUEUE_FULL]
    assert len(full) == 10
    assert peer.heard[-1].command == Command.ENQUIRE_LINK | wire.RESPONSE
    release.set()
    await settle()
    assert len(peer.heard) == MAX_OPEN_DELIVERIES + 11


async def test_a_cancelled_request_leaves_nothing_behind():
    peer = Peer()
    waiting = await asked(peer)
    waiting.cancel()
    await settle()
    assert peer.link._asked == {}
    assert peer.clock.getDelayedCalls() == []


async def test_an_unbind_of_the_peer_is_answered_before_hanging_up():
    peer = Peer()
    peer.says(Pdu(Command.UNBIND, 3))
    assert peer.heard == [Pdu(Command.UNBIND | wire.RESPONSE, 3)]
    assert peer.link.lost.done()


async def test_sequence_numbers_begin_again_after_the_last():
    peer = Peer()
    peer.link._sequence = wire.LAST_SEQUENCE
    waiting = await asked(peer)
    assert peer.heard[0].sequence == 1
    peer.says(peer.heard[0].answer())
    await waiting
