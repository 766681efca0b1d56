"""Our service dead, silent or slow, and peers that are not Asterisk: no citizen waits for us."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from callcenter.domain.telephony import CallOutcome, Route, Routing
from tests.asterisk_kit.asterisk import LOCAL
from tests.asterisk_kit.scenario import HangsUp, IsHungUpOn, Says, Waits
from tests.asterisk_kit.waiting import eventually

pytestmark = pytest.mark.asterisk
NUMBER = "13800000201"

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def another_server(hotline, peer: Peer) -> AsyncIterator[None]:
    """The dialplan asks this FastAGI server instead of ours; the heartbeat stays good."""
    stub_port = hotline.site.fastagi.port + 2
    open_ends: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ends.append(writer)
        await reader.readuntil(b"\n\n")
        await peer(reader, writer)

    server = await asyncio.start_server(serve, LOCAL, stub_port)
    await hotline.asterisk.cli(f"dialplan set global AGI_ADDRESS {LOCAL}:{stub_port}")
    try:
        yield
    finally:
        await hotline.asterisk.cli(f"dialplan set global AGI_ADDRESS {hotline.site.fastagi}")
        for writer in open_ends:
            writer.close()
        server.close()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the call and never says a word."""


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\xff nonsense\n" * 3)
    await writer.drain()


async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def dies_in_the_middle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'GET VARIABLE "UNIQUEID"\n')
    await reader.readline()
    writer.transport.abort()


@pytest.mark.parametrize(
    ("peer", "longest"), [(silent, 4.5), (garbage, 4.5), (closes, 1.5), (dies_in_the_middle, 1.5)]
)
async def test_a_sick_service_costs_the_citizen_three_seconds_at_most(hotline, phones, voices, peer, longest):
    await hotline.sign_in("1027")
    seat = await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), Waits(1), HangsUp())
    async with another_server(hotline, peer):
        began = time.monotonic()
        await phones.call("12345", Says(voices["citizen"]), IsHungUpOn(20), number=NUMBER)
        await seat.done()
    assert time.monotonic() - began < longest + 1.5
    record = (await eventually(lambda: hotline.ledger.of(NUMBER)))[0]
    assert (record.outcome, record.seat) == (CallOutcome.SERVED, "1027")
    assert (record.answered_at - record.started_at).total_seconds() < longest


async def test_a_port_that_nobody_listens_on_costs_nothing(hotline, phones, voices):
    await hotline.sign_in("1027")
    await hotline.asterisk.cli(f"dialplan set global AGI_ADDRESS {LOCAL}:{hotline.site.fastagi.port + 3}")
    seat = await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), Waits(1), HangsUp())
    await phones.call("12345", Says(voices["citizen"]), IsHungUpOn(20), number=NUMBER)
    await seat.done()
    await hotline.asterisk.cli(f"dialplan set global AGI_ADDRESS {hotline.site.fastagi}")
    record = (await eventually(lambda: hotline.ledger.of(NUMBER)))[0]
    assert record.outcome is CallOutcome.SERVED


async def test_a_core_that_is_too_slow_costs_three_seconds_at_most(hotline, phones, voices):
    async def arrive(call_id: str, number: str, dialled: str) -> Routing:
        await asyncio.sleep(30)
        return Routing(Route.BLOCKED)

    hotline.desk.arrive = arrive
    await hotline.sign_in("1027")
    seat = await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), Waits(1), HangsUp())
    await phones.call("12345", Says(voices["citizen"]), IsHungUpOn(20), number=NUMBER)
    await seat.done()
    record = (await eventually(lambda: hotline.ledger.of(NUMBER)))[0]
    assert (record.answered_at - record.started_at).total_seconds() < 4


async def test_peers_that_are_not_asterisk_end_only_their_own_connection(hotline, phones, voices):
    await hotline.sign_in("1027")
    for port in (hotline.site.fastagi.port, hotline.site.ami.port):
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 100_000, b"A" * 100_000, b"agi_x: y\n" * 5000):
            await throw(port, noise)
    seat = await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), Waits(1), HangsUp())
    await phones.call("12345", Says(voices["citizen"]), IsHungUpOn(20), number=NUMBER)
    await seat.done()
    assert len(hotline.desk.arrived) == 1
    assert hotline.control.connected


async def throw(port: int, noise: bytes) -> None:
    reader, writer = await asyncio.open_connection(LOCAL, port)
    with contextlib.suppress(ConnectionError):
        writer.write(noise)
        await writer.drain()
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 10)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_an_unknown_number_is_refused_and_logged(hotline, phones):
    citizen = await phones.call_in_vain("99999", 404, number="13800000202")
    await citizen.done()
    assert "extension '99999' rejected because extension not found" in hotline.asterisk.log()
    assert hotline.desk.arrived == []


@pytest.mark.parametrize(
    ("number", "known"),
    [
        ("", ""),
        ("anonymous", ""),
        ("+8613800000203", "+8613800000203"),
        ("1" * 300, "1" * 32),
        ("%22%3B%20DROP%20TABLE%20call%3B--", ""),
        ("%24%7BSHELL%28id%29%7D", ""),
        ("..%2F..%2Fetc%2Fpasswd", ""),
        ("%E5%BC%A0%E4%B8%89", ""),
        ("%00%0d%0a", ""),
    ],
)
async def test_an_absurd_caller_is_served_like_any_other(hotline, phones, number, known):
    hotline.desk.routing = Routing(Route.BLOCKED)
    citizen = await phones.call("12345", IsHungUpOn(5), number=number)
    await citizen.done()
    record = (await eventually(lambda: hotline.ledger.records))[0]
    assert record.outcome is CallOutcome.BLOCKED
    assert record.number == known


async def test_a_full_disk_costs_the_recording_and_not_the_call(hotline, phones, voices):
    """A folder that cannot be written stands for the disk: the day's folder is a file here."""
    await hotline.sign_in("1027")
    await hotline.asterisk.cli("dialplan set global RECORDINGS /dev/null/recordings")
    seat = await phones.answer(hotline.phone_of("1027"), Says(voices["seat"]), Waits(1), HangsUp())
    await phones.call("12345", Says(voices["citizen"]), IsHungUpOn(20), number=NUMBER)
    await seat.done()
    await hotline.asterisk.cli(f"dialplan set global RECORDINGS {hotline.site.folders.recordings}")
    record = (await eventually(lambda: hotline.ledger.of(NUMBER)))[0]
    assert (record.outcome, record.recording) == (CallOutcome.SERVED, "")
    assert "/dev/null/recordings" in hotline.asterisk.log()
