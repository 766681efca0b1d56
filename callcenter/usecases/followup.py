"""回访 after the question was sent: automatic calls, answers, reopening what is not solved."""

import structlog

from callcenter.domain.case_steps import MAX_REOPENS
from callcenter.domain.cases import Actor, Case, StepInput
from callcenter.domain.contacts import TEXT
from callcenter.domain.conversations import Conversation
from callcenter.domain.errors import ConflictError, HotlineError, TelephonyError
from callcenter.domain.followups import OPEN_STATES, FollowUp, FollowUpState
from callcenter.domain.messages import Purpose
from callcenter.domain.replies import Reply, ReplyKind
from callcenter.domain.staff import SYSTEM
from callcenter.domain.tasks import TaskKind
from callcenter.domain.workflow import State
from callcenter.store import UnitOfWork
from callcenter.usecases import asking, notify, sending, steps, work
from callcenter.usecases.context import Context
from callcenter.usecases.sending import Words

log = structlog.get_logger(__name__)

MACHINE = Actor(id=SYSTEM, name="系统", roles=frozenset({SYSTEM}))
BATCH = 20


async def tick(context: Context) -> None:
    """Start the automatic calls that are due; a call that never reported back counts as unanswered."""
    if not context.telephony.connected:
        return  # Asterisk away costs nobody a try
    for followup_id, number in await _begin_calls(context):
        try:
            await context.telephony.survey(number, followup_id)
        except TelephonyError:
            # it may be ringing all the same: the try stays counted, `no_report` takes it up
            log.warning("survey_call_in_doubt", followup=followup_id)


async def _begin_calls(context: Context) -> list[tuple[str, str]]:
    """Id and number of everybody to call now. Each by itself: one that fails holds up no other."""
    async with context.reading() as uow:
        due = [asked.id for asked in await uow.followups.due(context.now(), BATCH)]
    to_call = []
    for followup_id in due:
        try:
            number = await _begin(context, followup_id)
        except Exception:
            log.exception("followup_not_begun", followup=followup_id)  # the next tick tries again
        else:
            to_call += [(followup_id, number)] if number else []
    return to_call


async def _begin(context: Context, followup_id: str) -> str:
    """The number to call, '' when nobody is to be called now."""
    now, policy = context.now(), context.followup
    async with context.uow() as uow:
        asked = await uow.followups.get(followup_id)
        if asked is None or asked.state not in OPEN_STATES or asked.next_at > now:
            return ""  # answered in the meantime
        if asked.state is FollowUpState.CALLING:
            asked.call_failed("no_report", now, policy)
            await _hand_over(context, uow, asked)
        elif not asked.number:
            asked.state = FollowUpState.DROPPED  # asked in writing only, and no answer came
        elif policy.not_quiet(now) > now:
            asked.next_at = policy.not_quiet(now)
        elif asked.calls >= policy.max_calls:
            asked.state = FollowUpState.UNREACHED
            await _hand_over(context, uow, asked)
        else:
            asked.begin_call(now, policy)
        await uow.commit()
        return asked.number if asked.state is FollowUpState.CALLING else ""


async def survey_case(context: Context, followup_id: str) -> str | None:
    async with context.reading() as uow:
        asked = await uow.followups.get(followup_id)
        if asked is None or asked.state not in OPEN_STATES:
            return None
        case = await uow.cases.get(asked.case_id)
        return case.number if case else None


async def answered_by_call(
    context: Context, followup_id: str, score: int | None, solved: bool | None
) -> None:
    """The citizen has hung up and is not asked again: who was faster at the case may not cost the answer."""
    try:
        await _note_call(context, followup_id, score, solved)
    except ConflictError:
        await _note_call(context, followup_id, score, solved)


async def _note_call(context: Context, followup_id: str, score: int | None, solved: bool | None) -> None:
    async with context.uow() as uow:
        asked = await uow.followups.get(followup_id)
        if asked is None or asked.state not in OPEN_STATES:
            return
        if score is None and solved is None:
            asked.call_failed("hung_up", context.now(), context.followup)
            await _hand_over(context, uow, asked)
        else:
            await _take_answer(context, uow, asked, score, solved, "call")
            if asked.state is FollowUpState.ASKED_SOLVED:
                asked.state = FollowUpState.DONE  # the call asked everything it had to ask
        await uow.commit()


