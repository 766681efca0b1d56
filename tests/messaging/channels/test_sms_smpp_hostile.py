"""The SMS channel against peers that no standard allows: each costs one connection and one log line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from callcenter.domain.messages import Fault, Outcome
from messaging.link.session import PAUSES
from messaging.smpp import wire
from messaging.smpp.wire import Command, Message, Party, Pdu, Status
from tests.messaging.fake_outbox import outbound
from tests.messaging.waiting import eventually

CITIZEN = Party("13800000001", 1, 1)
US = Party("10690012345")


@dataclass
class Hostile:
    """A listening peer. `misbehave` gets each connection after the bind was accepted."""

    misbehave: Callable[["Hostile"], Awaitable[None]]
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
                    if pdu.command == Command.BIND_TRANSCEIVER:
                        self.says(pdu.answer(Status.OK, b"EVIL\0"))
                        await self.misbehave(self)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def heard(self, command: int) -> list[Pdu]:
        return [pdu for pdu in self.received if pdu.command == command]


@asynccontextmanager
async def hostile(misbehave: Callable[[Hostile], Awaitable[None]]) -> AsyncIterator[Hostile]:
    peer = Hostile(misbehave)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        if peer.writer is not None:
            peer.writer.close()


async def nothing(_: Hostile) -> None: ...


def deliver(payload: bytes = b"1", sequence: int = 1, **fields) -> Pdu:
    return Pdu(Command.DELIVER_SM, sequence, 0, Message(CITIZEN, US, payload, **fields).encode())


ANSWER = Command.DELIVER_SM | wire.RESPONSE


@pytest.mark.parametrize("length", [0, 11, 2**31])
async def test_an_absurd_length_costs_the_link_and_is_named(open_desk, length):
    async def lie(peer):
        peer.says(length.to_bytes(4) + b"\0" * 12)

    async with hostile(lie) as peer:
        desk = await open_desk(peer.port, ready=False)
        await eventually(lambda: f"PDU length {length}" in desk.channel.trouble)
        await eventually(lambda: peer.links >= 2)  # and it is called again, after a pause


async def test_half_a_pdu_and_then_silence_is_found_by_the_keep_alive(open_desk):
    async def stall(peer):
        peer.says(deliver().encode()[:20])

    async with hostile(stall) as peer:
        desk = await open_desk(peer.port, ready=False, enquire_every_s=0.05, answer_limit_s=0.2)
        await eventually(lambda: "ENQUIRE_LINK" in desk.channel.trouble)
        assert desk.inbox.texts == []


async def test_a_bind_that_is_never_answered_is_given_up(open_desk):
    async def mute(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    desk = await open_desk(server.sockets[0].getsockname()[1], ready=False, answer_limit_s=0.2)
    await eventually(lambda: "BIND_TRANSCEIVER" in desk.channel.trouble)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.LINK)
    server.close()


async def test_nobody_there_is_the_links_fault(open_desk):
    desk = await open_desk(1, ready=False)
    await eventually(lambda: "Refused" in desk.channel.trouble)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.LINK)


async def test_a_peer_that_binds_and_hangs_up_is_called_ever_less_often(open_desk):
    async def hang_up(peer):
        assert peer.writer is not None
        peer.writer.close()

    async with hostile(hang_up) as peer:
        await open_desk(peer.port, ready=False, pauses=PAUSES)
        await asyncio.sleep(1.8)
        assert 2 <= peer.links <= 3


async def test_a_malformed_message_is_refused_for_good_and_the_link_lives(open_desk):
    async def malformed(peer):
        peer.says(Pdu(Command.DELIVER_SM, 1, 0, b"\xff" * 40), deliver(b"2", sequence=2))

    async with hostile(malformed) as peer:
        desk = await open_desk(peer.port)
        await eventually(lambda: len(peer.heard(ANSWER)) == 2)
        assert [pdu.status for pdu in peer.heard(ANSWER)] == [Status.INVALID_LENGTH, Status.OK]
        assert desk.inbox.texts == ["2"]


async def test_a_receipt_that_says_nothing_is_acknowledged_and_dropped(open_desk):
    async def babble(peer):
        peer.says(deliver(b"no id here", esm_class=4))

    async with hostile(babble) as peer:
        desk = await open_desk(peer.port)
        await eventually(lambda: peer.heard(ANSWER))
        assert peer.heard(ANSWER)[0].status == Status.OK
        assert (desk.inbox.receipts, desk.inbox.texts) == ([], [])


async def test_a_receipt_for_an_unknown_id_is_passed_on(open_desk):
    async def stray(peer):
        peer.says(deliver(b"id:00C0FFEE stat:DELIVRD err:000", esm_class=4))

    async with hostile(stray) as peer:
        desk = await open_desk(peer.port)
        (receipt,) = await eventually(lambda: desk.inbox.receipts)
        assert receipt.provider_ref == "c0ffee"


async def test_a_command_nobody_knows_is_nacked(open_desk):
    async def invent(peer):
        peer.says(Pdu(0x0103, 5), Pdu(Command.SUBMIT_SM, 6))

    async with hostile(invent) as peer:
        await open_desk(peer.port)
        await eventually(lambda: len(peer.heard(Command.GENERIC_NACK)) == 2)
        assert {pdu.status for pdu in peer.heard(Command.GENERIC_NACK)} == {Status.UNKNOWN_COMMAND}


async def test_a_nacked_submit_is_rejected(open_desk):
    async with hostile(nothing) as peer:
        desk = await open_desk(peer.port)
        send = asyncio.create_task(desk.send(outbound()))
        (submit,) = await eventually(lambda: peer.heard(Command.SUBMIT_SM))
        peer.says(Pdu(Command.GENERIC_NACK, submit.sequence, Status.INVALID_LENGTH))
        assert (await send).outcome is Outcome.REJECTED


@pytest.mark.parametrize("body", [b"", b"\0", b"no end"])
async def test_an_acceptance_without_a_readable_id_is_still_an_acceptance(open_desk, body):
    async with hostile(nothing) as peer:
        desk = await open_desk(peer.port)
        send = asyncio.create_task(desk.send(outbound()))
        (submit,) = await eventually(lambda: peer.heard(Command.SUBMIT_SM))
        peer.says(submit.answer(Status.OK, body))
        result = await send
        assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "")
