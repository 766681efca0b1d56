"""What a citizen has with us, and what they may do with it from afar: look, urge, add, withdraw.

Theirs is what they reported themselves; anything else only with the access code from its receipt. The answers
are sentences by name, see `sentences`.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.domain.cases import Case, StepInput
from callcenter.domain.dialogue.terms import Own, Say
from callcenter.domain.followups import FollowUp, FollowUpState
from callcenter.domain.progress import standing
from callcenter.domain.reports import MAX_CONTENT, Decision, Report
from callcenter.domain.tasks import TaskKind
from callcenter.store import UnitOfWork
from callcenter.usecases import notify, steps, work
from callcenter.usecases.context import Context
from callcenter.usecases.followup import MACHINE

LOOKED_BACK = 20  # reports of one citizen
LISTED = 3


@dataclass(frozen=True, slots=True)
class Matter:
    """A report, and the case that came of it."""

    report: Report
    case: Case | None

    @property
    def number(self) -> str:
        return self.case.number if self.case else self.report.number

    @property
    def pending(self) -> bool:
        return self.case is None and self.report.decision is Decision.PENDING

    @property
    def open(self) -> bool:
        return self.case.is_open if self.case else self.pending

    @property
    def own(self) -> Own:
        return Own(self.number, self.report.title, self.pending, self.open, self.report.filed_at)


async def of_contact(uow: UnitOfWork, contact_id: str) -> Sequence[Matter]:
    """Newest first, a case once."""
    reports = await uow.reports.of_contact(contact_id, LOOKED_BACK) if contact_id else []
    cases = await uow.cases.some(report.case_id for report in reports if report.case_id)
    found: dict[str, Matter] = {}
    for report in reports:
        matter = Matter(report, cases.get(report.case_id))
        found.setdefault(matter.number, matter)
    return list(found.values())


async def find(uow: UnitOfWork, mine: Sequence[Matter], number: str, code: str) -> Matter | None:
    """None = neither theirs nor its code; whether the number exists is never told."""
    for matter in mine:
        if number in {matter.number, matter.report.number}:
            return matter
    report = await uow.reports.by_number(number)
    if report is None or not fits(report, code):
        return None
    return Matter(report, await uow.cases.get(report.case_id) if report.case_id else None)


def fits(report: Report, code: str) -> bool:
    return bool(report.access_code) and hmac.compare_digest(report.access_code.encode(), code.encode())


async def progress(context: Context, uow: UnitOfWork, matter: Matter) -> Say:
    case, stands = matter.case, standing(matter.report, matter.case)
    title = context.redactor.redact(notify.subject(case) if case else matter.report.title)
    about = {"number": matter.number, "title": title, "state": stands.state}
    if stands.ended:
        result = (case.result if case else matter.report.answer) or matter.report.reason
        return Say("progress_done", {**about, "result": context.redactor.redact(result)})
    if case is not None and case.handle_due_at is not None:
        return Say("progress_due", {**about, "promised": await notify.promise(context, uow, case)})
    return Say("progress", about)


async def all_progress(context: Context, uow: UnitOfWork, mine: Sequence[Matter]) -> list[Say]:
    """Of what is open; where nothing is, of the newest."""
    wanted = [matter for matter in mine if matter.open][:LISTED] or mine[:1]
    return [await progress(context, uow, matter) for matter in wanted] or [Say("no_progress")]


async def urge(context: Context, uow: UnitOfWork, matter: Matter) -> Say:
    """催办, once a day and case."""
    about = {"number": matter.number}
    if matter.case is None or not matter.open:
        return Say("urge_pending" if matter.pending else "urge_over", about)
    case = await uow.cases.by_number(matter.number, lock=True)
    assert case is not None  # it was there a moment ago
    taken = await uow.cases.steps(case.id)
    if any(step.action == "urge" and step.at >= context.today() for step in taken):
        return Say("urged_today", about)
    await steps.take(context, uow, case, "urge", MACHINE, StepInput(opinion="市民催办"))
    return Say("urged", about)


async def withdraw(context: Context, uow: UnitOfWork, matter: Matter) -> Say:
    """What nobody registered yet is dropped; of a case the acceptor decides (step `cancel`)."""
    about = {"number": matter.number}
    if not matter.open:
        return Say("withdraw_over", about)
    if matter.case is None:
        matter.report.decision, matter.report.reason = Decision.REFUSE, "市民撤回"
        return Say("withdrawn", about)
    await _task(context, uow, matter, TaskKind.WITHDRAWN, "市民要求撤销", "请受理人员核实后作废或继续办理")
    return Say("withdraw_asked", about)


async def add(context: Context, uow: UnitOfWork, matter: Matter, words: str) -> Say:
    """To the words of what is not registered yet; otherwise somebody reads it with the case."""
    if matter.case is None:
        told = f"{matter.report.content}\n补充：{words}"
        matter.report.content = told[:MAX_CONTENT]
    else:
        await _task(context, uow, matter, TaskKind.ADDED, "市民补充情况", words[:200])
        number = matter.number
        uow.after_commit(
            lambda: context.live.publish("office", "case.changed", {"number": number, "state": ""})
        )
    return Say("added", {"number": matter.number})


async def _task(
    context: Context, uow: UnitOfWork, matter: Matter, kind: TaskKind, what: str, detail: str
) -> None:
    """One for each case and kind, however often the citizen writes; details follow one another."""
    case = matter.case
    assert case is not None  # only cases have tasks
    for task in await uow.tasks.open_of_contact(matter.report.contact_id):
        if task.kind is kind and task.case_id == case.id:
            task.detail = f"{task.detail}；{detail}"[:200] if detail not in task.detail else task.detail
            return
    await work.create(
        context,
        uow,
        kind,
        case_id=case.id,
        contact_id=matter.report.contact_id,
        title=f"{notify.subject(case)}：{what}",
        detail=detail,
    )


async def to_rate(uow: UnitOfWork, mine: Sequence[Matter], number: str) -> FollowUp | None:
    """The question that this citizen has not answered: about that number, else about what was closed last."""
    for matter in mine:
        if matter.case is None or matter.open or number not in {"", matter.number, matter.report.number}:
            continue
        for asked in await uow.followups.of_case(matter.case.id):
            mine_too = asked.contact_id in {"", matter.report.contact_id}
            if mine_too and _unanswered(asked):
                return asked
    return None


def _unanswered(asked: FollowUp) -> bool:
    if asked.state is FollowUpState.ASKED_SOLVED:
        return True  # a score came, and whether it is solved is open
    return asked.answered_at is None and asked.state is not FollowUpState.DROPPED