async def call_failed(context: Context, followup_id: str, reason: str) -> None:
    async with context.uow() as uow:
        asked = await uow.followups.get(followup_id)
        if asked is None or asked.state is not FollowUpState.CALLING:
            return
        asked.call_failed(reason, context.now(), context.followup)
        await _hand_over(context, uow, asked)
        await uow.commit()


async def answered_by_text(
    context: Context,
    uow: UnitOfWork,
    asked: FollowUp,
    reply: Reply,
    conversation: Conversation | None = None,
) -> None:
    """A text that answers the question; a low score brings the second question, the way the answer came."""
    solved = {ReplyKind.SOLVED: True, ReplyKind.UNSOLVED: False}.get(reply.kind)
    case = await _take_answer(
        context, uow, asked, reply.score, solved, conversation.channel if conversation else "sms"
    )
    if asked.state is FollowUpState.ASKED_SOLVED:
        asked.next_at = context.followup.not_quiet(context.now() + context.followup.wait)
        await _text(context, uow, asked, case, "survey_solved", conversation)
    else:
        template = "survey_reopened" if asked.solved is False and case.is_open else "survey_thanks"
        await _text(context, uow, asked, case, template, conversation)


async def answered_on_web(
    context: Context, uow: UnitOfWork, asked: FollowUp, score: int, *, solved: bool
) -> None:
    """The page asks everything at once, and shows itself what follows."""
    await _take_answer(context, uow, asked, score, solved, "web")


async def _text(
    context: Context,
    uow: UnitOfWork,
    asked: FollowUp,
    case: Case,
    template: str,
    conversation: Conversation | None,
) -> None:
    params = {"case_number": case.number}
    if conversation is not None and conversation.channel != TEXT:
        body = context.templates.render(template, params, conversation.channel)
        try:
            await sending.reply(context, uow, conversation, Words(body, template=template, params=params))
        except HotlineError as error:  # the answer of the citizen counts all the same
            log.info("followup_not_sent", followup=asked.id, why=error.code)
        return
    notify.text(
        context,
        uow,
        number=asked.number,
        template=template,
        params=params,
        purpose=Purpose.REPLY,
        case=case,
        contact_id=asked.contact_id,
    )


async def answered_by_person(
    context: Context, uow: UnitOfWork, case: Case, score: int | None, solved: bool | None
) -> None:
    """A follow-up caller wrote down what the citizen said on the telephone."""
    for asked in await uow.followups.of_case(case.id):
        if asked.answered_at is None:
            asked.answer(score, solved, "person", context.now())
            asked.state = FollowUpState.DONE


async def _take_answer(
    context: Context,
    uow: UnitOfWork,
    asked: FollowUp,
    score: int | None,
    solved: bool | None,
    via: str,
) -> Case:
    asked.answer(score, solved, via, context.now())
    case = await uow.cases.get(asked.case_id)
    assert case is not None  # a follow-up cannot be without its case
    case.score, case.solved = asked.score, asked.solved
    if asked.solved is False:
        await reopen(context, uow, case)
    context_case = case.number
    uow.after_commit(
        lambda: context.live.publish("office", "case.changed", {"number": context_case, "state": ""})
    )
    return case


async def reopen(context: Context, uow: UnitOfWork, case: Case) -> None:
    """Not solved: back to the dispatcher once; after that a person decides."""
    if case.state is State.CLOSED and case.reopens < MAX_REOPENS:  # what was closed by force stays so
        given = StepInput(reason="市民回访反映未解决")
        await steps.take(context, uow, case, "follow_up_reopen", MACHINE, given)
    await work.create(
        context,
        uow,
        TaskKind.UNSOLVED,
        case_id=case.id,
        contact_id=case.contact_id,
        title=f"{notify.subject(case)}：市民说未解决",
        detail="已自动重办" if case.is_open else "请联系市民核实",
        seat=await _filing_seat(uow, case),
    )


async def _filing_seat(uow: UnitOfWork, case: Case) -> str:
    user = await uow.staff.get(case.filed_by) if case.filed_by else None
    return user.staff_no if user else ""


async def _hand_over(context: Context, uow: UnitOfWork, asked: FollowUp) -> None:
    if asked.state is FollowUpState.UNREACHED:
        case = await uow.cases.get(asked.case_id)
        assert case is not None  # a follow-up cannot be without its case
        await asking.give_up(context, uow, asked, case)
