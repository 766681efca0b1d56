"""The CMPP channel against the gateway of the tests, in both versions: out, and the reports back."""

import asyncio
from datetime import UTC, datetime

import pytest

from callcenter.domain.extensions import answered
from callcenter.domain.messages import DeliveryState, Fault, Outcome
from tests.messaging.fake_outbox import outbound
from tests.messaging.waiting import eventually

LONG = "【澜江12345】" + "您反映的文昌路路面塌陷已受理，" * 5 + "结果会短信告知您😀。"
CITIZEN = "13800000001"
OUR_NUMBER = "10690012345"


async def test_a_text_arrives_is_named_and_confirmed(gateway, open_cmpp, version):
    desk = await open_cmpp(gateway.port, version=version)
    result = await desk.send(outbound(text="您的工单已受理"))
    assert result.outcome is Outcome.ACCEPTED
    assert gateway.texts(CITIZEN) == ["您的工单已受理"]
    (receipt,) = await eventually(lambda: desk.inbox.receipts)
    assert (receipt.account, receipt.state, receipt.recipient) == ("sms-a", DeliveryState.DELIVERED, CITIZEN)
    assert receipt.provider_ref == result.ref
    assert receipt.at == datetime(2026, 11, 20, 4, 1, tzinfo=UTC)
    assert gateway.asked_versions == [{"2.0": 0x20, "3.0": 0x30}[version]]


async def test_the_accounts_own_fields_are_filled_in(gateway, open_cmpp, version):
    desk = await open_cmpp(
        gateway.port, version=version, service_id="HOTLINE", fee_type="02", fee_code="000010"
    )
    await desk.send(outbound(text="Reply 1-5"))
    (message,) = gateway.submits
    assert (message.source, message.sp_id) == (OUR_NUMBER, "900001")
    assert (message.coding, message.text, message.wants_report) == (0, "Reply 1-5", 1)
    assert message.tariff == ["HOTLINE", "02", "000010"]


async def test_a_long_text_is_one_text_on_the_handset_with_one_reference_per_part(
    gateway, open_cmpp, version
):
    desk = await open_cmpp(gateway.port, version=version)
    refs = [result.ref for result in await desk.send_parts(outbound(text=LONG))]
    assert gateway.texts(CITIZEN) == [LONG]
    assert [(part.total, part.number) for part in gateway.submits] == [(2, 1), (2, 2)]
    assert len(refs) == len(set(refs)) == 2
    assert await eventually(lambda: len(desk.inbox.receipts) == 2)
    assert {receipt.provider_ref for receipt in desk.inbox.receipts} == set(refs)


@pytest.mark.parametrize(("length", "parts"), [(159, 1), (160, 2), (306, 2), (307, 3)])
async def test_one_octet_alphabets_stay_below_the_limit_of_160(gateway, open_cmpp, length, parts):
    desk = await open_cmpp(gateway.port)
    await desk.send(outbound(text="x" * length))
    assert gateway.texts(CITIZEN) == ["x" * length]
    assert len(gateway.submits) == parts


async def test_an_emoji_at_unit_67_arrives_whole(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    words = "字" * 66 + "😀" + "字" * 10
    await desk.send(outbound(text=words))
    assert gateway.texts(CITIZEN) == [words]


async def test_two_long_texts_to_one_person_have_different_references(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    await desk.send(outbound("m1", LONG))
    await desk.send(outbound("m2", LONG))
    assert len({part.part[0] for part in gateway.submits}) == 2


async def test_free_digits_lead_the_answer_back_to_what_it_answers(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port, extension_digits=4)
    await desk.send(outbound("case-1", LONG))
    await desk.send(outbound("case-2", "好了吗？"))
    numbers = {one.source for one in gateway.submits}
    assert len(numbers) == 2  # the parts of one text share theirs: the handset joins them by it
    gateway.text_from(CITIZEN, gateway.submits[0].source, "没有")
    await eventually(lambda: desk.inbox.messages)
    (message,) = desk.inbox.messages.values()
    assert answered(message.to, 4, ["case-2", "case-1"]) == "case-1"


@pytest.mark.parametrize("terminal", [21, 32])
async def test_reports_of_60_and_71_octets_match_on_either_version(gateway, open_cmpp, version, terminal):
    gateway.settings.report_terminal = terminal
    desk = await open_cmpp(gateway.port, version=version)
    result = await desk.send(outbound())
    (receipt,) = await eventually(lambda: desk.inbox.receipts)
    assert (receipt.provider_ref, receipt.recipient) == (result.ref, CITIZEN)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("UNDELIV", DeliveryState.FAILED),
        ("EXPIRED", DeliveryState.EXPIRED),
        ("UNKNOWN", DeliveryState.UNKNOWN),
        ("MK:0001", DeliveryState.FAILED),
        ("CB:0010", DeliveryState.FAILED),
    ],
)
async def test_bad_news_is_passed_on_with_its_code(gateway, open_cmpp, word, state):
    gateway.settings.stat = word
    desk = await open_cmpp(gateway.port)
    await desk.send(outbound())
    (receipt,) = await eventually(lambda: desk.inbox.receipts)
    assert (receipt.state, receipt.code) == (state, word)


