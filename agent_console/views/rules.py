"""Keyword tables, effects and acceptance as the rule laboratory shows them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from agent_console import schemas
from agent_console.schemas.rules import WordChange
from callcenter.domain.rule_figures import Figures, Flip, Share
from callcenter.domain.rules import (
    EXCLUSION,
    Acceptance,
    RuleEdit,
    RuleVersion,
    RuleWord,
    ShadowResult,
)
from callcenter.domain.suggestions import CategorySuggestion, SpanKind
from callcenter.usecases import rules
from callcenter.usecases.context import Context
from callcenter.usecases.rule_lab import Effect, Measuring

MOST_VERSIONS = 100
MOST_FLIPS = 500
EFFECT_WAIT_S = 1.0
NO_SUCH_CLASS = Share(0, 0)


async def state(context: Context) -> schemas.RuleState:
    standard = context.city.standard
    async with context.reading() as uow:
        found = await uow.rules.versions(standard, MOST_VERSIONS)
        shadows = {v.number: await uow.rules.shadow_result(v.number) for v in found if v.shadow_since}
    return schemas.RuleState(
        standard=standard,
        running=context.lab.running[1],
        versions=[version_out(one, shadows.get(one.number)) for one in found],
    )


def version_out(version: RuleVersion, shadow: ShadowResult | None = None) -> schemas.RuleVersionOut:
    return schemas.RuleVersionOut(
        number=version.number,
        standard=version.standard,
        phase=version.phase.value,
        origin=version.origin.value,
        created_at=version.created_at,
        created_by=version.created_by_name or "系统",
        base=version.base,
        note=version.note,
        revision=version.revision,
        published_at=version.published_at,
        published_by=version.published_by_name,
        shadow_since=version.shadow_since,
        shadow=schemas.ShadowOut.model_validate(shadow) if shadow else None,
    )


async def words(context: Context, number: int, code: str) -> list[schemas.WordOut]:
    """The words of one class beside those in force; a word that the draft took out stays to be seen."""
    base, table = await rules.tables(context, number)
    mine = [word for word in table.words if word.code == code]
    old = {word.term: word for word in base.words if word.code == code}
    there = {word.term for word in mine}
    gone = [word for term, word in old.items() if term not in there]
    hits = await asyncio.to_thread(context.lab.hits, [word.term for word in [*mine, *gone]])
    measured = bool(context.lab.samples)
    shown = [_word(word, old.get(word.term), hits[word.term] if measured else None) for word in mine]
    shown += [_gone(word, hits[word.term] if measured else None) for word in gone]
    return sorted(shown, key=lambda word: (-word.weight, -(word.hits or 0), word.term))


def _word(word: RuleWord, old: RuleWord | None, hits: Mapping[str, int] | None) -> schemas.WordOut:
    change: WordChange = "add" if old is None else ""
    if old is not None and old.enabled != word.enabled:
        change = "enable" if word.enabled else "disable"
    elif old is not None and (old.weight, old.kind) != (word.weight, word.kind):
        change = "change"
    was = old.weight if old is not None and old.weight != word.weight else None
    return _word_out(word, change, was, hits)


def _gone(word: RuleWord, hits: Mapping[str, int] | None) -> schemas.WordOut:
    return _word_out(word, "remove", None, hits)


def _word_out(
    word: RuleWord, change: WordChange, was: float | None, hits: Mapping[str, int] | None
) -> schemas.WordOut:
    total = sum(hits.values()) if hits is not None else None
    own = hits.get(word.code, 0) if hits is not None else None
    right = total - own if word.kind == EXCLUSION and total is not None and own is not None else own
    return schemas.WordOut(
        id=0 if change == "remove" else word.id,
        revision=word.revision,
        code=word.code,
        kind=word.kind,
        term=word.term,
        weight=word.weight,
        enabled=word.enabled,
        author=word.author or "系统",
        changed_at=word.changed_at,
        change=change,
        was=was,
        hits=total,
        right=right,
    )


async def effect(context: Context, number: int) -> schemas.EffectOut:
    measuring, found = await rules.measure(context, number, EFFECT_WAIT_S)
    return _effect(context, measuring, found)


def _effect(context: Context, measuring: Measuring, found: Effect | None) -> schemas.EffectOut:
    if found is None:
        return _unfinished(measuring)
    verdicts = [flip.verdict for flip in found.flips]
    return schemas.EffectOut(
        ready=True,
        done=measuring.done,
        total=measuring.total,
        base=found.base,
        version=found.version,
        reports=found.reports,
        seconds=found.seconds,
        first_before=_share(found.before.first),
        first=_share(found.after.first),
        among_before=_share(found.before.among),
        among=_share(found.after.among),
        classes=_classes(found.before, found.after),
        better=verdicts.count("better"),
        worse=verdicts.count("worse"),
        wrong=verdicts.count("wrong"),
        flips=[_flip(context, flip) for flip in found.flips[:MOST_FLIPS]],
    )


def _unfinished(measuring: Measuring) -> schemas.EffectOut:
    return schemas.EffectOut(
        ready=False,
        done=measuring.done,
        total=measuring.total,
        base=measuring.base[0],
        version=measuring.version[0],
        reports=0,
        seconds=0,
        first_before=None,
        first=None,
        among_before=None,
        among=None,
        classes=[],
        better=0,
        worse=0,
        wrong=0,
        flips=[],
    )


def _share(share: Share) -> schemas.ShareOut:
    return schemas.ShareOut(right=share.right, of=share.of, ratio=share.ratio)


def _classes(before: Figures, after: Figures) -> list[schemas.ClassEffect]:
    out = []
    for code in sorted(before.classes.keys() | after.classes.keys()):
        old, new = before.classes.get(code), after.classes.get(code)
        known = new or old
        assert known is not None  # it is in one of them
        out.append(
            schemas.ClassEffect(
                code=code,
                reports=known.recall.of,
                precision_before=old.precision.ratio if old else None,
                precision=new.precision.ratio if new else None,
                recall_before=old.recall.ratio if old else None,
                recall=new.recall.ratio if new else None,
            )
        )
    return out


def _flip(context: Context, flip: Flip) -> schemas.FlipOut:
    return schemas.FlipOut(
        report_id=flip.report.report_id,
        number=flip.report.number,
        content=context.lab.engine.hide(flip.report.content),
        before=flip.before,
        after=flip.after,
        chosen=flip.report.code,
        verdict=flip.verdict,
        words=list(flip.words),
    )


async def tried(context: Context, number: int, text: str) -> schemas.TryOut:
    _, table = await rules.tables(context, number)
    engine = context.lab.engine
    found = await asyncio.to_thread(lambda: engine.compile(table.words).rank(engine.read(text)))
    now = await asyncio.to_thread(context.classifier.suggest, text)
    return schemas.TryOut(
        classes=[_tried(one) for one in found],
        now=[_tried(one) for one in now.categories],
        places=[span.text for span in now.spans if span.kind is SpanKind.PLACE],
    )


def _tried(one: CategorySuggestion) -> schemas.TriedClass:
    return schemas.TriedClass(
        code=one.code, name=one.name, confidence=one.confidence, because=list(one.because)
    )


def edit_out(edit: RuleEdit) -> schemas.RuleEditOut:
    return schemas.RuleEditOut(
        at=edit.at,
        user=edit.user_name,
        action=edit.action,
        code=edit.code,
        term=edit.term,
        before=edit.before,
        after=edit.after,
    )


def acceptance(found: Sequence[Acceptance]) -> schemas.AcceptanceOut:
    """Per class, most shown first, and over all."""
    classes: dict[str, list[Acceptance]] = defaultdict(list)
    days: dict[str, list[Acceptance]] = defaultdict(list)
    for one in found:
        classes[one.code].append(one)
        days[one.day].append(one)
    rows = [_accepted(code, of_class) for code, of_class in classes.items()]
    return schemas.AcceptanceOut(
        days=[_day(day, of_day) for day, of_day in sorted(days.items())],
        classes=sorted(rows, key=lambda row: -row.shown),
    )


def _accepted(code: str, found: Sequence[Acceptance]) -> schemas.AcceptanceClass:
    sums = _day("", found)
    return schemas.AcceptanceClass(
        code=code,
        shown=sums.shown,
        first=sums.first,
        among=sums.among,
        days=[_day(one.day, [one]) for one in found],
    )


def _day(day: str, found: Iterable[Acceptance]) -> schemas.AcceptanceDay:
    several = list(found)
    return schemas.AcceptanceDay(
        day=day,
        shown=sum(one.shown for one in several),
        first=sum(one.first for one in several),
        among=sum(one.among for one in several),
    )
