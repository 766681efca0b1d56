"""The SMS channel against a real SMSC: the npm package smpp."""

import asyncio

import pytest

from callcenter.domain.messages import DeliveryState, Fault, Outcome
from messaging.smpp.receipts import IdBase
from tests.messaging.fake_outbox import outbound
from tests.messaging.waiting import eventually

LONG = "【澜江12345】" + "您反映的文昌路路面塌陷已受理，" * 5 + "结果会短信告知您😀。"
CITIZEN = "13800000001"
OUR_NUMBER = "10690012345"


async def test_a_text_arrives_is_named_and_confirmed(smsc, open_desk):
    desk = await open_desk(smsc.port)
    result = await desk.send(outbound(text="您的工单已受理"))
    assert result.outcome is Outcome.ACCEPTED
    assert await smsc.texts(CITIZEN) == ["您的工单已受理"]
    (receipt,) = await eventually(lambda: desk.inbox.receipts)
    assert (receipt.account, receipt.state, receipt.recipient) == ("sms-a", DeliveryState.DELIVERED, CITIZEN)
    assert receipt.provider_ref == result.ref


async def test_a_plain_ascii_text_takes_the_default_alphabet(smsc, open_desk):
    desk = await open_desk(smsc.port)
    await desk.send(outbound(text="Reply 1-5"))
    (message,) = await smsc.messages()
    assert (message["coding"], message["text"], message["from"]) == (0, "Reply 1-5", OUR_NUMBER)


async def test_a_long_text_is_one_text_on_the_handset_with_one_reference_per_part(smsc, open_desk):
    desk = await open_desk(smsc.port)
    refs = [result.ref for result in await desk.send_parts(outbound(text=LONG))]
    assert await smsc.texts(CITIZEN) == [LONG]
    assert len(refs) == len(set(refs)) == len(await smsc.messages()) == 2
    assert await eventually(lambda: len(desk.inbox.receipts) == 2)
    assert {receipt.provider_ref for receipt in desk.inbox.receipts} == set(refs)


async def test_an_emoji_at_unit_67_arrives_whole(smsc, open_desk):
    desk = await open_desk(smsc.port)
    words = "字" * 66 + "😀" + "字" * 10
    await desk.send(outbound(text=words))
    assert await smsc.texts(CITIZEN) == [words]


async def test_two_long_texts_to_one_person_have_different_references(smsc, open_desk):
    desk = await open_desk(smsc.port)
    await desk.send(outbound("m1", LONG))
    await desk.send(outbound("m2", LONG))
    references = {message["part"]["reference"] for message in await smsc.messages()}
    assert len(references) == 2


@pytest.mark.parametrize(
    ("answer_ids", "receipt_ids", "ours", "theirs"),
    [
        ("hex", "hex", IdBase.HEX, IdBase.HEX),
        ("hex", "HEX", IdBase.HEX, IdBase.HEX),
        ("hex", "zeros", IdBase.HEX, IdBase.HEX),
        ("hex", "decimal", IdBase.HEX, IdBase.DECIMAL),
        ("decimal", "hex", IdBase.DECIMAL, IdBase.HEX),
        ("decimal", "decimal", IdBase.DECIMAL, IdBase.DECIMAL),
    ],
)
@pytest.mark.parametrize("tlvs", [True, False])
async def test_receipts_match_however_ids_are_written(
    smsc, open_desk, answer_ids, receipt_ids, ours, theirs, tlvs
):
    await smsc.set(answerIds=answer_ids, receiptIds=receipt_ids, receiptTlvs=tlvs)
    desk = await open_desk(smsc.port, answer_ids=ours, receipt_ids=theirs)
    result = await desk.send(outbound())
    (receipt,) = await eventually(lambda: desk.inbox.receipts)
    assert receipt.provider_ref == result.ref
    assert receipt.state is DeliveryState.DELIVERED


@pytest.mark.parametrize(
    ("word", "state"), [("UNDELIV", DeliveryState.FAILED), ("EXPIRED", DeliveryState.EXPIRED)]
)
async def test_bad_news_is_passed_on_with_its_code(smsc, open_desk, word, state):
    await smsc.set(receiptState=word)
    desk = await open_desk(smsc.port)
    await desk.send(outbound())
    (receipt,) = await eventually(lambda: desk.inbox.receipts)
    assert (receipt.state, receipt.code) == (state, word)


async def test_an_intermediate_receipt_is_not_passed_on(smsc, open_desk):
    await smsc.set(receiptState="ACCEPTD")
    desk = await open_desk(smsc.port)
    await desk.send(outbound())
    await smsc.set(receiptState="DELIVRD")
    await desk.send(outbound("m2"))
    await eventually(lambda: desk.inbox.receipts)
    assert [receipt.state for receipt in desk.inbox.receipts] == [DeliveryState.DELIVERED]


async def test_a_receipt_may_come_before_the_answer(smsc, open_desk):
    await smsc.set(receipts="before", answerDelayMs=100)
    desk = await open_desk(smsc.port)
    result = await desk.send(outbound())
    assert [receipt.provider_ref for receipt in desk.inbox.receipts] == [result.ref]


