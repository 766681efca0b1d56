"""Forms of seats beside a conversation: which report of the citizen they complete."""

from callcenter.domain.conversations import CloseCode
from callcenter.domain.reports import Decision
from callcenter.usecases import conversations, intake, lodging
from callcenter.usecases.context import Context
from tests.builders import a_report
from tests.callcenter.usecases.story import user
from tests.callcenter.usecases.talking import Writer, a_pending_report, later, newest_report


async def test_a_form_beside_the_conversation_completes_what_the_citizen_entered(context: Context) -> None:
    citizen = await a_pending_report(context)
    talk = await citizen.talk()
    async with context.reading() as uow:
        pending = await uow.reports.pending(talk.id)
    form = a_report(conversation_id=talk.id, content="实验小学门口路面塌了个大坑，没有围挡", phone="")
    agent = await user(context, "1027")
    filed, case = await intake.file_report(context, agent, form, completes=pending.number)
    assert (filed.id, filed.number, filed.access_code) == (pending.id, pending.number, pending.access_code)
    assert (case.number, case.channel, case.contact_id) == (pending.number, "wechat", talk.contact_id)
    assert filed.filed_at == pending.filed_at
    assert (await citizen.talk()).case_id == case.id
    async with context.reading() as uow:
        assert len(await uow.messages.received_for_case(case.id)) == 1
    again, same = await intake.file_report(context, await user(context, "1027"), form)
    assert (again.id, same.id) == (filed.id, case.id)


async def test_a_form_completes_only_what_it_shows(context: Context) -> None:
    citizen = await a_pending_report(context)
    shown = await newest_report(context, citizen)
    later(context, minutes=1)
    await lodge_another(context, citizen)
    second = await newest_report(context, citizen)
    assert second.id != shown.id
    agent, talk = await user(context, "1027"), await citizen.talk()
    form = a_report(conversation_id=talk.id, phone="")
    filed, _ = await intake.file_report(context, agent, form, completes=second.number)
    assert (filed.id, (await report_now(context, shown.id)).decision) == (second.id, Decision.PENDING)
    blank = a_report(id="report-2", client_key="form-00000002", conversation_id=talk.id, phone="")
    new, _ = await intake.file_report(context, agent, blank)
    assert new.number not in {shown.number, second.number}
    assert (await report_now(context, shown.id)).decision is Decision.PENDING
    await conversations.take(context, agent, talk.id)
    await lodge_another(context, citizen)
    await conversations.close(context, agent, talk.id, CloseCode.NOT_OURS)
    async with context.reading() as uow:
        assert await uow.reports.pending(talk.id) is None


async def lodge_another(context: Context, citizen: Writer) -> None:
    async with context.uow() as uow:
        talk = await uow.conversations.get((await citizen.talk()).id, lock=True)
        read = context.classifier.suggest("")
        await lodging.lodge(context, uow, talk, lodging.Entered("路灯不亮"), read)
        await uow.commit()


async def report_now(context: Context, report_id: str):
    async with context.reading() as uow:
        return await uow.reports.get(report_id)


async def test_a_form_beside_a_conversation_in_which_nothing_was_entered_is_a_new_report(
    context: Context,
) -> None:
    citizen = Writer(context)
    await citizen.say("人工")
    talk = await citizen.talk()
    form = a_report(conversation_id=talk.id, channel="phone", contact_id="")
    filed, case = await intake.file_report(context, await user(context, "1027"), form)
    assert (filed.channel, filed.contact_id, case.contact_id) == ("wechat", talk.contact_id, talk.contact_id)
    second = a_report(id="report-2", client_key="form-00000002", conversation_id=talk.id)
    other, _ = await intake.file_report(context, await user(context, "1027"), second)
    assert other.number != filed.number
