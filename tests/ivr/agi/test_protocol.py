"""One connection per call: commands and replies, hang-ups, time-outs, peers that are not Asterisk."""

import asyncio

import pytest
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from callcenter.domain.errors import TelephonyError
from ivr.agi import protocol
from ivr.agi.protocol import AgiFactory, AgiListener, AgiProtocol
from ivr.agi.session import Gone, Hangup
from ivr.agi.wire import Reply
from tests.ivr.agi.test_wire import INTRODUCTION

GONE = Failure(ConnectionDone())


class Transport(StringTransport):
    aborted = False

    def writeSomeData(self, data):  # noqa: N802 - Twisted's name
        self.write(data)
        return len(data)

    def abortConnection(self):  # noqa: N802 - Twisted's name
        self.aborted = True


async def connected(serve):
    made = AgiProtocol(serve, asyncio.get_running_loop())
    transport = Transport()
    made.makeConnection(transport)
    return made, transport


async def asked(command=b"ANSWER\n", within=5.0):
    """A protocol whose call asks one thing; gives the protocol, its transport and the asking task."""
    tasks = []

    async def serve(connection, environment):
        tasks.append(asyncio.ensure_future(connection.ask(command, within)))

    made, transport = await connected(serve)
    made.dataReceived(INTRODUCTION)
    while not tasks or not transport.value():
        await asyncio.sleep(0)
    return made, transport, tasks[0]


async def test_a_command_goes_out_and_its_reply_comes_back():
    made, transport, task = await asked()
    assert transport.value() == b"ANSWER\n"
    made.dataReceived(b"200 result=0\n")
    assert await task == Reply(200, "0")


async def test_a_hang_up_line_ends_the_command_and_every_later_one():
    made, _, task = await asked()
    made.dataReceived(b"HANGUP\n200 result=-1\n")
    with pytest.raises(Hangup):
        await task
    with pytest.raises(Hangup):
        await made.ask(b"ANSWER\n", 1)


async def test_a_lost_connection_ends_the_command():
    made, _, task = await asked()
    made.connectionLost(GONE)
    with pytest.raises(Gone):
        await task


async def test_a_silent_asterisk_costs_no_more_than_the_time_given():
    _, _, task = await asked(within=0.01)
    with pytest.raises(TimeoutError):
        await task


@pytest.mark.parametrize("noise", [b"nonsense\n", b"x" * 9000, b"200 result=1\n200 result=1\n"])
async def test_a_peer_that_does_not_keep_to_the_protocol_is_dropped(noise):
    made, transport, task = await asked()
    made.dataReceived(noise)
    assert transport.aborted
    await asyncio.wait([task])
    with pytest.raises(Hangup):
        await made.ask(b"ANSWER\n", 1)
    made.connectionLost(GONE)


async def test_a_peer_that_says_nothing_is_dropped(monkeypatch):
    monkeypatch.setattr(protocol, "INTRODUCTION_S", 0.01)
    _, transport = await connected(None)
    await asyncio.sleep(0.05)
    assert transport.aborted


async def test_more_calls_than_can_be_served_are_left_to_the_dialplan(monkeypatch):
    monkeypatch.setattr(protocol, "MAX_CALLS", 0)
    assert AgiFactory(None, asyncio.get_running_loop()).buildProtocol(None) is None


async def test_a_taken_port_is_one_sentence_with_the_remedy():
    first, second = AgiListener("127.0.0.1", 41300, None), AgiListener("127.0.0.1", 41300, None)
    first.start()
    try:
        with pytest.raises(TelephonyError, match="41300 已被占用"):
            second.start()
    finally:
        await first.stop()
    assert not first.listening