async def test_a_receipt_may_come_twice(smsc, open_desk):
    await smsc.set(receipts="twice")
    desk = await open_desk(smsc.port)
    result = await desk.send(outbound())
    await eventually(lambda: len(desk.inbox.receipts) == 2)
    assert {receipt.provider_ref for receipt in desk.inbox.receipts} == {result.ref}


async def test_an_answer_that_never_comes_leaves_the_outcome_unknown(smsc, open_desk):
    await smsc.set(silent=True, receipts="off")
    desk = await open_desk(smsc.port)
    result = await desk.send(outbound())
    assert (result.outcome, result.code, result.fault) == (Outcome.UNKNOWN, "no_answer", Fault.LINK)


async def test_its_late_receipt_names_the_recipient(smsc, open_desk):
    await smsc.set(silent=True)
    desk = await open_desk(smsc.port)
    await desk.send(outbound())
    (receipt,) = await eventually(lambda: desk.inbox.receipts)
    assert receipt.recipient == CITIZEN


@pytest.mark.parametrize(
    ("status", "outcome", "fault"),
    [
        (0x58, Outcome.RETRY, Fault.ACCOUNT),
        (0x14, Outcome.RETRY, Fault.ACCOUNT),
        (0x0A, Outcome.RETRY, Fault.ACCOUNT),
        (0x08, Outcome.RETRY, Fault.MESSAGE),
        (0x0B, Outcome.REJECTED, Fault.RECIPIENT),
        (0x401, Outcome.REJECTED, Fault.MESSAGE),
    ],
)
async def test_what_a_refusal_means(smsc, open_desk, status, outcome, fault):
    await smsc.set(status=status, statusCount=1)
    desk = await open_desk(smsc.port)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault, result.code) == (outcome, fault, f"smpp_{status:#x}")


async def test_a_throttled_first_part_means_nothing_was_taken(smsc, open_desk):
    await smsc.set(status=0x58, statusCount=1)
    desk = await open_desk(smsc.port)
    result = await desk.send(outbound(text=LONG))
    assert (result.outcome, result.ref) == (Outcome.RETRY, "")
    assert await smsc.messages() == []


async def test_a_forgotten_bind_is_made_again(smsc, open_desk):
    desk = await open_desk(smsc.port)
    await smsc.set(status=0x04, statusCount=1)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.LINK)
    await eventually(lambda: desk.channel._session.links == 2)
    await desk.ready()
    assert (await desk.send(outbound())).outcome is Outcome.ACCEPTED


async def test_a_cut_link_leaves_open_requests_unknown_and_comes_back(smsc, open_desk):
    await smsc.set(silent=True, receipts="off")
    desk = await open_desk(smsc.port, answer_limit_s=20)
    sends = [desk.send(outbound(f"m{n}")) for n in range(10)]
    flying = [asyncio.create_task(send) for send in sends]
    await eventually(lambda: _count(smsc, 10))
    await smsc.drop()
    results = await asyncio.gather(*flying)
    assert {(result.outcome, result.fault) for result in results} == {(Outcome.UNKNOWN, Fault.LINK)}
    down = await desk.send(outbound())
    assert (down.outcome, down.fault) == (Outcome.RETRY, Fault.LINK)
    await smsc.set(silent=False)
    await desk.ready()
    assert (await desk.send(outbound("m11"))).outcome is Outcome.ACCEPTED


async def _count(smsc, wanted: int) -> bool:
    return len(await smsc.messages()) == wanted


async def test_no_more_requests_are_open_than_the_window_holds(smsc, open_desk):
    await smsc.set(silent=True, receipts="off")
    desk = await open_desk(smsc.port, window=4, answer_limit_s=20)
    flying = [asyncio.create_task(desk.send(outbound(f"m{n}"))) for n in range(12)]
    await eventually(lambda: _count(smsc, 4))
    await asyncio.sleep(0.1)
    assert len(await smsc.messages()) == 4
    await smsc.drop()
    outcomes = [result.outcome for result in await asyncio.gather(*flying)]
    assert (outcomes.count(Outcome.UNKNOWN), outcomes.count(Outcome.RETRY)) == (4, 8)


async def test_a_wrong_password_is_the_accounts_fault_and_is_not_hammered(smsc, open_desk):
    desk = await open_desk(smsc.port, ready=False, password="wrong")
    await eventually(lambda: "0xe" in desk.channel.trouble)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.ACCOUNT)
    assert result.retry_after is not None
    assert 25 < result.retry_after.total_seconds() <= 60
    assert desk.channel._session.links == 1


async def test_leaving_is_polite(smsc, open_desk):
    desk = await open_desk(smsc.port)
    await desk.channel.close()
    state = await smsc.state()
    assert (state["unbinds"], state["sessions"]) == (1, 0)
    result = await desk.send(outbound())
    assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.LINK)


async def test_a_silent_link_is_kept_alive(smsc, open_desk):
    await open_desk(smsc.port, enquire_every_s=0.05)
    await eventually(lambda: _enquiries(smsc))


async def _enquiries(smsc) -> bool:
    return (await smsc.state())["enquiries"] >= 3
