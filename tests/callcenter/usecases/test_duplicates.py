"""Open cases offered while the form is filled, and what follows when a citizen joins one."""

from callcenter.domain.reports import Decision
from callcenter.usecases import intake, suggesting
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.context import Context
from callcenter.usecases.duplicates import PAGE, Duplicate
from callcenter.usecases.floor import Floor
from callcenter.usecases.suggesting import Asked
from tests.builders import COLLAPSE, MOBILE, a_case, a_report
from tests.callcenter.usecases.story import CALL, a_filed_case, case_now, step, user

COLLAPSED = "文昌路那里路面塌了个坑"
OTHER_MOBILE = "13900006637"


async def offered(context: Context, text: str = COLLAPSED, **given: object) -> list[Duplicate]:
    asked = Asked(text, **{"category": COLLAPSE, **given})
    return list((await suggesting.propose(context, asked)).duplicates)


async def numbers(context: Context, **given: object) -> list[str]:
    return [duplicate.case.number for duplicate in await offered(context, **given)]


HERE = {"lat": 28.5002, "lon": 118.5}


async def test_an_open_case_of_the_place_is_offered_and_says_what_is_the_same(context: Context) -> None:
    number = await a_filed_case(context)
    (found,) = await offered(context, **HERE)
    assert found.case.number == number
    assert found.score > 0.7
    assert found.distance_m < 25
    assert found.same_class
    assert "文昌路" in found.same
    assert not await numbers(context, lat=28.6, lon=118.5)


async def test_a_case_is_offered_as_soon_as_it_is_filed_and_no_longer_when_it_is_closed(
    context: Context,
) -> None:
    assert not await numbers(context, **HERE)
    number = await a_filed_case(context)
    assert await numbers(context, **HERE) == [number]
    await step(context, "2001", number, "reject", reason="属物业管理范围")
    assert not await numbers(context, **HERE)


async def test_the_callers_own_case_is_offered_without_a_place(context: Context) -> None:
    await HotlineDesk(context, Floor()).arrive(CALL, MOBILE, "12345")
    number = await a_filed_case(context)
    async with context.uow() as uow:
        contact = await uow.contacts.by_number(MOBILE)
    assert contact is not None
    (own,) = await offered(context, "我上次说的路面塌陷", contact_id=contact.id)
    assert (own.case.number, own.same_caller) == (number, True)


async def test_more_open_cases_than_one_page_are_all_known(context: Context) -> None:
    count = PAGE + 3
    async with context.uow() as uow:
        for n in range(count):
            uow.cases.add(
                a_case(id=f"case-{n:05d}", number=f"20261120-{n:05d}", lat=20.0 + n / 100, lon=118.5)
            )
        await uow.commit()
    await context.duplicates.load(context.reading, context.now())
    for n in (0, PAGE - 1, PAGE, count - 1):
        assert await numbers(context, lat=20.0 + n / 100, lon=118.5) == [f"20261120-{n:05d}"]


async def test_what_is_filed_while_the_start_still_reads_is_not_missed(context: Context) -> None:
    async with context.uow() as uow:
        for n in range(PAGE + 1):
            uow.cases.add(a_case(id=f"early-{n:05d}", number=f"20261119-{n:05d}", lat=27.0, lon=118.0))
        await uow.commit()
    await numbers(context, **HERE)  # reads one page
    number = await a_filed_case(context)
    await context.duplicates.load(context.reading, context.now())
    assert await numbers(context, **HERE) == [number]


async def test_who_joined_is_counted_and_hears_the_result(context: Context) -> None:
    desk = HotlineDesk(context, Floor())
    await desk.arrive(CALL, MOBILE, "12345")
    number = await a_filed_case(context)
    await desk.arrive("ast1-2.2", OTHER_MOBILE, "12345")
    second = a_report(
        id="report-2", client_key="form-00000002", decision=Decision.JOIN, call_id="ast1-2.2", category=""
    )
    await intake.file_report(context, await user(context, "1028"), second, join=number)
    assert (await case_now(context, number)).reporters == 2
    await step(context, "2001", number, "register_case")
    await step(context, "2101", number, "dispatch", department_id="shizheng", opinion="请处理")
    await step(context, "3001", number, "assign", handler="张工")
    await step(context, "3001", number, "feedback", result="已填实路面")
    await step(context, "3001", number, "unit_confirm")
    await step(context, "2101", number, "forward_check")
    await step(context, "2001", number, "close", opinion="同意结案", condition_no=1)
    async with context.uow() as uow:
        heard = [message.text.split()[0] for message in reversed(await uow.messages.sent_to(OTHER_MOBILE, 9))]
    assert heard == ["joined", "resolved"]


async def test_the_same_join_sent_twice_counts_once(context: Context) -> None:
    number = await a_filed_case(context)
    for _ in range(2):
        again = a_report(id="report-2", client_key="form-00000002", decision=Decision.JOIN)
        await intake.file_report(context, await user(context, "1028"), again, join=number)
    assert (await case_now(context, number)).reporters == 2