async def test_an_intermediate_report_is_not_passed_on(gateway, open_cmpp):
    gateway.settings.stat = "ACCEPTD"
    desk = await open_cmpp(gateway.port)
    await desk.send(outbound())
    await eventually(lambda: gateway.inbound and gateway.inbound[0].answered)
    assert desk.inbox.receipts == []


async def test_a_report_may_come_before_the_answer(gateway, open_cmpp, version):
    gateway.settings.reports, gateway.settings.silent = "before", True
    desk = await open_cmpp(gateway.port, version=version)
    sending = asyncio.create_task(desk.send(outbound()))
    (receipt,) = await eventually(lambda: desk.inbox.receipts)
    assert not sending.done()
    gateway._links[0].answer(gateway.submits[0])
    assert receipt.provider_ref == (await sending).ref


async def test_a_report_may_come_twice(gateway, open_cmpp):
    gateway.settings.reports = "twice"
    desk = await open_cmpp(gateway.port)
    result = await desk.send(outbound())
    await eventually(lambda: len(desk.inbox.receipts) == 2)
    assert {receipt.provider_ref for receipt in desk.inbox.receipts} == {result.ref}


async def test_a_report_for_an_unknown_message_is_passed_on_and_acknowledged(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    content = b"".join(
        ((2**64 - 1).to_bytes(8), b"DELIVRD", b"2611201200" * 2, b"8613800000001".ljust(21, b"\0"))
    )
    stray = gateway.delivers(CITIZEN, OUR_NUMBER, content + bytes(4), Registered_Delivery=1)
    await eventually(lambda: stray.answered)
    (receipt,) = desk.inbox.receipts
    assert (receipt.provider_ref, receipt.recipient) == ("2026-ffffffffffffffff", CITIZEN)


async def test_on_new_years_eve_answer_and_report_name_the_same_message(gateway, open_cmpp):
    desk = await open_cmpp(gateway.port)
    desk.clock.time = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)  # a second before midnight in China
    gateway.settings.clock, gateway.settings.reports = "1231235959", "off"
    result = await desk.send(outbound())
    desk.clock.tick(seconds=2)
    gateway._links[0]._report(gateway.submits[0])
    (receipt,) = await eventually(lambda: desk.inbox.receipts)
    assert receipt.provider_ref == result.ref
    assert receipt.provider_ref.startswith("2026-")


@pytest.mark.parametrize(
    ("code", "outcome", "fault"),
    [
        (8, Outcome.RETRY, Fault.ACCOUNT),
        (5, Outcome.RETRY, Fault.ACCOUNT),
        (7, Outcome.RETRY, Fault.ACCOUNT),
        (10, Outcome.RETRY, Fault.ACCOUNT),
        (11, Outcome.RETRY, Fault.ACCOUNT),
        (3, Outcome.RETRY, Fault.MESSAGE),
        (9, Outcome.REJECTED, Fault.RECIPIENT),
        (13, Outcome.REJECTED, Fault.RECIPIENT),
        (1, Outcome.REJECTED, Fault.MESSAGE),
        (120, Outcome.REJECTED, Fault.MESSAGE),
    ],
)
async def test_what_a_refusal_means(gateway, open_cmpp, code, outcome, fault):
    gateway.settings.result, gateway.settings.result_count = code, 1
    desk = await open_cmpp(gateway.port)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault, result.code) == (outcome, fault, f"cmpp_{code}")


async def test_a_throttled_first_part_means_nothing_was_taken(gateway, open_cmpp):
    gateway.settings.result, gateway.settings.result_count = 8, 1
    desk = await open_cmpp(gateway.port)
    result = await desk.send(outbound(text=LONG))
    assert (result.outcome, result.ref, gateway.submits) == (Outcome.RETRY, "", [])


async def test_a_part_that_was_throttled_joins_the_first_even_after_a_restart(gateway, open_cmpp):
    message = outbound(text=LONG)
    before = await open_cmpp(gateway.port)
    first, _ = before.channel.plan(message)
    assert (await before.channel.send(message, first)).outcome is Outcome.ACCEPTED
    await before.channel.close()
    after = await open_cmpp(gateway.port)
    _, second = after.channel.plan(message)
    assert (await after.channel.send(message, second)).outcome is Outcome.ACCEPTED
    assert gateway.texts(CITIZEN) == [LONG]


async def test_no_more_submits_are_open_than_the_window_holds(gateway, open_cmpp):
    gateway.settings.answer_delay, gateway.settings.reports = 0.02, "off"
    desk = await open_cmpp(gateway.port, window=4)
    results = await asyncio.gather(*(desk.send(outbound(f"m{n}")) for n in range(20)))
    assert {result.outcome for result in results} == {Outcome.ACCEPTED}
    assert (gateway.counts.most_open, len(gateway.submits)) == (4, 20)


async def test_leaving_is_polite_and_waits_for_open_answers(gateway, open_cmpp):
    gateway.settings.answer_delay = 0.1
    desk = await open_cmpp(gateway.port)
    sending = asyncio.create_task(desk.send(outbound()))
    await eventually(lambda: gateway.submits)
    await desk.channel.close()
    assert (await sending).outcome is Outcome.ACCEPTED
    assert gateway.counts.terminates == 1
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.LINK)
