"""What a citizen does on the web page, from the report to the rating."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.db.engine import session_factory
from callcenter.db.outbox import SqlOutbox
from callcenter.domain.cases import StepInput
from callcenter.domain.conversations import ConversationState
from callcenter.domain.errors import InvalidInputError, NotAllowedError, NotFoundError
from callcenter.domain.followups import FollowUpState
from callcenter.domain.messages import Attempt, DeliveryState, Outcome, Purpose, SendResult, Settlement
from callcenter.domain.progress import history, standing
from callcenter.domain.reports import Decision, Report
from callcenter.domain.tasks import TaskKind
from callcenter.domain.workflow import State
from callcenter.usecases import citizen, citizen_talk, intake, sending, steps, understanding, uploads
from callcenter.usecases.citizen import Rating, Ticket, WebReport, WrongCodeError
from callcenter.usecases.citizen_talk import Said
from callcenter.usecases.context import Context
from callcenter.usecases.sending import Words
from tests.builders import a_report, an_actor
from tests.callcenter.usecases.story import case_now, step, user

DEVICE = "device-of-one-browser"


def a_form(**given: object) -> WebReport:
    fields = {
        "device": DEVICE,
        "client_key": "form-00000001",
        "content": "实验小学北门路面塌了个大坑",
        "place": "实验小学北门",
    }
    return WebReport(**{**fields, **given})


def ticket(report: Report) -> Ticket:
    return Ticket(report.number, report.access_code)


async def a_web_case(context: Context, **given: object) -> Report:
    """The citizen's report, registered by a seat."""
    entered = await citizen.lodge(context, a_form(**given))
    form = a_report(conversation_id=entered.conversation_id, client_key="form-of-the-seat")
    agent = await user(context, "1027")
    filed, case = await intake.file_report(context, agent, form, completes=entered.number)
    assert case is not None
    assert (filed.id, filed.number, filed.access_code) == (entered.id, entered.number, entered.access_code)
    return filed


async def closed(context: Context, **given: object) -> Report:
    report = await a_web_case(context, **given)
    await step(context, "2001", report.number, "register_case", opinion="同意")
    await step(context, "2101", report.number, "dispatch", department_id="shizheng")
    await step(context, "3001", report.number, "assign", handler="孙科")
    await step(context, "3001", report.number, "feedback", result="已回填")
    await step(context, "3001", report.number, "unit_confirm")
    await step(context, "2101", report.number, "forward_check")
    await step(context, "2001", report.number, "close", opinion="属实")
    return report


async def the_talk(context: Context):
    async with context.reading() as uow:
        return await uow.conversations.open_of(citizen.address_of(DEVICE))


# ------------------------------------------------------------------------------------------- report


async def test_a_report_waits_for_a_seat_with_its_first_message(context: Context) -> None:
    report = await citizen.lodge(context, a_form(phone="13800005526", confidential=True))
    assert (report.decision, report.channel, report.phone) == (Decision.PENDING, "web", "13800005526")
    assert report.confidential
    talk = await the_talk(context)
    assert (talk.state, talk.unread, talk.waiting_since) == (
        ConversationState.WAITING,
        1,
        context.now(),
    )
    async with context.reading() as uow:
        (message,) = await uow.messages.received_in(talk.id, 5)
        assert (await uow.reports.pending(talk.id)).id == report.id == message.id
    assert message.processed_at is not None
    assert "inbox.changed" in context.live.kinds("office")


async def test_what_identifies_the_browser_is_nowhere_in_the_books(context: Context) -> None:
    await citizen.lodge(context, a_form())
    talk = await the_talk(context)
    async with context.reading() as uow:
        messages = await uow.messages.received_in(talk.id, 5)
    assert DEVICE not in repr((talk, messages))


async def test_a_form_sent_again_after_a_seat_took_it_up_is_still_the_same(context: Context) -> None:
    filed = await a_web_case(context)
    again = await citizen.lodge(context, a_form())
    assert again.number == filed.number


