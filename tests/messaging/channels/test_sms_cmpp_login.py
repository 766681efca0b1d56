"""Logging in to the gateway, staying, losing it and coming back."""

import asyncio
from itertools import pairwise

import pytest

from callcenter.domain.messages import Fault, Outcome
from tests.messaging.fake_outbox import outbound
from tests.messaging.waiting import eventually


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (1, "message structure"),
        (2, "unknown sp_id"),
        (3, "wrong secret"),
        (5, "gateway's own"),
        (250, "the gateway's own"),
    ],
)
async def test_a_refused_login_is_the_accounts_fault_named_and_not_hammered(gateway, open_cmpp, code, word):
    gateway.settings.login_status = code
    desk = await open_cmpp(gateway.port, ready=False)
    await eventually(lambda: f"status {code}" in desk.channel.trouble)
    assert word in desk.channel.trouble
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.ACCOUNT)
    assert result.retry_after is not None
    assert 25 < result.retry_after.total_seconds() <= 60
    assert gateway.counts.links == 1


async def test_a_wrong_secret_is_refused_by_the_gateways_own_reckoning(gateway, open_cmpp, version):
    desk = await open_cmpp(gateway.port, ready=False, secret="other", version=version)
    await eventually(lambda: "status 3" in desk.channel.trouble)
    assert gateway.counts.logins == 0


async def test_a_gateway_of_2_0_is_asked_again_in_its_own_version(gateway, open_cmpp):
    gateway.settings.highest = 0x20
    desk = await open_cmpp(gateway.port, version="3.0")
    assert gateway.asked_versions == [0x30, 0x20]
    assert (await desk.send(outbound())).outcome is Outcome.ACCEPTED
    await eventually(lambda: desk.inbox.receipts)


async def test_an_account_of_2_0_stays_with_it_on_a_newer_gateway(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port, version="2.0")
    assert (await desk.send(outbound())).outcome is Outcome.ACCEPTED
    assert gateway.asked_versions == [0x20]


@pytest.mark.parametrize("proof", ["empty", "wrong"])
async def test_a_gateway_without_proof_is_noted_and_believed(gateway, open_cmpp, proof):
    gateway.settings.proof = proof
    desk = await open_cmpp(gateway.port)
    assert (await desk.send(outbound())).outcome is Outcome.ACCEPTED


async def test_a_strict_account_does_not_believe_it(gateway, open_cmpp):
    gateway.settings.proof = "wrong"
    desk = await open_cmpp(gateway.port, ready=False, strict_login=True)
    await eventually(lambda: "prove" in desk.channel.trouble)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.ACCOUNT)


async def test_a_silent_link_is_tested(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port, idle_s=0.05)
    await eventually(lambda: gateway.counts.tests >= 3)
    assert desk.channel.trouble == ""


async def test_three_unanswered_tests_end_the_link_and_a_new_one_is_made(gateway, open_cmpp):
    gateway.settings.answers_tests = False
    desk = await open_cmpp(gateway.port, idle_s=0.05, answer_limit_s=0.1)
    await eventually(lambda: "ACTIVE_TEST" in desk.channel.trouble)
    assert gateway.counts.tests == 3
    gateway.settings.answers_tests = True
    await desk.ready()
    assert gateway.counts.links >= 2


async def test_a_busy_link_is_not_tested(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port, idle_s=0.3)
    clock = asyncio.get_running_loop().time
    moments = [clock()]
    for number in range(10):
        await desk.send(outbound(f"m{number}"))
        await asyncio.sleep(0.05)
        moments.append(clock())
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert gateway.counts.tests <= sum(pause > 0.2 for pause in pauses)  # a slow machine pauses by itself


async def test_an_answer_that_never_comes_leaves_the_outcome_unknown_and_rests_the_account(
    gateway, open_cmpp
):
    gateway.settings.silent, gateway.settings.reports = True, "off"
    desk = await open_cmpp(gateway.port, answer_limit_s=0.1)
    result = await desk.send(outbound())
    assert (result.outcome, result.code, result.fault) == (Outcome.UNKNOWN, "no_answer", Fault.LINK)
    assert len(gateway.submits) == 1  # nothing is sent twice behind the back of the purpose's policy


async def test_its_late_report_names_the_recipient(gateway, open_cmpp):
    gateway.settings.silent = True
    desk = await open_cmpp(gateway.port, answer_limit_s=0.1)
    await desk.send(outbound())
    (receipt,) = await eventually(lambda: desk.inbox.receipts)
    assert receipt.recipient == "13800000001"


async def test_an_account_may_have_submits_repeated_as_the_protocol_orders(gateway, open_cmpp):
    gateway.settings.silent_count = 2
    desk = await open_cmpp(gateway.port, answer_limit_s=0.25, submits=3)
    result = await desk.send(outbound())
    assert result.outcome is Outcome.ACCEPTED
    assert len({one.sequence for one in gateway.submits}) == 1
    assert len(gateway.submits) == 3


async def test_a_repeat_that_the_gateway_knows_already_leaves_doubt_not_loss(gateway, open_cmpp):
    gateway.settings.silent_count, gateway.settings.reports = 1, "off"

    def refuse_repeat(_submitted) -> None:
        gateway.settings.result, gateway.settings.result_count = 3, 1

    gateway.on_submit = refuse_repeat
    desk = await open_cmpp(gateway.port, answer_limit_s=0.1, submits=2)
    result = await desk.send(outbound())
    assert (result.outcome, result.code) == (Outcome.UNKNOWN, "cmpp_3")
    assert len(gateway.submits) == 1


async def test_a_link_that_dies_with_sixteen_open_leaves_them_unknown_and_comes_back(gateway, open_cmpp):
    gateway.settings.silent, gateway.settings.reports = True, "off"
    desk = await open_cmpp(gateway.port, answer_limit_s=20)
    flying = [asyncio.create_task(desk.send(outbound(f"m{n}"))) for n in range(20)]
    await eventually(lambda: len(gateway.submits) == 16)
    gateway.drop()
    results = await asyncio.gather(*flying)
    outcomes = [result.outcome for result in results]
    assert {result.fault for result in results} == {Fault.LINK}
    assert (outcomes.count(Outcome.UNKNOWN), outcomes.count(Outcome.RETRY)) == (16, 4)
    gateway.settings.silent = False
    await desk.ready()
    assert (await desk.send(outbound("m99"))).outcome is Outcome.ACCEPTED


async def test_every_link_begins_at_another_sequence_number(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    await desk.send(outbound())
    gateway.drop()
    await eventually(lambda: desk.channel.trouble)
    await desk.ready()
    await desk.send(outbound())
    first, second = (one.sequence for one in gateway.submits)
    assert abs(first - second) > 1


async def test_a_goodbye_of_the_gateway_is_answered_and_it_is_called_again(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    gateway._links[0].say(2, 77)
    await eventually(lambda: desk.channel.trouble)
    await desk.ready()
    assert gateway.counts.links == 2
