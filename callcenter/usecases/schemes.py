"""Category schemes: which ones are there, which one is in force, a city's own tree put in from a file."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from callcenter.domain.codes import Category, Condition
from callcenter.domain.deadlines import Unit
from callcenter.domain.errors import InvalidInputError, NotFoundError
from callcenter.domain.rules import Origin, Phase, RuleEdit, RuleVersion
from callcenter.domain.staff import User
from callcenter.store import UnitOfWork
from callcenter.usecases import rules
from callcenter.usecases.context import Context

LONGEST_NAME = 40
MOST_CLASSES = 5_000
FIRST_CONDITION = ("立案条件1", 10.0, Unit.WORK_DAY)  # until the city writes its own


@dataclass(frozen=True, slots=True)
class Scheme:
    standard: str
    classes: int
    version: int  # of its keyword table in force, 0 = it was never used
    in_force: bool


async def schemes(context: Context) -> list[Scheme]:
    async with context.reading() as uow:
        found = await uow.codes.standards()
        tables = {name: await uow.rules.in_phase(name, Phase.IN_FORCE) for name in found}
    return [
        Scheme(name, classes, table.number if table else 0, in_force=name == context.city.standard)
        for name, classes in found.items()
        for table in (tables[name],)
    ]


async def choose(context: Context, user: User, standard: str) -> None:
    """Form and classifier change to this scheme at once; a scheme without words gets its first table."""
    async with context.reading() as uow:
        classes = await uow.codes.categories(standard)
        there = await uow.rules.in_phase(standard, Phase.IN_FORCE)
    if not classes:
        raise NotFoundError("这套分类")
    words = [] if there else await asyncio.to_thread(context.lab.engine.for_classes, standard, classes)
    async with context.uow() as uow:
        await uow.rules.take_turn()
        table = await uow.rules.in_phase(standard, Phase.IN_FORCE)
        if table is None:
            table = await _first_table(context, uow, standard)
            await uow.rules.add(table, words)
        await _complete_conditions(uow, standard, classes)
        await uow.rules.set(rules.STANDARD, standard)
        _record(context, uow, user, table.number, {"standard": context.city.standard}, {"standard": standard})
        await uow.commit()
    await rules.follow(context)
    rules.tell(context)


def _record(
    context: Context,
    uow: UnitOfWork,
    user: User,
    version: int,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    edit = RuleEdit(
        id=context.ids.new(),
        version=version,
        at=context.now(),
        user_id=user.id,
        user_name=user.name,
        action="scheme",
        before=before,
        after=after,
    )
    uow.rules.log(edit)


async def _first_table(context: Context, uow: UnitOfWork, standard: str) -> RuleVersion:
    return RuleVersion(
        number=await uow.rules.last_number() + 1,
        standard=standard,
        phase=Phase.IN_FORCE,
        origin=Origin.NAMES,
        created_at=context.now(),
        note="按类目名称生成",
        published_at=context.now(),
    )


async def _complete_conditions(uow: UnitOfWork, standard: str, classes: Sequence[Category]) -> None:
    """A case cannot be filed without a condition: its limit hangs on it."""
    there = await uow.codes.first_conditions(standard)
    text, value, unit = FIRST_CONDITION
    missing = [c.code for c in classes if c.code not in there]
    await uow.codes.add_all([Condition(code, 1, text, value, unit.value, standard) for code in missing])


async def put_tree(context: Context, user: User, classes: Sequence[Category]) -> None:
    """Keeps a new scheme with one filing condition per class. Raises `InvalidInputError`."""
    standard = classes[0].standard if classes else ""
    if not 0 < len(standard.strip()) <= LONGEST_NAME:
        raise InvalidInputError("standard", f"请给这套分类起一个名字，最多 {LONGEST_NAME} 个字。")
    if len(classes) > MOST_CLASSES:
        raise InvalidInputError("file", f"一套分类最多 {MOST_CLASSES} 个小类，请分开或删减。")
    async with context.uow() as uow:
        if standard in await uow.codes.standards():
            raise InvalidInputError("standard", "已经有一套叫这个名字的分类，请换一个名字（如加上年份）。")
        await uow.codes.add_all(classes)
        await _complete_conditions(uow, standard, classes)
        _record(context, uow, user, 0, None, {"standard": standard, "classes": len(classes)})
        await uow.commit()
