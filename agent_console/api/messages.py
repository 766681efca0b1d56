"""The page of channels: health of accounts, undelivered messages, opt-outs, filings, held-back words."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from agent_console import schemas
from agent_console.auth import ContextDep, Me, need
from callcenter.domain.contacts import OptOut, mask_user, normal_number
from callcenter.domain.errors import InvalidInputError, NotFoundError
from callcenter.domain.sending import CannedText, FilingState, ModeratedWord, TemplateFiling
from callcenter.domain.staff import OFFICE, Role, User
from callcenter.usecases import undelivered

router = APIRouter(prefix="/api/messages", tags=["messages"])

LEAD = (Role.TEAM_LEADER, Role.SUPERVISOR, Role.ADMIN)
KEEP = (Role.SUPERVISOR, Role.ADMIN)
SHOWN = 200


async def leader(user: Me) -> User:
    need(user, *LEAD)
    return user


async def keeper(user: Me) -> User:
    """Whoever may change what goes out in the city's name."""
    need(user, *KEEP)
    return user


Leader = Annotated[User, Depends(leader)]
Keeper = Annotated[User, Depends(keeper)]


def health_of(request: Request) -> Sequence[Any]:
    health: Callable[[], Sequence[Any]] = request.app.state.accounts
    return health()


@router.get("/accounts")
async def accounts(request: Request, context: ContextDep, _user: Leader) -> list[schemas.AccountOut]:
    async with context.reading() as uow:
        backlog = await uow.messages.backlog()
    return [
        schemas.AccountOut(
            name=one.name,
            medium=one.medium,
            trouble=one.trouble,
            paused_until=one.paused_until,
            backlog=backlog.get(one.medium, 0),
        )
        for one in health_of(request)
    ]


@router.get("/undelivered")
async def lost(context: ContextDep, user: Me) -> list[schemas.UndeliveredOut]:
    need(user, *OFFICE)
    rows = await undelivered.shown(context)
    async with context.reading() as uow:
        cases = await uow.cases.some(row.case_id for row in rows if row.case_id)
        ways = {row.id: sorted(await undelivered.ways(uow, row)) for row in rows}
    return [
        schemas.UndeliveredOut(
            id=row.id,
            at=row.settled_at or row.created_at,
            channel=row.channel,
            account=row.via,
            to=mask_user(row.channel, row.to),
            template=row.template,
            text=row.text,
            state=row.state.value,
            code=row.last_code,
            why=undelivered.why(row),
            case_number=cases[row.case_id].number if row.case_id in cases else "",
            conversation_id=row.conversation_id,
            ways=ways[row.id],
        )
        for row in rows
    ]


@router.post("/{message_id}/resend", status_code=204)
async def resend(message_id: str, wanted: schemas.ResendIn, context: ContextDep, user: Me) -> None:
    need(user, *OFFICE)
    await undelivered.resend(context, user, message_id, wanted.channel)


# ------------------------------------------------------------------- who wants nothing


@router.get("/opt-outs")
async def opt_outs(context: ContextDep, _user: Leader) -> list[schemas.OptOutOut]:
    async with context.reading() as uow:
        found = await uow.sending.opt_outs(SHOWN)
    return [
        schemas.OptOutOut(
            medium=one.medium,
            user=mask_user(one.medium, one.user),
            key=_key(one),
            since=one.since,
            source=one.source,
        )
        for one in found
    ]


@router.post("/opt-outs", status_code=204)
async def opt_out(wanted: schemas.OptOutIn, context: ContextDep, _user: Leader) -> None:
    """By POST, because a number has no place in an address."""
    user = normal_number(wanted.user) if wanted.medium == "sms" else wanted.user.strip()
    if not user:
        raise InvalidInputError("user", "号码不对，请检查后再提交。")
    async with context.uow() as uow:
        await uow.sending.opt_out(OptOut(wanted.medium, user, context.now(), "seat"))
        await uow.commit()


@router.delete("/opt-outs/{key}", status_code=204)
async def opt_in(key: str, context: ContextDep, _user: Leader) -> None:
    async with context.uow() as uow:
        found = next((one for one in await uow.sending.opt_outs(SHOWN) if _key(one) == key), None)
        if found is None:
            raise NotFoundError("这条退订")
        await uow.sending.opt_in(found.medium, found.user)
        await uow.commit()


def _key(one: OptOut) -> str:
    return hashlib.sha256(f"{one.medium}|{one.user}".encode()).hexdigest()


# ------------------------------------------------------------------- filed templates


@router.get("/filings")
async def filings(request: Request, context: ContextDep, _user: Leader) -> list[schemas.FilingOut]:
    """Every text at every account for short messages, on file or not."""
    async with context.reading() as uow:
        kept = {(one.account, one.template): one for one in await uow.sending.filings()}
    texts = context.templates.all()
    carriers = [one.name for one in health_of(request) if one.medium == "sms"]
    return [
        _filing(account, template, text, kept.get((account, template)))
        for account in carriers
        for template, text in texts.items()
    ]


def _filing(account: str, template: str, text: str, kept: TemplateFiling | None) -> schemas.FilingOut:
    return schemas.FilingOut(
        account=account,
        template=template,
        text=text,
        state=kept.state.value if kept else "",
        code=kept.code if kept else "",
        note=kept.note if kept else "",
        changed_at=kept.changed_at if kept else None,
    )


@router.put("/filings", status_code=204)
async def file(given: schemas.FilingIn, context: ContextDep, _user: Keeper) -> None:
    if given.template not in context.templates.all():
        raise NotFoundError("这个模板")
    async with context.uow() as uow:
        state = FilingState(given.state)
        await uow.sending.file(
            TemplateFiling(given.account, given.template, state, context.now(), given.code, given.note)
        )
        await uow.commit()


# ------------------------------------------------------------------- words that are held back


@router.get("/moderated")
async def moderated(context: ContextDep, _user: Leader) -> list[schemas.ModeratedOut]:
    async with context.reading() as uow:
        found = await uow.sending.moderated()
    return [schemas.ModeratedOut(word=w.word, added_at=w.added_at, added_by=w.added_by) for w in found]


@router.put("/moderated", status_code=204)
async def moderate(given: schemas.ModeratedIn, context: ContextDep, user: Keeper) -> None:
    async with context.uow() as uow:
        await uow.sending.moderate(ModeratedWord(given.word, context.now(), user.name))
        await uow.commit()


@router.delete("/moderated/{word:path}", status_code=204)
async def allow(word: str, context: ContextDep, _user: Keeper) -> None:
    async with context.uow() as uow:
        await uow.sending.allow(word)
        await uow.commit()


# ------------------------------------------------------------------- canned texts


@router.get("/canned")
async def canned(context: ContextDep, _user: Leader) -> list[schemas.CannedTextOut]:
    async with context.reading() as uow:
        found = await uow.sending.canned()
    return [
        schemas.CannedTextOut(id=one.id, position=one.position, title=one.title, text=one.text)
        for one in found
    ]


@router.put("/canned", status_code=204)
async def keep_canned(given: schemas.CannedTextIn, context: ContextDep, _user: Keeper) -> None:
    kept = CannedText(given.id or context.ids.new(), given.position, given.title, given.text)
    async with context.uow() as uow:
        await uow.sending.keep_canned(kept)
        await uow.commit()


@router.delete("/canned/{text_id}", status_code=204)
async def drop_canned(text_id: str, context: ContextDep, _user: Keeper) -> None:
    async with context.uow() as uow:
        await uow.sending.drop_canned(text_id)
        await uow.commit()