async def test_two_forms_of_one_browser_are_two_reports_in_one_conversation(context: Context) -> None:
    first = await citizen.lodge(context, a_form())
    second = await citizen.lodge(context, a_form(client_key="form-00000002"))
    assert first.number != second.number
    assert first.conversation_id == second.conversation_id


async def test_a_class_that_does_not_exist_is_left_to_the_seat(context: Context) -> None:
    assert (await citizen.lodge(context, a_form(category="事件|99|99"))).category == ""


# ------------------------------------------------------------------------------------------- progress


async def test_the_code_must_be_the_reports_own(context: Context) -> None:
    report = await citizen.lodge(context, a_form())
    for wrong in (Ticket(report.number, ""), Ticket(report.number, "000000x"), Ticket("20000101-0001", "")):
        with pytest.raises(WrongCodeError):
            await citizen.look(context, wrong)


async def test_a_report_that_has_no_code_is_opened_by_none(context: Context) -> None:
    async with context.uow() as uow:
        uow.reports.add(a_report(number="20261120-0077", decision=Decision.ANSWER, answer="已告知"))
        await uow.commit()
    for code in ("", citizen.NO_CODE):
        with pytest.raises(WrongCodeError):
            await citizen.look(context, Ticket("20261120-0077", code))


async def test_the_citizen_reads_what_was_done_in_everyday_words(context: Context) -> None:
    report = await closed(context)
    found = await citizen.look(context, ticket(report))
    assert standing(found.report, found.case).state == "已办结"
    told = [
        (one.title, one.detail) for one in history(found.report, found.case, found.steps, found.departments)
    ]
    assert told[0] == ("已办结", "已回填")
    assert ("已派给市政设施管理处", "限 2 小时内处理") in told
    assert told[-1] == ("收到您的反映", f"编号 {report.number}")
    assert "孙科" not in repr(told)


async def test_every_state_of_a_case_has_words_and_a_stage(context: Context) -> None:
    report = await a_web_case(context)
    case = await case_now(context, report.number)
    for state in State:
        case.state = state
        now = standing(report, case)
        assert now.state
        assert 1 <= now.stage <= 6


# ------------------------------------------------------------------------------------------- urge, withdraw


async def test_one_urges_once_a_day(context: Context) -> None:
    report = await a_web_case(context)
    await citizen.urge(context, ticket(report))
    with pytest.raises(NotAllowedError, match="今天已经催过"):
        await citizen.urge(context, ticket(report))
    assert (await citizen.look(context, ticket(report))).urged_today
    context.clock.pass_by(days=1)
    await citizen.urge(context, ticket(report))
    assert (await case_now(context, report.number)).urges == 2


async def test_what_nobody_registered_yet_cannot_be_urged(context: Context) -> None:
    report = await citizen.lodge(context, a_form())
    with pytest.raises(NotAllowedError):
        await citizen.urge(context, ticket(report))


async def test_before_a_seat_took_it_up_it_is_simply_withdrawn(context: Context) -> None:
    report = await citizen.lodge(context, a_form())
    assert await citizen.withdraw(context, ticket(report))
    found = await citizen.look(context, ticket(report))
    assert (found.report.decision, found.report.reason) == (Decision.REFUSE, "市民撤回")
    talk = await the_talk(context)
    assert "撤回" in talk.last_text
    async with context.reading() as uow:
        assert await uow.reports.pending(talk.id) is None
    with pytest.raises(NotAllowedError):
        await citizen.withdraw(context, ticket(report))


async def test_what_is_being_handled_is_withdrawn_by_a_person(context: Context) -> None:
    report = await a_web_case(context)
    assert not await citizen.withdraw(context, ticket(report))
    assert (await case_now(context, report.number)).is_open
    talk = await the_talk(context)
    assert talk.waiting_since is not None
    assert report.number in talk.last_text


# ------------------------------------------------------------------------------------------- rating


