"""`kill -9` of the gateway between submit and answer: a process of its own, killed at that moment."""

import asyncio

from callcenter.domain.messages import Fault, Outcome, Purpose
from messaging import policy
from tests.messaging.fake_outbox import outbound
from tests.peers.cmpp.peer import gateway_process


async def test_a_gateway_killed_between_submit_and_answer_leaves_one_text_in_doubt(open_cmpp):
    async with gateway_process(silent=True, reports="off") as gateway:
        desk = await open_cmpp(gateway.port, answer_limit_s=20)
        sending = asyncio.create_task(desk.send(outbound()))
        taken = await gateway.tells()
        assert taken["text"] == "您好"
        await gateway.kill()
        result = await sending
        assert (result.outcome, result.code, result.fault) == (Outcome.UNKNOWN, "link_lost", Fault.LINK)
        later = await desk.send(outbound("m2"))
        assert (later.outcome, later.code) == (Outcome.RETRY, "not_bound")  # proved not sent
    async with gateway_process(gateway.port) as again:
        await desk.ready()
        assert (await desk.send(outbound("m2"))).outcome is Outcome.ACCEPTED
        assert (await again.tells())["to"] == "13800000001"


async def test_a_gateway_killed_with_half_a_long_text_names_what_it_took(open_cmpp):
    async with gateway_process(reports="off", answers=1) as gateway:
        desk = await open_cmpp(gateway.port, answer_limit_s=20)
        sending = asyncio.create_task(desk.send_parts(outbound(text="字" * 100)))
        await gateway.tells()
        assert (await gateway.tells())["number"] == 2
        await gateway.kill()
        first, second = await sending
        assert (first.outcome, second.outcome) == (Outcome.ACCEPTED, Outcome.UNKNOWN)
        assert first.ref


async def test_what_becomes_of_it_is_the_purposes_matter(open_cmpp):
    async with gateway_process(silent=True, reports="off") as gateway:
        desk = await open_cmpp(gateway.port, answer_limit_s=20)
        sending = asyncio.create_task(desk.send(outbound()))
        await gateway.tells()
        await gateway.kill()
        result = await sending
    now = desk.clock.now()
    again = {purpose: policy.again_at(outbound(purpose=purpose), result, now, 0) for purpose in Purpose}
    assert again[Purpose.SURVEY] is None
    assert again[Purpose.EMERGENCY] == now
    assert again[Purpose.REPLY] == again[Purpose.SERVICE] == now + policy.TERMS[Purpose.REPLY].doubt
