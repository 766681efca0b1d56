"""The form: suggestions, code tables, places, drafts, filing."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path

from agent_console import schemas
from agent_console.auth import ContextDep, Me, need
from agent_console.views import suggestions as views
from callcenter.domain.contacts import normal_number
from callcenter.domain.errors import NotFoundError
from callcenter.domain.records import DraftNote, OutboxMessage
from callcenter.domain.reports import Decision, Report
from callcenter.domain.staff import OFFICE, Role
from callcenter.domain.suggestions import Appeal, Urgency
from callcenter.usecases import intake, suggesting
from callcenter.usecases.context import Context
from callcenter.usecases.suggesting import Asked
from callcenter.usecases.suggestion_log import Suggested

router = APIRouter(prefix="/api", tags=["intake"])

DraftKey = Annotated[str, Path(max_length=64)]


@router.post("/suggestions")
async def suggest(asked: schemas.SuggestRequest, context: ContextDep, user: Me) -> schemas.SuggestReply:
    need(user, *OFFICE)
    proposal = await suggesting.propose(context, Asked(**asked.model_dump()))
    return views.suggest_reply(context, proposal)


@router.get("/categories")
async def categories(context: ContextDep, _user: Me) -> list[schemas.CategoryNode]:
    async with context.reading() as uow:
        found = await uow.codes.categories(context.city.standard)
    return [
        schemas.CategoryNode(
            code=c.code,
            kind=c.kind,
            major=c.major,
            minor=c.minor,
            name=c.name,
            major_name=c.major_name,
            sure=c.sure,
        )
        for c in found
    ]


@router.get("/categories/{code}/conditions")
async def conditions(
    code: str, context: ContextDep, _user: Me, standard: str = ""
) -> list[schemas.ConditionOut]:
    """Of the scheme in force, or of the one that an older case was filed under."""
    async with context.reading() as uow:
        found = await uow.codes.conditions(standard or context.city.standard, code)
    return [schemas.ConditionOut(no=c.no, text=c.text, limit=c.limit.label) for c in found]


@router.get("/places")
async def places(q: str, context: ContextDep, _user: Me) -> list[schemas.PlaceHit]:
    return [
        schemas.PlaceHit(
            id=p.id,
            kind=p.kind.value,
            name=p.name,
            district=p.district,
            street=p.street,
            lat=p.lat,
            lon=p.lon,
        )
        for p in context.geocoder.search(q[:50])
    ]


@router.get("/grid")
async def grid(lat: float, lon: float, context: ContextDep, _user: Me) -> schemas.GridOut:
    found = context.geocoder.grid_at(lat, lon)
    if found is None:
        raise NotFoundError("这个点所在的单元网格（可能在市域外）")
    return schemas.GridOut(
        code=found.code,
        label=found.name,
        district=found.district,
        street=found.street,
        community=found.community,
    )


@router.get("/knowledge")
async def knowledge(context: ContextDep, _user: Me, q: str = "") -> list[schemas.KnowledgeOut]:
    async with context.reading() as uow:
        found = await uow.codes.knowledge()
    words = q.split()
    return [
        views.knowledge_out(entry)
        for entry in found
        if all(word in f"{entry.title}{entry.summary}{entry.department}{entry.words}" for word in words)
    ][:20]


@router.get("/bulletins")
async def bulletins(context: ContextDep, _user: Me) -> list[schemas.BulletinOut]:
    async with context.reading() as uow:
        found = await uow.codes.bulletins()
    return [schemas.BulletinOut(id=b.id, title=b.title, detail=b.detail, kind=b.kind) for b in found]


@router.get("/departments")
async def departments(context: ContextDep, _user: Me) -> list[schemas.DepartmentOut]:
    async with context.reading() as uow:
        found = await uow.codes.departments()
        load = await uow.cases.load_of_departments(context.now())
    return [
        schemas.DepartmentOut(
            id=d.id,
            name=d.name,
            district=d.district,
            open_cases=load.get(d.id, (0, 0))[0],
            overdue=load.get(d.id, (0, 0))[1],
        )
        for d in found
    ]


@router.get("/drafts")
async def drafts(context: ContextDep, user: Me) -> list[schemas.Draft]:
    async with context.reading() as uow:
        found = await uow.notes.drafts(user.id)
    return [schemas.Draft(key=note.key, saved_at=note.saved_at, body=note.body) for note in found]


@router.get("/drafts/{key}")
async def draft(key: DraftKey, context: ContextDep, user: Me) -> schemas.Draft:
    async with context.reading() as uow:
        note = await uow.notes.draft(user.id, key)
    if note is None:
        raise NotFoundError("这份草稿")
    return schemas.Draft(key=note.key, saved_at=note.saved_at, body=note.body)


@router.put("/drafts/{key}")
async def save_draft(key: DraftKey, sent: schemas.Draft, context: ContextDep, user: Me) -> schemas.Draft:
    saved_at: datetime = context.now()
    async with context.uow() as uow:
        await uow.notes.save_draft(DraftNote(user.id, key, sent.body, saved_at))
        await uow.commit()
    return schemas.Draft(key=key, saved_at=saved_at, body=sent.body)


@router.delete("/drafts/{key}", status_code=204)
async def drop_draft(key: DraftKey, context: ContextDep, user: Me) -> None:
    async with context.uow() as uow:
        await uow.notes.drop_draft(user.id, key)
        await uow.commit()


@router.post("/reports")
async def file_report(form: schemas.ReportIn, context: ContextDep, user: Me) -> schemas.ReportFiled:
    need(user, Role.AGENT, Role.TEAM_LEADER)
    report, case = await intake.file_report(
        context,
        user,
        _report(context, form),
        join=form.join_case,
        completes=form.completes,
        task_id=form.task_id,
        suggested=_suggested(form.suggested),
    )
    async with context.reading() as uow:
        sent = await uow.messages.sent_for_case(case.id) if case else []
    return schemas.ReportFiled(
        report_id=report.id,
        number=report.number,
        case_number=case.number if case else "",
        message_preview=next((text.text for text in sent if _caused_by(report, text)), ""),
    )


def _suggested(given: schemas.SuggestedIn) -> Suggested:
    return Suggested(
        given.version,
        [(one.code, one.confidence) for one in given.categories],
        [(one.label, one.confidence) for one in given.places],
    )


def _caused_by(report: Report, text: OutboxMessage) -> bool:
    """A case that was joined has texts of other citizens too."""
    return text.contact_id == report.contact_id and text.created_at >= report.filed_at


def _report(context: Context, form: schemas.ReportIn) -> Report:
    return Report(
        id=context.ids.new(),
        number="",  # given when it is filed
        client_key=form.client_key,
        filed_at=context.now(),
        filed_by="",  # the same
        decision=Decision(form.decision),
        channel=form.channel,
        appeal=Appeal(form.appeal),
        urgency=Urgency(form.urgency),
        content=form.content.strip(),
        title=form.title.strip(),
        call_id=form.call_id,
        conversation_id=form.conversation_id,
        contact_id=form.contact_id,
        category=form.category,
        condition_no=form.condition_no,
        place=form.place.label.strip(),
        lat=form.place.lat,
        lon=form.place.lon,
        radius_m=form.place.radius_m,
        caller_name=form.caller_name.strip(),
        phone=normal_number(form.phone),
        occurred_at=form.occurred_at,
        confidential=form.confidential,
        wants_followup=form.wants_followup,
        public=form.public,
        notify=form.notify,
        answer=form.answer.strip(),
        reason=form.reason,
    )
