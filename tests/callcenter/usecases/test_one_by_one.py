"""What runs by itself takes one thing at a time: whatever fails holds up nothing else and is not lost."""

from datetime import timedelta

import pytest

from callcenter.domain.errors import ConflictError
from callcenter.domain.messages import Inbound
from callcenter.domain.records import InboxMessage
from callcenter.domain.tasks import TaskKind
from callcenter.domain.workflow import State
from callcenter.usecases import followup, handling, hearing, intake, steps, understanding, work
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.context import Context
from callcenter.usecases.floor import Floor
from callcenter.usecases.mailbox import Mailbox
from tests.builders import MOBILE, a_report
from tests.callcenter.usecases.story import CALL, a_closed_case, a_filed_case, case_now, step, texts, user

BROKEN = "查进度（坏的一条）"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """One text that our code cannot take."""
    read = hearing.read

    async def fails(context: Context, message: InboxMessage, talk: object):
        if message.text == BROKEN:
            raise RuntimeError("no")
        return await read(context, message, talk)

    monkeypatch.setattr(hearing, "read", fails)


async def tasks(context: Context, kind: TaskKind) -> list[str]:
    agent = await user(context, "1027")
    async with context.reading() as uow:
        return [task.detail for task in await uow.tasks.open(agent.staff_no) if task.kind is kind]


@pytest.mark.usefixtures("broken")
async def test_a_message_that_cannot_be_understood_holds_up_no_other_citizen_and_comes_to_a_person(
    context: Context,
) -> None:
    box = Mailbox(context)
    await box.accept(Inbound("sms", "sms", "e1", MOBILE, BROKEN))
    await box.accept(Inbound("sms", "sms", "e2", MOBILE, "你好"))
    await box.accept(Inbound("sms", "sms", "e3", "13900005527", "你好"))
    await understanding.tick(context)
    async with context.reading() as uow:
        assert len(await uow.messages.sent_to("13900005527", 10)) == 1
    assert await texts(context) == []  # what the same citizen wrote next waits for it
    assert await tasks(context, TaskKind.UNREAD) == []
    await understanding.tick(context)
    await understanding.tick(context)
    await understanding.tick(context)
    assert len(await texts(context)) == 1
    assert await understanding.tick(context) == 0
    assert await tasks(context, TaskKind.UNREAD) == [BROKEN]


async def test_a_suspended_case_that_fails_holds_up_no_other(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await a_suspended_case(context), await a_suspended_case(context)
    context.clock.pass_by(days=4)
    take = steps.take

    async def fails(context, uow, case, *rest):
        if case.number == first:
            raise RuntimeError("no")
        await take(context, uow, case, *rest)

    monkeypatch.setattr(handling.steps, "take", fails)
    await handling.tick(context)
    assert (await case_now(context, first)).state is State.SUSPENDED
    assert (await case_now(context, second)).state is not State.SUSPENDED
    monkeypatch.undo()
    await handling.tick(context)
    assert (await case_now(context, first)).state is not State.SUSPENDED


async def a_suspended_case(context: Context) -> str:
    number = await a_filed_case(context, id=(new := context.ids.new()), client_key=f"key-{new}")
    await step(context, "2001", number, "register_case", opinion="同意")
    await step(context, "2101", number, "dispatch", department_id="shizheng")
    await step(context, "3001", number, "assign", handler="孙科")
    until = context.now() + timedelta(days=3)
    await step(context, "2101", number, "suspend", reason="等待材料", until=until)
    return number


async def test_the_answer_to_the_survey_is_not_lost_to_somebody_faster(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await a_closed_case(context)
    case = await case_now(context, number)
    async with context.reading() as uow:
        asked = (await uow.followups.of_case(case.id))[0]
    take, conflicts = followup.steps.take, [ConflictError("somebody was faster")]

    async def slower(*given):
        if conflicts:
            raise conflicts.pop()
        await take(*given)

    monkeypatch.setattr(followup.steps, "take", slower)
    await followup.answered_by_call(context, asked.id, 5, solved=False)
    assert (await case_now(context, number)).solved is False


async def test_the_work_is_done_with_the_report_that_came_of_it(context: Context) -> None:
    await HotlineDesk(context, Floor()).arrive(CALL, MOBILE, "12345")
    agent = await user(context, "1027")
    async with context.uow() as uow:
        task = await work.create(context, uow, TaskKind.VOICEMAIL, title="留言")
        await uow.commit()
    assert task is not None
    await intake.file_report(context, agent, a_report(), task_id=task.id)
    async with context.reading() as uow:
        assert (await uow.tasks.get(task.id)).done_at == context.now()