async def test_a_rating_ends_the_follow_up(context: Context) -> None:
    report = await closed(context)
    await citizen.rate(context, ticket(report), Rating(1, solved=True, words="很快"))
    case = await case_now(context, report.number)
    assert (case.score, case.solved, case.state) == (1, True, State.CLOSED)
    async with context.reading() as uow:
        (asked,) = await uow.followups.of_case(case.id)
        assert (asked.state, asked.via) == (FollowUpState.DONE, "web")
        received = await uow.messages.received_for_case(case.id)
    assert any(message.text == "【评价】很快" for message in received)
    with pytest.raises(NotAllowedError, match="已经评价过"):
        await citizen.rate(context, ticket(report), Rating(5, solved=False))


async def test_unsolved_opens_the_case_again_and_it_may_be_rated_again_later(context: Context) -> None:
    report = await closed(context)
    context.clock.pass_by(hours=1)
    await citizen.rate(context, ticket(report), Rating(5, solved=False))
    assert (await case_now(context, report.number)).state is State.PENDING_DISPATCH
    with pytest.raises(NotAllowedError, match="办结以后"):
        await citizen.rate(context, ticket(report), Rating(1, solved=True))


async def test_what_was_closed_by_force_and_is_not_solved_stays_closed_and_a_person_looks_at_it(
    context: Context,
) -> None:
    report = await a_web_case(context)
    async with context.uow() as uow:
        case = await uow.cases.by_number(report.number, lock=True)
        await steps.take(
            context, uow, case, "force_close", an_actor("supervisor"), StepInput(reason="无法处置")
        )
        await uow.commit()
    context.clock.pass_by(hours=1)
    await citizen.rate(context, ticket(report), Rating(5, solved=False))
    case = await case_now(context, report.number)
    assert (case.score, case.solved, case.state) == (5, False, State.FORCED_CLOSE)
    async with context.reading() as uow:
        (task,) = [one for one in await uow.tasks.open("1027") if one.kind is TaskKind.UNSOLVED]
    assert (task.case_id, task.detail) == (case.id, "请联系市民核实")


async def test_only_what_is_closed_is_rated(context: Context) -> None:
    report = await a_web_case(context)
    with pytest.raises(NotAllowedError):
        await citizen.rate(context, ticket(report), Rating(1, solved=True))


# ------------------------------------------------------------------------------------------- talk


async def the_relay_carries(engine: AsyncEngine, context: Context) -> None:
    """Whatever waits for the web account."""
    outbox, now = SqlOutbox(session_factory(engine)), context.now()
    for claimed in await outbox.claim("web", "web", 10, now, timedelta(minutes=1)):
        taken = SendResult(Outcome.ACCEPTED, ref=claimed.message.id)
        attempt = Attempt(claimed.message, taken, refs={0: claimed.message.id})
        await outbox.settle([Settlement(attempt, None)], now)


async def test_both_sides_are_read_and_what_was_read_has_arrived(
    context: Context, engine: AsyncEngine
) -> None:
    report = await citizen.lodge(context, a_form())
    await citizen_talk.say(context, Said(DEVICE, "said-0001", "坑又大了", ticket=ticket(report)))
    author, talk = await user(context, "1027"), await the_talk(context)
    async with context.uow() as uow:
        own = await uow.conversations.get(talk.id, lock=True)
        sent = await sending.reply(context, uow, own, Words("已通知市政"), author_id=author.id)
        await uow.commit()
    await the_relay_carries(engine, context)
    lines = (await citizen_talk.read(context, DEVICE)).lines
    assert {(line.author, line.text) for line in lines[1:]} == {
        ("", f"【补充 {report.number}】坑又大了"),
        ("工号 1027", "已通知市政"),
    }
    async with context.reading() as uow:
        arrived = await uow.messages.sent(sent.id)
    assert (arrived.state, arrived.purpose) == (DeliveryState.DELIVERED, Purpose.REPLY)


async def test_the_same_words_sent_twice_are_said_once(context: Context) -> None:
    for _ in range(2):
        await citizen_talk.say(context, Said(DEVICE, "said-0001", "还要多久？"))
    assert len((await citizen_talk.read(context, DEVICE)).lines) == 1


