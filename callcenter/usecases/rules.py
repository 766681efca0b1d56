"""The life of a keyword table: draft, words changed, published, in shadow, rolled back. Every act recorded.

What runs follows the database (`follow`): after a publication here at once, on other nodes by the tick.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog

from callcenter.domain.codes import GBT30428_2013
from callcenter.domain.errors import ConflictError, InvalidInputError, NotFoundError
from callcenter.domain.rules import (
    EVERY_CLASS,
    MOST_WORDS,
    Change,
    Origin,
    Phase,
    RuleEdit,
    RuleVersion,
    RuleWord,
    changes,
)
from callcenter.domain.staff import User
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context
from callcenter.usecases.rule_lab import Effect, Measuring, Shadow, Table

log = structlog.get_logger(__name__)

STANDARD = "standard"  # the setting that names the scheme in force
MANY = 1_000
ALL = "全部"  # the name of EVERY_CLASS
_STALE = "刚才有人改了这个词，请看一眼再改；您填写的内容还在。"


# ------------------------------------------------------------------------------------- what runs


async def begin(context: Context) -> None:
    """At the start of the service: the shipped table becomes version 1, a newer one a version more.

    Where the city has published words of its own they stay in force.
    """
    shipped = await asyncio.to_thread(context.lab.engine.shipped)
    with suppress(ConflictError):  # another node was faster, with the same table
        await _keep_shipped(context, shipped)
    await follow(context)


async def _keep_shipped(context: Context, words: Sequence[RuleWord]) -> None:
    now, digest = context.now(), _digest(words)
    async with context.uow() as uow:
        await uow.rules.take_turn()
        if any(version.digest == digest for version in await uow.rules.versions(GBT30428_2013, MANY)):
            return
        before = await uow.rules.in_phase(GBT30428_2013, Phase.IN_FORCE)
        version = RuleVersion(
            number=await uow.rules.last_number() + 1,
            standard=GBT30428_2013,
            phase=Phase.RETIRED,
            origin=Origin.SHIPPED,
            created_at=now,
            digest=digest,
            note="随软件提供",
            published_at=now,
        )
        if before is None or before.origin is Origin.SHIPPED:
            if before is not None:
                before.move(Phase.RETIRED, now)
            version.move(Phase.IN_FORCE, now)
        await uow.rules.add(version, words)
        await uow.commit()


def _digest(words: Sequence[RuleWord]) -> str:
    lines = "\n".join(f"{word.code},{word.kind},{word.term},{word.weight}" for word in words)
    return hashlib.sha256(lines.encode()).hexdigest()


async def follow(context: Context) -> None:
    """Makes what runs what the database says: scheme, table in force, table in shadow."""
    lab = context.lab
    async with lab.switching:
        async with context.reading() as uow:
            standard = await uow.rules.setting(STANDARD) or context.city.standard
            in_force = await uow.rules.in_phase(standard, Phase.IN_FORCE)
            shadow = await uow.rules.in_phase(standard, Phase.SHADOW)
            number = in_force.number if in_force else 0
            shadow_number = shadow.number if shadow else 0
            words = await uow.rules.words(number) if lab.running != (standard, number) else None
            shadowing = lab.shadow.number if lab.shadow else 0
            shadow_words = await uow.rules.words(shadow_number) if shadowing != shadow_number else None
        if words is not None:
            await asyncio.to_thread(lab.engine.use, words, str(number))
            lab.running = (standard, number)
            context.city = replace(context.city, standard=standard)
            log.info("rules_in_force", version=number, standard=standard)
        if shadow_words is not None:
            rules = await asyncio.to_thread(lab.engine.compile, shadow_words)
            lab.shadow = Shadow(shadow_number, rules) if shadow_number else None


# ---------------------------------------------------------------------------- versions and phases


async def open_draft(context: Context, user: User, base: int = 0) -> RuleVersion:
    """The draft of the scheme in force; a new one is a copy of `base` (0 = the version in force)."""
    standard, now = context.city.standard, context.now()
    async with context.uow() as uow:
        await uow.rules.take_turn()
        there = await uow.rules.in_phase(standard, Phase.DRAFT)
        if there is not None:
            return there
        source = await (uow.rules.version(base) if base else uow.rules.in_phase(standard, Phase.IN_FORCE))
        if source is None or source.standard != standard:
            raise NotFoundError("这一版词表")
        draft = RuleVersion(
            number=await uow.rules.last_number() + 1,
            standard=standard,
            phase=Phase.DRAFT,
            origin=Origin.CITY,
            created_at=now,
            created_by=user.id,
            created_by_name=user.name,
            base=source.number,
        )
        words = await uow.rules.words(source.number)
        await uow.rules.add(draft, words)
        _record(context, uow, user, draft.number, "open", after={"base": source.number})
        await uow.commit()
    return draft


async def move(context: Context, user: User, number: int, action: str, note: str = "") -> RuleVersion:
    """publish, shadow, stop (back to draft), discard or rollback. What runs follows at once."""
    target = ACTIONS[action]
    async with context.uow() as uow:
        await uow.rules.take_turn()
        version = await _version(uow, number, lock=True)
        if (action == "rollback") != (version.phase is Phase.RETIRED):
            raise ConflictError("这一版现在不能这样操作，可能刚被别人改过，请刷新后再试。")
        before = version.phase
        await _make_room(context, uow, version, target)
        version.move(target, context.now())
        version.note = note or version.note
        if target is Phase.IN_FORCE:
            version.published_at = version.published_at or context.now()
            version.published_by_name = user.name
        _record(context, uow, user, number, action, {"phase": before.value}, {"phase": target.value})
        await uow.commit()
    await follow(context)
    tell(context)
    return version


def tell(context: Context) -> None:
    """Consoles ask anew: for the categories of the form, too. Only once it runs, else they get the old."""
    context.live.publish("office", "rules.changed", {"version": context.lab.running[1]})


ACTIONS = {
    "publish": Phase.IN_FORCE,
    "rollback": Phase.IN_FORCE,
    "shadow": Phase.SHADOW,
    "stop": Phase.DRAFT,
    "discard": Phase.RETIRED,
}


async def _make_room(context: Context, uow: UnitOfWork, version: RuleVersion, target: Phase) -> None:
    """One version of a scheme is in force, one in shadow, one a draft."""
    there = await uow.rules.in_phase(version.standard, target) if target is not Phase.RETIRED else None
    if there is None or there.number == version.number:
        return
    if target is not Phase.IN_FORCE:
        what = "影子运行" if target is Phase.SHADOW else "草稿"
        raise ConflictError(f"第 {there.number} 版正在{what}，请先处理它。")
    there.move(Phase.RETIRED, context.now())


async def _version(uow: UnitOfWork, number: int, *, lock: bool = False) -> RuleVersion:
    found = await uow.rules.version(number, lock=lock)
    if found is None:
        raise NotFoundError("这一版词表")
    return found


def _record(
    context: Context,
    uow: UnitOfWork,
    user: User,
    number: int,
    action: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    shown = after or before or {}
    uow.rules.log(
        RuleEdit(
            id=context.ids.new(),
            version=number,
            at=context.now(),
            user_id=user.id,
            user_name=user.name,
            action=action,
            code=shown.get("code", ""),
            term=shown.get("term", ""),
            before=before,
            after=after,
        )
    )


# -------------------------------------------------------------------------------- words of a draft


async def put_word(context: Context, user: User, number: int, word: RuleWord) -> RuleWord:
    """Add it (id 0) or change the one with its id. Raises `InvalidInputError`, `ConflictError`."""
    word = replace(word, term=word.term.strip(), author=user.name, changed_at=context.now())
    word.check()
    async with context.uow() as uow:
        version = await _draft(uow, number)
        word = replace(word, name=await _name(uow, version.standard, word.code))
        await _refuse_twin(uow, number, word)
        before = await uow.rules.word(number, word.id) if word.id else None
        if word.id and (before is None or not await uow.rules.change_word(number, word)):
            raise ConflictError(_STALE)
        word_id = word.id or await uow.rules.add_word(number, word)
        _record_change(context, uow, user, version, Change(before, word))
        await uow.commit()
    return replace(word, id=word_id, revision=word.revision + bool(word.id))


async def drop_word(context: Context, user: User, number: int, word_id: int, revision: int) -> None:
    async with context.uow() as uow:
        version = await _draft(uow, number)
        word = await uow.rules.word(number, word_id)
        if word is None or not await uow.rules.drop_word(number, replace(word, revision=revision)):
            raise ConflictError(_STALE)
        _record_change(context, uow, user, version, Change(word, None))
        await uow.commit()


async def take_over(
    context: Context, user: User, number: int, words: Sequence[RuleWord], *, apply: bool
) -> list[Change]:
    """The draft becomes this table; returns what changes. Without `apply` nothing does."""
    if len(words) > MOST_WORDS:
        raise InvalidInputError("file", f"词表最多 {MOST_WORDS} 个词，请分开或删减。")
    now = context.now()
    async with context.uow() as uow:
        version = await _draft(uow, number)
        before = await uow.rules.words(number)
        found = changes(before, words)
        if apply and found:
            fresh = {change.after.key for change in found if change.after}
            signed = [replace(w, author=user.name, changed_at=now) if w.key in fresh else w for w in words]
            await uow.rules.replace_words(number, signed)
            for change in found:
                _record_change(context, uow, user, version, change)
            await uow.commit()
    return found


async def _draft(uow: UnitOfWork, number: int) -> RuleVersion:
    version = await _version(uow, number, lock=True)
    version.must_be_draft()
    return version


async def _name(uow: UnitOfWork, standard: str, code: str) -> str:
    if code == EVERY_CLASS:
        return ALL
    category = await uow.codes.category(standard, code)
    if category is None:
        raise InvalidInputError("code", "现行分类里没有这个类目，请重新选择。")
    return category.name


async def _refuse_twin(uow: UnitOfWork, number: int, word: RuleWord) -> None:
    twin = await uow.rules.find_word(number, word.code, word.term)
    if twin is not None and twin.id != word.id:
        raise InvalidInputError("term", "这个类目里已经有这个词，请直接改那一条。")


def _record_change(
    context: Context, uow: UnitOfWork, user: User, version: RuleVersion, change: Change
) -> None:
    before = change.before.record() if change.before else None
    after = change.after.record() if change.after else None
    version.revision += 1
    _record(context, uow, user, version.number, change.action, before, after)


# -------------------------------------------------------------------------------------- measuring


async def tables(context: Context, number: int) -> tuple[Table, Table]:
    """The version in force and the one asked for."""
    async with context.reading() as uow:
        asked = await _version(uow, number)
        base = await uow.rules.in_phase(asked.standard, Phase.IN_FORCE) or asked
        draft = Table.of(asked, await uow.rules.words(number))
        same = base.number == number
        return draft if same else Table.of(base, await uow.rules.words(base.number)), draft


def _begin_anew(context: Context, ended: Measuring) -> None:
    """A measurement that failed is not asked again; one that began meanwhile is left alone."""
    if context.lab.measuring is ended:
        context.lab.measuring = None


async def measure(context: Context, number: int, wait_s: float) -> tuple[Measuring, Effect | None]:
    """Begins or continues a measurement; the effect when it is there within `wait_s` seconds."""
    base, draft = await tables(context, number)
    measuring = context.lab.measure(context.reading, context.city.standard, base, draft)
    assert measuring.task is not None  # given when it was begun
    done, _ = await asyncio.wait({measuring.task}, timeout=wait_s)
    if done and (measuring.task.cancelled() or measuring.task.exception() is not None):
        _begin_anew(context, measuring)
    return measuring, measuring.task.result() if done and not measuring.task.cancelled() else None
