"""Both carrier channels against peers that no standard allows: each costs one connection and one log line."""

import asyncio
from datetime import timedelta

import pytest
import structlog

from callcenter.domain.messages import Fault, Outcome
from messaging.link.session import PAUSES, Pauses
from messaging.policy import Ladder
from tests.messaging.channels.conftest import desks_of
from tests.messaging.channels.hostile import hostile
from tests.messaging.dialects import BOTH, RESPONSE
from tests.messaging.fake_outbox import outbound
from tests.messaging.waiting import eventually


@pytest.fixture(params=BOTH, ids=str)
async def dialect(request):
    return request.param


@pytest.fixture
async def open_one(dialect):
    async with desks_of(dialect.kind, {**dialect.options, "answer_limit_s": 1.0}) as opener:
        yield opener


def link_test(dialect, every: float) -> dict[str, float]:
    return {"idle_s" if dialect.kind == "sms_cmpp" else "enquire_every_s": every}


@pytest.mark.parametrize("length", [0, 11, 2**31])
async def test_an_absurd_length_costs_the_link_and_is_named(dialect, open_one, length):
    async def lie(peer):
        peer.says(length.to_bytes(4) + b"\0" * 12)

    async with hostile(dialect, lie) as peer:
        desk = await open_one(peer.port, ready=False)
        await eventually(lambda: f"PDU length {length}" in desk.channel.trouble)
        await eventually(lambda: peer.links >= 2)  # and it is called again, after a pause


async def test_half_a_pdu_and_then_silence_is_found_by_the_link_test(dialect, open_one):
    async def stall(peer):
        peer.says(dialect.text(b"1", 1).encode()[:20])

    async with hostile(dialect, stall) as peer:
        desk = await open_one(peer.port, ready=False, answer_limit_s=0.1, **link_test(dialect, 0.05))
        await eventually(lambda: dialect.test.name in desk.channel.trouble)
        assert peer.heard(dialect.test)
        assert desk.inbox.texts == []


async def test_a_login_that_is_never_answered_is_given_up(dialect, open_one):
    async def mute(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    desk = await open_one(server.sockets[0].getsockname()[1], ready=False, answer_limit_s=0.2)
    await eventually(lambda: dialect.login.name in desk.channel.trouble)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.LINK)
    server.close()


async def test_nobody_there_is_the_links_fault(open_one):
    desk = await open_one(1, ready=False)
    await eventually(lambda: "Refused" in desk.channel.trouble)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.LINK)


async def test_a_peer_that_logs_in_and_hangs_up_is_called_ever_less_often(dialect, open_one):
    async def hang_up(peer):
        peer.writer.close()

    async with hostile(dialect, hang_up) as peer:
        await open_one(peer.port, ready=False, pauses=PAUSES)
        await asyncio.sleep(1.8)
        assert 2 <= peer.links <= 3


async def test_a_password_that_stays_wrong_is_tried_ever_less_often(dialect, open_one):
    pauses = Pauses(after_refusal=Ladder(timedelta(seconds=0.1), timedelta(minutes=15)))
    async with hostile(dialect, welcome=dialect.refused) as peer:
        desk = await open_one(peer.port, ready=False, pauses=pauses)
        await eventually(lambda: peer.links == 3)
        assert "refused" in desk.channel.trouble
        await asyncio.sleep(1)
        assert 4 <= peer.links <= 6  # after 0.1, 0.2, 0.4, 0.8 s, each shorter by up to a half
        result = await desk.send(outbound())
        assert (result.outcome, result.fault, result.code) == (Outcome.RETRY, Fault.ACCOUNT, "not_bound")


async def test_a_storm_of_messages_that_cannot_be_read_is_one_line_in_the_log(dialect, open_one):
    async def storm(peer):
        peer.says(*(dialect.pdu(dialect.deliver, n, b"\xff" * 40) for n in range(1, 61)))
        peer.says(dialect.text(b"2", 61))

    with structlog.testing.capture_logs() as lines:
        async with hostile(dialect, storm) as peer:
            desk = await open_one(peer.port)
            await eventually(lambda: len(peer.heard(dialect.deliver | RESPONSE)) == 61)
    assert desk.inbox.texts == ["2"]
    assert len([line for line in lines if line["event"].endswith("bad_message")]) == 1


@pytest.mark.parametrize("content", [b"", b"no id here", b"x" * 38, b"\xff" * 60])
async def test_a_report_that_says_nothing_is_acknowledged_and_breaks_nothing(dialect, open_one, content):
    async def babble(peer):
        peer.says(dialect.report(content, 1), dialect.text(b"2", 2))

    async with hostile(dialect, babble) as peer:
        desk = await open_one(peer.port)
        await eventually(lambda: len(peer.heard(dialect.deliver | RESPONSE)) == 2)
        assert desk.inbox.texts == ["2"]


async def test_an_acceptance_without_an_id_is_still_an_acceptance(dialect, open_one):
    async with hostile(dialect) as peer:
        desk = await open_one(peer.port)
        send = asyncio.create_task(desk.send(outbound()))
        (submit,) = await eventually(lambda: peer.heard(dialect.submit))
        peer.says(dialect.answer(submit, dialect.taken(0)))
        result = await send
        assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "")


async def test_answers_that_nobody_asked_for_change_nothing(dialect, open_one):
    async with hostile(dialect) as peer:
        desk = await open_one(peer.port)
        send = asyncio.create_task(desk.send(outbound()))
        (submit,) = await eventually(lambda: peer.heard(dialect.submit))
        peer.says(dialect.pdu(dialect.submit | RESPONSE, submit.sequence ^ 1, dialect.taken(6)))
        peer.says(dialect.pdu(dialect.test | RESPONSE, submit.sequence, b"\0"))
        for number in (7, 8):
            peer.says(dialect.answer(submit, dialect.taken(number)))
        assert (await send).ref.endswith("7")


async def test_a_storm_of_refusals_leaves_every_text_to_be_tried_again(dialect, open_one):
    async with hostile(dialect) as peer:
        desk = await open_one(peer.port, window=10)
        sends = [asyncio.create_task(desk.send(outbound(f"m{n}"))) for n in range(50)]
        for count in range(10, 51, 10):
            await eventually(lambda n=count: len(peer.heard(dialect.submit)) == n)
            peer.says(*(dialect.throttled(one) for one in peer.heard(dialect.submit)[count - 10 :]))
        results = await asyncio.gather(*sends)
        assert {(one.outcome, one.fault) for one in results} == {(Outcome.RETRY, Fault.ACCOUNT)}
        assert len(peer.heard(dialect.submit)) == 50  # asked once each: trying again is not the channel's


async def test_a_peer_that_sends_for_ever_and_reads_nothing_fills_no_memory(dialect, open_one):
    flooding = None

    async def flood(peer):
        nonlocal flooding
        flooding = asyncio.current_task()
        tests = b"".join(dialect.pdu(dialect.test, n).encode() for n in range(500))
        for _ in range(4000):  # 24 MB and more, were we to take them
            peer.writer.write(tests)
            await peer.writer.drain()

    async with hostile(dialect, flood) as peer:
        desk = await open_one(peer.port)
        transport = desk.channel._session._link.transport

        def held() -> int:
            return len(transport.dataBuffer) + transport._tempDataLen

        await eventually(lambda: transport.producerPaused)
        for _ in range(20):
            await asyncio.sleep(0.02)
            assert held() < 500_000
        assert not flooding.done()