async def test_another_browser_reads_nothing_of_it(context: Context) -> None:
    await citizen_talk.say(context, Said(DEVICE, "said-0001", "还要多久？"))
    assert (await citizen_talk.read(context, "somebody-elses-browser")).lines == ()


async def test_a_wrong_code_says_nothing(context: Context) -> None:
    report = await citizen.lodge(context, a_form())
    with pytest.raises(WrongCodeError):
        await citizen_talk.say(
            context, Said("another-browser-0001", "said-0001", "x", ticket=Ticket(report.number, "1"))
        )
    with pytest.raises(InvalidInputError):
        await citizen_talk.say(context, Said(DEVICE, "said-0001", "  "))


async def test_with_the_code_another_browser_of_the_same_citizen_joins_them(context: Context) -> None:
    report = await citizen.lodge(context, a_form())
    await citizen_talk.say(
        context, Said("the-other-telephone", "said-0001", "换了手机", ticket=ticket(report))
    )
    async with context.reading() as uow:
        talk = await uow.conversations.open_of(citizen.address_of("the-other-telephone"))
    assert talk.contact_id == report.contact_id


async def test_the_question_that_was_asked_on_the_page_is_answered_there(context: Context) -> None:
    report = await closed(context)
    await citizen_talk.say(context, Said(DEVICE, "said-0001", "2"))
    await understanding.tick(context)
    case = await case_now(context, report.number)
    assert case.score == 2
    async with context.reading() as uow:
        (asked,) = await uow.followups.of_case(case.id)
    assert asked.state is FollowUpState.DONE


async def test_a_number_that_answers_no_question_of_ours_goes_to_a_person(context: Context) -> None:
    report = await a_web_case(context)
    await citizen_talk.say(context, Said(DEVICE, "said-0001", "2"))
    talk = await the_talk(context)
    assert (talk.last_text, talk.waiting_since) == ("2", context.now())
    assert (await case_now(context, report.number)).score is None


# ------------------------------------------------------------------------------------------- photos


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "red").save(out, "JPEG")
    return out.getvalue()


async def test_photos_that_nobody_sent_off_are_dropped_after_a_day(context: Context) -> None:
    left = await uploads.keep(context, a_photo())
    claimed = await uploads.keep(context, a_photo())
    await citizen.lodge(context, a_form(photos=(claimed.id,)))
    context.clock.pass_by(hours=25)
    await uploads.keep(context, a_photo())
    async with context.reading() as uow:
        assert await uow.media.get(left.id) is None
        assert (await uow.media.get(claimed.id)) is not None
    with pytest.raises(InvalidInputError):
        await citizen.lodge(context, a_form(client_key="form-00000002", photos=(left.id,)))


async def test_a_photo_that_was_dropped_is_off_the_disk_unless_somebody_has_the_same(
    context: Context,
) -> None:
    def of(colour: str) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (80, 60), colour).save(out, "JPEG")
        return out.getvalue()

    left = await uploads.keep(context, of("blue"))
    again = await uploads.keep(context, of("green"))
    shared = await uploads.keep(context, of("red"))
    claimed = await uploads.keep(context, of("red"))
    await citizen.lodge(context, a_form(photos=(claimed.id,)))
    context.clock.pass_by(hours=25)
    await uploads.keep(context, of("green"))
    assert left.digest not in context.media.files
    assert set(context.media.files) == {again.digest, shared.digest}


async def test_a_photo_is_shown_to_both_sides_of_the_talk_and_to_nobody_else(context: Context) -> None:
    photo = await uploads.keep(context, a_photo())
    await citizen_talk.say(context, Said(DEVICE, "said-0001", photos=(photo.id,)))
    (line,) = (await citizen_talk.read(context, DEVICE)).lines
    assert line.files == (photo.id,)
    content, mime = await citizen_talk.file(context, DEVICE, photo.id)
    assert (content[:2], mime) == (b"\xff\xd8", "image/jpeg")
    for device, file_id in (("somebody-elses-browser", photo.id), (DEVICE, "another")):
        with pytest.raises(NotFoundError):
            await citizen_talk.file(context, device, file_id)
