"""A message that did not arrive goes another way, or to a person; nothing is lost in silence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callcenter.domain.contacts import PHONE, Address, Contact
from callcenter.domain.errors import InvalidInputError, NotFoundError, TextTemplateError
from callcenter.domain.messages import DeliveryState, Purpose
from callcenter.domain.records import OutboxMessage
from callcenter.domain.tasks import TaskKind
from callcenter.usecases import undelivered
from callcenter.usecases.context import Context
from tests.builders import MOBILE
from tests.callcenter.usecases.story import user

OPENID = Address("wechat", "wx", "openid-1")


async def a_citizen(context: Context, number: str = MOBILE) -> Contact:
    """Known on WeChat, with a telephone number unless it is ''."""
    async with context.uow() as uow:
        contact = await uow.contacts.ensure(OPENID, Contact("c1", number, context.now()))
        if number:
            await uow.contacts.ensure(Address(PHONE, "", number), contact)
        await uow.commit()
    return contact


async def lost(context: Context, key: str = "m1", **more: object) -> None:
    now = context.now()
    row = OutboxMessage(key, "wechat", "openid-1", "您的案件已办结", Purpose.SERVICE, "", now, None)
    row.state, row.contact_id, row.settled_at = DeliveryState.FAILED, "c1", now
    for name, value in more.items():
        setattr(row, name, value)
    async with context.uow() as uow:
        uow.messages.send(row)
        await uow.commit()


async def sent_to(context: Context, recipient: str) -> list[OutboxMessage]:
    async with context.reading() as uow:
        return list(await uow.messages.sent_to(recipient, 50))


async def tasks(context: Context):
    async with context.reading() as uow:
        return [task for task in await uow.tasks.open("1027") if task.kind is TaskKind.UNDELIVERED]


async def test_when_wechat_does_not_take_it_the_citizen_gets_a_text(context: Context):
    await a_citizen(context)
    await lost(context, last_code="window_closed")
    assert await undelivered.tick(context) == 1
    (text,) = await sent_to(context, MOBILE)
    assert (text.channel, text.text, text.instead_of) == ("sms", "signed 您的案件已办结", "m1")
    assert await tasks(context) == []


async def test_a_template_is_worded_anew_for_the_other_way(context: Context):
    await a_citizen(context)
    params = {"case_number": "20261120-0001"}
    await lost(context, template="resolved", params=params, last_code="quota_used")
    await undelivered.tick(context)
    (text,) = await sent_to(context, MOBILE)
    assert (text.template, text.text) == ("resolved", "resolved case_number=20261120-0001")


async def test_it_is_taken_up_once(context: Context):
    await a_citizen(context)
    await lost(context)
    await undelivered.tick(context)
    assert await undelivered.tick(context) == 0
    assert len(await sent_to(context, MOBILE)) == 1


async def test_without_another_way_it_is_work_for_a_person_who_sees_why(context: Context):
    await a_citizen(context, number="")
    await lost(context, last_code="blocked")
    await undelivered.tick(context)
    (task,) = await tasks(context)
    assert (task.message_id, task.contact_id) == ("m1", "c1")
    assert "拉黑" in task.detail


async def test_a_text_that_fails_has_no_other_way_by_itself(context: Context):
    await a_citizen(context)
    await lost(context, channel="sms", to=MOBILE, last_code="result_9")
    await undelivered.tick(context)
    (task,) = await tasks(context)
    assert "result_9" in task.detail


@pytest.mark.parametrize("silent", [{"last_code": "opted_out"}, {"purpose": Purpose.SURVEY}])
async def test_who_refused_and_who_is_called_anyway_makes_no_work(
    context: Context, silent: dict[str, object]
):
    await a_citizen(context, number="")
    await lost(context, **silent)
    await undelivered.tick(context)
    assert await tasks(context) == []


async def test_an_account_that_fails_for_everybody_does_not_bury_the_seats(context: Context):
    await a_citizen(context, number="")
    for number in range(60):
        await lost(context, f"m{number:02}")
    for _ in range(3):
        await undelivered.tick(context)
    found = await tasks(context)
    assert len(found) == undelivered.MOST_TASKS + 1
    assert sum("还有多条" in task.title for task in found) == 1


async def test_a_person_sends_it_again_the_same_way_or_another_and_the_work_is_done(context: Context):
    await a_citizen(context)
    await lost(context, channel="sms", to=MOBILE)
    await undelivered.tick(context)
    agent = await user(context, "1027")
    again = await undelivered.resend(context, agent, "m1", "wechat")
    assert (again.channel, again.account, again.to, again.text) == (
        "wechat",
        "wx",
        "openid-1",
        "您的案件已办结",
    )
    assert again.author_id == agent.id
    assert await tasks(context) == []


async def test_only_ways_that_the_citizen_has_and_only_what_was_lost_can_be_sent_again(context: Context):
    await a_citizen(context)
    await lost(context)
    agent = await user(context, "1027")
    with pytest.raises(InvalidInputError, match="没有这个渠道"):
        await undelivered.resend(context, agent, "m1", "telegram")
    with pytest.raises(NotFoundError):
        await undelivered.resend(context, agent, "nothing", "sms")
    await lost(context, "m2", state=DeliveryState.ACCEPTED)
    with pytest.raises(NotFoundError):
        await undelivered.resend(context, agent, "m2", "sms")


async def test_the_queue_view_forgets_after_a_month(context: Context):
    await a_citizen(context)
    await lost(context)
    assert [row.id for row in await undelivered.shown(context)] == ["m1"]
    context.clock.pass_by(days=31)
    assert await undelivered.shown(context) == []


def test_every_code_is_a_sentence_or_shown_as_it_is():
    row = OutboxMessage("m", "sms", "1", "x", Purpose.REPLY, "", None, None)  # type: ignore[arg-type]
    assert undelivered.why(replace(row, last_code="window_closed")).startswith("市民超过")
    assert undelivered.why(replace(row, last_code="MK:0011")) == "被退回（MK:0011）"
    assert undelivered.why(replace(row, state=DeliveryState.EXPIRED)) == "超过有效期仍未送达"
    assert timedelta(0) < undelivered.SHOWN_FOR


async def test_a_text_that_was_signed_is_not_signed_again(context: Context):
    await a_citizen(context)
    await lost(context, channel="sms", to=MOBILE, text="signed 您好")
    again = await undelivered.resend(context, await user(context, "1027"), "m1", "sms")
    assert again.text == "signed 您好"


async def test_a_template_that_lost_its_words_costs_no_other_message(
    context: Context, monkeypatch: pytest.MonkeyPatch
):
    def fails(*_: object) -> str:
        raise TextTemplateError("没有短信模板")

    monkeypatch.setattr(context.templates, "render", fails)
    await a_citizen(context)
    await lost(context, template="gone")
    await lost(context, "m2")
    await undelivered.tick(context)
    (task,) = await tasks(context)
    assert task.message_id == "m1"
    assert [one.instead_of for one in await sent_to(context, MOBILE)] == ["m2"]
