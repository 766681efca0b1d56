"""The rule laboratory, for supervisors and administrators: words, effects, versions, files, schemes."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path, Query
from fastapi.responses import Response

from agent_console import schemas, sheets
from agent_console.auth import ContextDep, Me, need
from agent_console.views import rules as views
from callcenter.domain.errors import NotFoundError
from callcenter.domain.rules import Change, Mislabel, RuleWord, merged
from callcenter.domain.staff import Role, User
from callcenter.usecases import rule_sheets, rules, schemes, suggestion_log
from callcenter.usecases.context import Context
from callcenter.usecases.rule_sheets import Problem

KEEPERS = (Role.SUPERVISOR, Role.ADMIN)
LAST_EDITS = 500


def keeper(user: Me) -> User:
    need(user, *KEEPERS)
    return user


Keeper = Annotated[User, Depends(keeper)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
WordId = Annotated[int, Path(ge=1, le=2**31 - 1)]
File = Annotated[bytes, Body(media_type="application/octet-stream")]

router = APIRouter(prefix="/api/rules", tags=["rules"])


@router.get("")
async def state(context: ContextDep, _user: Keeper) -> schemas.RuleState:
    return await views.state(context)


@router.post("/draft")
async def open_draft(form: schemas.DraftIn, context: ContextDep, user: Keeper) -> schemas.RuleVersionOut:
    return views.version_out(await rules.open_draft(context, user, form.base))


@router.post("/versions/{number}/actions/{action}")
async def move(
    number: Number,
    action: schemas.RuleAction,
    form: schemas.RuleActionIn,
    context: ContextDep,
    user: Keeper,
) -> schemas.RuleVersionOut:
    return views.version_out(await rules.move(context, user, number, action, form.note.strip()))


@router.get("/versions/{number}/words")
async def words(number: Number, code: str, context: ContextDep, _user: Keeper) -> list[schemas.WordOut]:
    return await views.words(context, number, code)


@router.put("/versions/{number}/words", status_code=204)
async def put_word(number: Number, form: schemas.WordIn, context: ContextDep, user: Keeper) -> None:
    word = RuleWord(
        code=form.code,
        name="",  # the scheme knows it
        kind=form.kind,
        term=form.term,
        weight=form.weight,
        enabled=form.enabled,
        revision=form.revision,
        id=form.id,
    )
    await rules.put_word(context, user, number, word)


@router.delete("/versions/{number}/words/{word_id}", status_code=204)
async def drop_word(
    number: Number,
    word_id: WordId,
    revision: Annotated[int, Query(ge=0, le=2**31 - 1)],
    context: ContextDep,
    user: Keeper,
) -> None:
    await rules.drop_word(context, user, number, word_id, revision)


@router.get("/versions/{number}/effect")
async def effect(number: Number, context: ContextDep, _user: Keeper) -> schemas.EffectOut:
    """Waits a second at most; `ready` False means: ask again, and show `done` of `total` meanwhile."""
    return await views.effect(context, number)


@router.post("/versions/{number}/try")
async def try_it(number: Number, form: schemas.TryIn, context: ContextDep, _user: Keeper) -> schemas.TryOut:
    return await views.tried(context, number, form.text)


@router.get("/versions/{number}/edits")
async def edits(number: Number, context: ContextDep, _user: Keeper) -> list[schemas.RuleEditOut]:
    async with context.reading() as uow:
        found = await uow.rules.edits(number, LAST_EDITS)
    return [views.edit_out(one) for one in found]


@router.get("/versions/{number}/export")
async def export(number: Number, kind: sheets.Format, context: ContextDep, _user: Keeper) -> Response:
    async with context.reading() as uow:
        if await uow.rules.version(number) is None:
            raise NotFoundError("这一版词表")
        found = await uow.rules.words(number)
    body = await asyncio.to_thread(sheets.write, rule_sheets.WORD_HEAD, rule_sheets.word_rows(found), kind)
    return _download(body, f"rules-v{number}", kind)


def _download(body: bytes, name: str, kind: sheets.Format) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, media_type=sheets.MEDIA[kind], headers=headers)


@router.post("/versions/{number}/import")
async def take_over(
    number: Number,
    context: ContextDep,
    user: Keeper,
    body: File = b"",
    mode: Literal["merge", "replace"] = "merge",
    *,
    apply: bool = False,
) -> schemas.ImportResult:
    """A CSV or XLSX file into the draft, whole or not at all; without `apply` it only says what would be."""
    rows = await asyncio.to_thread(sheets.read, body)  # a second for a full table; calls must not wait
    given, problems = rule_sheets.words_of(rows, await _names(context))
    if problems:
        return _import_result(rows, [], problems)
    async with context.reading() as uow:
        there = await uow.rules.words(number)
    table = merged(there, given) if mode == "merge" else given
    found = await rules.take_over(context, user, number, table, apply=apply)
    return _import_result(rows, found, [], applied=apply)


async def _names(context: Context) -> dict[str, str]:
    async with context.reading() as uow:
        found = await uow.codes.categories(context.city.standard)
    return {one.code: one.name for one in found}


def _import_result(
    rows: list[rule_sheets.Row], found: list[Change], problems: list[Problem], *, applied: bool = False
) -> schemas.ImportResult:
    actions = [change.action for change in found]
    return schemas.ImportResult(
        rows=max(len(rows) - 1, 0),
        added=actions.count("add"),
        removed=actions.count("remove"),
        changed=sum(action in {"change", "enable", "disable"} for action in actions),
        problems=[schemas.SheetProblem(row=one.row, message=one.message) for one in problems],
        applied=applied,
    )


@router.put("/mislabelled/{report_id}", status_code=204)
async def mislabel(report_id: str, context: ContextDep, user: Keeper) -> None:
    async with context.uow() as uow:
        if await uow.reports.get(report_id) is None:
            raise NotFoundError("这件工单")
        await uow.rules.mislabel(Mislabel(report_id, context.now(), user.id, user.name))
        await uow.commit()
    context.lab.forget(report_id)


@router.delete("/mislabelled/{report_id}", status_code=204)
async def unmark(report_id: str, context: ContextDep, _user: Keeper) -> None:
    async with context.uow() as uow:
        await uow.rules.unmark(report_id)
        await uow.commit()
    context.lab.forget_all()


@router.get("/acceptance")
async def acceptance(
    context: ContextDep, _user: Keeper, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> schemas.AcceptanceOut:
    return views.acceptance(await suggestion_log.acceptance(context, days))


@router.get("/schemes")
async def list_schemes(context: ContextDep, _user: Keeper) -> list[schemas.SchemeOut]:
    return [schemas.SchemeOut.model_validate(one) for one in await schemes.schemes(context)]


@router.put("/schemes/in-force", status_code=204)
async def choose(form: schemas.SchemeIn, context: ContextDep, user: Keeper) -> None:
    await schemes.choose(context, user, form.standard)


@router.post("/schemes")
async def import_scheme(
    standard: Annotated[str, Query(min_length=1, max_length=40)],
    context: ContextDep,
    user: Keeper,
    body: File = b"",
    *,
    apply: bool = False,
) -> schemas.ImportResult:
    """A category tree from CSV or XLSX as a scheme of its own, whole or not at all."""
    rows = await asyncio.to_thread(sheets.read, body)
    classes, problems = rule_sheets.tree_of(rows, standard.strip())
    if apply and not problems:
        await schemes.put_tree(context, user, classes)
    result = _import_result(rows, [], problems, applied=apply and not problems)
    return result.model_copy(update={"added": 0 if problems else len(classes)})
