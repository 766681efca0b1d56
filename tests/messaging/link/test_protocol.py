"""One connection without a network, in both dialects: cut at every octet, out of order, dying, stormed."""

import asyncio

import pytest
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure

from messaging.link.protocol import MAX_OPEN_DELIVERIES, LinkLostError, NoAnswerError
from tests.messaging.dialects import BOTH, RESPONSE
from tests.messaging.link.peer import Peer, asked, settle


@pytest.fixture(params=BOTH, ids=str)
async def dialect(request):
    return request.param


@pytest.fixture
async def peer(dialect):
    return Peer(dialect)


async def test_an_answer_finds_its_request_whatever_the_order(peer):
    first, second = await asked(peer), await asked(peer)
    assert [pdu.sequence for pdu in peer.heard] == [1, 2]
    answer = peer.dialect.answer
    peer.says(answer(peer.heard[1], b"2"), answer(peer.heard[0], b"1"))
    assert ((await first).body, (await second).body) == (b"1", b"2")


async def test_the_recorded_conversation_cut_anywhere_is_served_alike(dialect):
    for cut in range(1, len(dialect.recorded)):
        peer = Peer(dialect)
        peer.link.dataReceived(dialect.recorded[:cut])
        peer.link.dataReceived(dialect.recorded[cut:])
        await settle()
        assert len(peer.served) == dialect.served
        # the recorded link test is answered by the protocol itself
        assert dialect.test | RESPONSE in {pdu.command for pdu in peer.heard}


async def test_one_octet_at_a_time_is_as_good_as_all_at_once(peer, dialect):
    for octet in dialect.recorded:
        peer.link.dataReceived(bytes((octet,)))
    await settle()
    assert len(peer.served) == dialect.served


async def test_two_pdus_in_one_segment_are_two(peer, dialect):
    peer.link.dataReceived(dialect.text(b"1", 1).encode() + dialect.text(b"2", 2).encode())
    await settle()
    assert [pdu.sequence for pdu in peer.served] == [1, 2]


async def test_an_answer_that_never_comes_ends_in_no_answer_and_nothing_is_sent_twice(peer, dialect):
    waiting = await asked(peer)
    peer.clock.advance(61)
    with pytest.raises(NoAnswerError):
        await waiting
    assert len(peer.heard) == 1
    peer.says(dialect.pdu(dialect.submit | RESPONSE, 1))  # too late: noted, dropped
    assert not peer.link.lost.done()


async def test_a_link_that_dies_ends_all_sixteen_open_requests(peer):
    waiting = [await asked(peer) for _ in range(16)]
    peer.link.connectionLost(Failure(ConnectionLost()))
    for one in waiting:
        with pytest.raises(LinkLostError, match="ConnectionLost"):
            await one
    with pytest.raises(LinkLostError):
        await (await asked(peer))
    assert peer.clock.getDelayedCalls() == []


@pytest.mark.parametrize("length", [0, 11, 2**31])
async def test_an_absurd_length_ends_this_link_and_says_why(peer, length):
    waiting = await asked(peer)
    peer.link.dataReceived(length.to_bytes(4) + b"\0" * 12)
    with pytest.raises(LinkLostError, match=f"PDU length {length}"):
        await waiting
    assert not peer.transport.connected


async def test_an_answer_of_another_kind_or_number_is_not_taken(peer, dialect):
    waiting = await asked(peer)
    peer.says(dialect.pdu(dialect.test | RESPONSE, 1), dialect.pdu(dialect.submit | RESPONSE, 99))
    await settle()
    assert not waiting.done()
    peer.says(dialect.pdu(dialect.submit | RESPONSE, 1))
    await waiting


async def test_a_storm_of_messages_is_bounded_and_link_tests_still_pass(dialect):
    release = asyncio.Event()

    async def serve(pdu):
        await release.wait()
        return dialect.answer(pdu, b"stored")

    peer = Peer(dialect, serve)
    peer.says(*(dialect.text(b"1", n) for n in range(1, MAX_OPEN_DELIVERIES + 51)))
    peer.says(dialect.pdu(dialect.test, 999))
    await settle()
    assert peer.heard[-1].sequence == 999
    release.set()
    await settle()
    assert len([pdu for pdu in peer.heard if pdu.body == b"stored"]) == MAX_OPEN_DELIVERIES


async def test_a_cancelled_request_leaves_nothing_behind(peer):
    waiting = await asked(peer)
    waiting.cancel()
    await settle()
    assert peer.link._asked == {}
    assert peer.clock.getDelayedCalls() == []


async def test_a_goodbye_is_answered_before_hanging_up(peer, dialect):
    peer.says(dialect.pdu(dialect.goodbye, 3))
    (answer,) = peer.heard
    assert (answer.command, answer.sequence) == (dialect.goodbye | RESPONSE, 3)
    assert peer.link.lost.done()


async def test_sequence_numbers_begin_again_after_the_last(dialect):
    peer = Peer(dialect, sequence=dialect.last_sequence)
    waiting = await asked(peer)
    assert peer.heard[0].sequence == 1
    peer.says(dialect.answer(peer.heard[0], b""))
    await waiting


async def test_what_the_peer_does_not_read_stops_our_reading(peer):
    assert (peer.transport.producer, peer.transport.streaming) == (peer.link, True)
    peer.link.pauseProducing()
    assert peer.transport.producerState == "paused"
    peer.link.resumeProducing()
    assert peer.transport.producerState == "producing"
