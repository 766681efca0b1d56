"""The CMPP channel against peers that no standard allows: each costs one connection and one log line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from callcenter.domain.messages import Fault, Outcome
from messaging.cmpp import wire
from messaging.cmpp.wire import RESPONSE, Command, Pdu
from messaging.link.session import PAUSES
from tests.messaging.fake_outbox import outbound
from tests.messaging.waiting import eventually
from tests.peers.cmpp import tables

ANSWER = Command.DELIVER | RESPONSE
WELCOME = bytes(17) + b"\x20"


@dataclass
class Hostile:
    """A listening peer. `misbehave` gets each connection after the login was accepted."""

    misbehave: Callable[["Hostile"], Awaitable[None]]
    welcome: bytes = WELCOME
    received: list[Pdu] = field(default_factory=list)
    links: int = 0
    port: int = 0
    writer: asyncio.StreamWriter | None = None

    def says(self, *pdus: Pdu | bytes) -> None:
        assert self.writer is not None
        for one in pdus:
            self.writer.write(one if isinstance(one, bytes) else one.encode())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.links += 1
        self.writer = writer
        framer = wire.Framer()
        try:
            while data := await reader.read(4096):
                for pdu in framer.feed(data):
                    self.received.append(pdu)
                    if pdu.command == Command.CONNECT:
                        self.says(pdu.answer(self.welcome))
                        await self.misbehave(self)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def heard(self, command: int) -> list[Pdu]:
        return [pdu for pdu in self.received if pdu.command == command]


@asynccontextmanager
async def hostile(misbehave, welcome: bytes = WELCOME) -> AsyncIterator[Hostile]:
    peer = Hostile(misbehave, welcome)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        if peer.writer is not None:
            peer.writer.transport.abort()


async def nothing(_: Hostile) -> None: ...


def deliver(content: bytes = b"1", sequence: int = 1, **fields) -> Pdu:
    body = tables.pack(
        tables.DELIVER_TABLE,
        tables.CMPP2,
        **{
            "Msg_Id": sequence,
            "Dest_Id": b"10690012345",
            "Src_terminal_Id": b"13800000001",
            "Msg_Length": len(content),
            "Msg_Content": content,
            **fields,
        },
    )
    return Pdu(Command.DELIVER, sequence, body)


@pytest.mark.parametrize("length", [0, 11, 2**31])
async def test_an_absurd_length_costs_the_link_and_is_named(open_cmpp, length):
    async def lie(peer):
        peer.says(length.to_bytes(4) + b"\0" * 12)

    async with hostile(lie) as peer:
        desk = await open_cmpp(peer.port, ready=False)
        await eventually(lambda: f"PDU length {length}" in desk.channel.trouble)
        await eventually(lambda: peer.links >= 2)  # and it is called again, after a pause


async def test_half_a_pdu_and_then_silence_is_found_by_the_link_test(open_cmpp):
    async def stall(peer):
        peer.says(deliver().encode()[:20])

    async with hostile(stall) as peer:
        desk = await open_cmpp(peer.port, ready=False, idle_s=0.05, answer_limit_s=0.1)
        await eventually(lambda: "ACTIVE_TEST" in desk.channel.trouble)
        assert len(peer.heard(Command.ACTIVE_TEST)) == 3
        assert desk.inbox.texts == []


async def test_a_pdu_that_drips_one_octet_at_a_time_does_not_pass_for_life(open_cmpp):
    async def drip(peer):
        for octet in deliver().encode():
            peer.says(bytes((octet,)))
            await asyncio.sleep(0.02)

    async with hostile(drip) as peer:
        desk = await open_cmpp(peer.port, ready=False, idle_s=0.1, answer_limit_s=0.1)
        await eventually(lambda: "ACTIVE_TEST" in desk.channel.trouble)


async def test_a_login_that_is_never_answered_is_given_up(open_cmpp):
    async def mute(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    desk = await open_cmpp(server.sockets[0].getsockname()[1], ready=False, answer_limit_s=0.2)
    await eventually(lambda: "CONNECT" in desk.channel.trouble)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.LINK)
    server.close()


@pytest.mark.parametrize("welcome", [b"", b"\0", bytes(19), bytes(100)])
async def test_a_login_answer_that_cannot_be_read_is_no_login(open_cmpp, welcome):
    async with hostile(nothing, welcome) as peer:
        desk = await open_cmpp(peer.port, ready=False)
        await eventually(lambda: f"login answer of {len(welcome)} octets" in desk.channel.trouble)


async def test_a_peer_that_logs_in_and_hangs_up_is_called_ever_less_often(open_cmpp):
    async def hang_up(peer):
        peer.writer.close()

    async with hostile(hang_up) as peer:
        await open_cmpp(peer.port, ready=False, pauses=PAUSES)
        await asyncio.sleep(1.8)
        assert 2 <= peer.links <= 3


async def test_a_peer_that_says_its_version_is_too_high_for_ever_is_called_ever_less_often(open_cmpp):
    async with hostile(nothing, b"\x04" + bytes(17)) as peer:
        desk = await open_cmpp(peer.port, ready=False, version="3.0")
        await eventually(lambda: "version too high" in desk.channel.trouble)
        assert peer.links == 2  # once in 3.0, once in 2.0, and now a person must act


async def test_a_malformed_message_is_refused_for_good_and_the_link_lives(open_cmpp):
    async def malformed(peer):
        peer.says(Pdu(Command.DELIVER, 1, b"\xff" * 100), Pdu(Command.DELIVER, 2), deliver(b"2", 3))

    async with hostile(malformed) as peer:
        desk = await open_cmpp(peer.port)
        await eventually(lambda: len(peer.heard(ANSWER)) == 3)
        assert [pdu.body for pdu in sorted(peer.heard(ANSWER), key=lambda pdu: pdu.sequence)] == [
            b"\xff" * 8 + b"\1",
            bytes(8) + b"\1",
            (3).to_bytes(8) + b"\0",
        ]
        assert desk.inbox.texts == ["2"]


@pytest.mark.parametrize("content", [b"", b"x" * 38, b"\xff" * 60])
async def test_a_report_that_says_nothing_is_acknowledged_and_breaks_nothing(open_cmpp, content):
    async def babble(peer):
        peer.says(deliver(content, 1, Registered_Delivery=1), deliver(b"2", 2))

    async with hostile(babble) as peer:
        desk = await open_cmpp(peer.port)
        await eventually(lambda: len(peer.heard(ANSWER)) == 2)
        assert desk.inbox.texts == ["2"]


async def test_a_header_that_is_none_is_read_as_text(open_cmpp):
    async def headless(peer):
        peer.says(deliver(b"\xff\0\3ab", 1, TP_udhi=1, Msg_Fmt=4), deliver(b"", 2, TP_udhi=1))

    async with hostile(headless) as peer:
        desk = await open_cmpp(peer.port)
        await eventually(lambda: len(desk.inbox.texts) == 2)


@pytest.mark.parametrize("body", [b"", bytes(8), bytes(10), bytes(40)])
async def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(open_cmpp, body):
    async with hostile(nothing) as peer:
        desk = await open_cmpp(peer.port)
        send = asyncio.create_task(desk.send(outbound()))
        (submit,) = await eventually(lambda: peer.heard(Command.SUBMIT))
        peer.says(submit.answer(body))
        assert (await send).outcome is Outcome.UNKNOWN


async def test_an_acceptance_without_an_id_is_still_an_acceptance(open_cmpp):
    async with hostile(nothing) as peer:
        desk = await open_cmpp(peer.port)
        send = asyncio.create_task(desk.send(outbound()))
        (submit,) = await eventually(lambda: peer.heard(Command.SUBMIT))
        peer.says(submit.answer(bytes(9)))
        result = await send
        assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "")


async def test_answers_that_nobody_asked_for_change_nothing(open_cmpp):
    async with hostile(nothing) as peer:
        desk = await open_cmpp(peer.port)
        send = asyncio.create_task(desk.send(outbound()))
        (submit,) = await eventually(lambda: peer.heard(Command.SUBMIT))
        peer.says(Pdu(Command.SUBMIT | RESPONSE, submit.sequence ^ 1, bytes(9)))
        peer.says(Pdu(Command.ACTIVE_TEST | RESPONSE, submit.sequence, b"\0"))
        peer.says(submit.answer((7).to_bytes(8) + b"\0"), submit.answer((8).to_bytes(8) + b"\0"))
        assert (await send).ref.endswith("7")


async def test_a_gateway_that_takes_the_login_and_names_2_0_is_spoken_to_in_2_0(open_cmpp):
    async def text(peer):
        peer.says(deliver("查".encode("utf-16-be"), Msg_Fmt=8))

    async with hostile(text) as peer:
        desk = await open_cmpp(peer.port, version="3.0")
        await eventually(lambda: desk.inbox.texts)
        assert desk.inbox.texts == ["查"]


async def test_a_peer_that_sends_for_ever_and_reads_nothing_fills_no_memory(open_cmpp):
    flooding = None

    async def flood(peer):
        nonlocal flooding
        flooding = asyncio.current_task()
        tests = b"".join(Pdu(Command.ACTIVE_TEST, n).encode() for n in range(500))
        for _ in range(4000):  # 24 MB, were we to take them
            peer.writer.write(tests)
            await peer.writer.drain()

    async with hostile(flood) as peer:
        desk = await open_cmpp(peer.port)
        transport = desk.channel._session._link.transport

        def held() -> int:
            return len(transport.dataBuffer) + transport._tempDataLen

        await eventually(lambda: transport.producerPaused)
        for _ in range(20):
            await asyncio.sleep(0.02)
            assert held() < 500_000
        assert not flooding.done()
