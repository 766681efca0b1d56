"""Citizens as a role may see them: numbers masked, confidential people nameless."""

from collections.abc import Sequence
from datetime import timedelta

from agent_console import schemas
from agent_console.views import rows
from callcenter.domain.calls import Call
from callcenter.domain.contacts import Contact, mask
from callcenter.domain.reports import Report
from callcenter.domain.staff import REVEALERS, User
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context

LAST_CONTACTS = 5
OUTCOME_WORDS = {
    "served": "已接听",
    "abandoned": "未接通",
    "greeting": "提前挂断",
    "message": "已留言",
    "no_message": "未留言",
    "callback": "要求回拨",
    "blocked": "已拦截",
    "survey": "回访",
}
DECISION_WORDS = {
    "case": "已立案",
    "answer": "直接答复",
    "join": "并入催办",
    "refuse": "不受理",
    "pending": "待登记",
}


def may_reveal(user: User) -> bool:
    return user.has(*REVEALERS)


async def caller_card(
    context: Context, uow: UnitOfWork, user: User, contact: Contact | None
) -> schemas.CallerCard:
    if contact is None:
        return _withheld()
    now = context.now()
    open_cases = await uow.cases.open_of_contact(contact.id)
    departments = await rows.department_names(uow)
    return schemas.CallerCard(
        contact_id=contact.id,
        name=contact.name,
        number=mask(contact.number),
        can_reveal=may_reveal(user),
        number_place=context.numbers.place_of(contact.number),
        flags=_flags(contact, blocked=contact.blocked(now)),
        calls_this_month=await uow.calls.count_of_contact(contact.id, context.month()),
        calls_this_year=await uow.calls.count_of_contact(contact.id, now - timedelta(days=365)),
        last_score=await _last_score(uow, contact),
        open_cases=[rows.case_row(context, case, departments) for case in open_cases],
        contacts=await _last_contacts(uow, contact),
    )


def _withheld() -> schemas.CallerCard:
    return schemas.CallerCard(
        contact_id="",
        name="",
        number=mask(""),
        can_reveal=False,
        number_place="",
        flags=[],
        calls_this_month=0,
        calls_this_year=0,
        last_score=None,
        open_cases=[],
        contacts=[],
    )


def _flags(contact: Contact, *, blocked: bool) -> list[str]:
    return [*contact.flags, *(["黑名单"] if blocked else [])]


async def _last_score(uow: UnitOfWork, contact: Contact) -> int | None:
    reports = await uow.reports.of_contact(contact.id, LAST_CONTACTS)
    cases = await uow.cases.some(report.case_id for report in reports if report.case_id)
    scores = [cases[r.case_id].score for r in reports if r.case_id in cases]
    return next((score for score in scores if score is not None), None)


async def _last_contacts(uow: UnitOfWork, contact: Contact) -> list[schemas.ContactEntry]:
    """Reports and the calls that led to none, newest first, whatever the channel."""
    reports = await uow.reports.of_contact(contact.id, LAST_CONTACTS)
    calls = await uow.calls.of_contact(contact.id, LAST_CONTACTS * 2)
    cases = await uow.cases.some(report.case_id for report in reports if report.case_id)
    filed = {report.call_id for report in reports if report.call_id}
    entries = [
        _of_report(report, cases[report.case_id].number if report.case_id in cases else "")
        for report in reports
    ]
    entries += [_of_call(call) for call in calls if call.id not in filed and call.outcome]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:LAST_CONTACTS]


def _of_report(report: Report, case_number: str) -> schemas.ContactEntry:
    return schemas.ContactEntry(
        at=report.filed_at,
        channel=report.channel,  # type: ignore[arg-type]  # the column holds the schema's words
        title=report.title,
        result=DECISION_WORDS[report.decision.value],
        case_number=case_number,
        call_id=report.call_id,
    )


def _of_call(call: Call) -> schemas.ContactEntry:
    return schemas.ContactEntry(
        at=call.started_at,
        channel="phone",
        title="来电" if call.direction == "in" else "外呼",
        result=OUTCOME_WORDS.get(call.outcome, call.outcome),
        case_number="",
        call_id=call.id,
    )


async def reporters(uow: UnitOfWork, user: User, reports: Sequence[Report]) -> list[schemas.PersonOut]:
    """反映人: departments see that there are people, never who (domain notes 2.3)."""
    contacts = await uow.contacts.some(report.contact_id for report in reports if report.contact_id)
    return [
        _person(user, report, contacts.get(report.contact_id), first=index == 0)
        for index, report in enumerate(reports)
    ]


def _person(user: User, report: Report, contact: Contact | None, *, first: bool) -> schemas.PersonOut:
    hidden = report.confidential or user.department_only
    number = report.phone or (contact.number if contact else "")
    name = report.caller_name or (contact.name if contact else "")
    return schemas.PersonOut(
        report_id=report.id,
        contact_id="" if hidden else report.contact_id,
        name="保密" if hidden else name,
        number="" if hidden else mask(number),
        at=report.filed_at,
        channel=report.channel,  # type: ignore[arg-type]  # the column holds the schema's words
        first=first,
        confidential=report.confidential,
        can_reveal=bool(contact) and may_reveal(user) and not report.confidential,
    )
