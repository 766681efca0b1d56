"""Suggestions while the seat types: category, place, urgency, duplicates, department. Proposals only."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.domain.cases import Case
from callcenter.domain.codes import Condition, DispatchRule, Knowledge
from callcenter.domain.places import PlaceCandidate, distance_m
from callcenter.domain.suggestions import Suggestion
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context

DUPLICATE_RADIUS_M = 300.0
DUPLICATE_AGE = timedelta(days=3)
SURE_PLACE = 0.6
KEEP_SCORE = 0.35


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An open case that may be the same matter. `score` 0 to 1; `distance_m` None = no place."""

    case: Case
    score: float
    distance_m: float | None
    same_caller: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    suggestion: Suggestion
    places: Sequence[PlaceCandidate]
    limits: Mapping[str, Condition]
    duplicates: Sequence[Duplicate]
    knowledge: Sequence[Knowledge]


@dataclass(frozen=True, slots=True)
class Asked:
    text: str
    contact_id: str = ""
    category: str = ""
    lat: float | None = None
    lon: float | None = None


async def propose(context: Context, asked: Asked) -> Proposal:
    """Everything one text gives rise to. The text work runs beside the loop, which must not wait."""
    suggestion, places = await asyncio.to_thread(_read, context, asked.text)
    async with context.reading() as uow:
        limits = await uow.codes.first_conditions(context.city.standard)
        duplicates = await _duplicates(context, uow, asked, suggestion, places)
        knowledge = _fitting(await uow.codes.knowledge(), asked.text)
    return Proposal(suggestion, places, limits, duplicates, knowledge)


def _read(context: Context, text: str) -> tuple[Suggestion, Sequence[PlaceCandidate]]:
    return context.classifier.suggest(text), context.geocoder.candidates(text)


async def _duplicates(
    context: Context,
    uow: UnitOfWork,
    asked: Asked,
    suggestion: Suggestion,
    places: Sequence[PlaceCandidate],
) -> list[Duplicate]:
    now = context.now()
    category = asked.category or (suggestion.categories[0].code if suggestion.categories else "")
    at = _point(asked, places)
    own = await uow.cases.open_of_contact(asked.contact_id) if asked.contact_id else []
    near = await uow.cases.open_near(*at, DUPLICATE_RADIUS_M, now - DUPLICATE_AGE) if at else []
    own_ids = {case.id for case in own}
    found = {case.id: case for case in [*own, *near]}
    scored = [_score(case, category, at, now, same_caller=case.id in own_ids) for case in found.values()]
    kept = [duplicate for duplicate in scored if duplicate.score >= KEEP_SCORE]
    return sorted(kept, key=lambda duplicate: -duplicate.score)[:3]


def _point(asked: Asked, places: Sequence[PlaceCandidate]) -> tuple[float, float] | None:
    if asked.lat is not None and asked.lon is not None:
        return asked.lat, asked.lon
    if places and places[0].confidence >= SURE_PLACE:
        return places[0].lat, places[0].lon
    return None


def _score(
    case: Case, category: str, at: tuple[float, float] | None, now: datetime, *, same_caller: bool
) -> Duplicate:
    """Same class counts most, then nearness, then freshness; the same caller makes up for a place."""
    away = (
        distance_m(*at, case.lat, case.lon) if at and case.lat is not None and case.lon is not None else None
    )
    same_class = (
        1.0 if case.category == category else 0.4 if _major(case.category) == _major(category) else 0.0
    )
    near = 0.0 if away is None else max(0.0, 1 - away / DUPLICATE_RADIUS_M)
    fresh = max(0.0, 1 - (now - case.reported_at) / DUPLICATE_AGE)
    score = 0.5 * same_class + 0.35 * max(near, 0.6 if same_caller else 0.0) + 0.15 * fresh
    return Duplicate(case, round(score if same_class else score / 2, 3), away, same_caller)


def _major(code: str) -> str:
    return code.rpartition("|")[0]


def _fitting(entries: Sequence[Knowledge], text: str) -> list[Knowledge]:
    """Entries of which a key word stands in the text, most words first."""
    hits = [(sum(word in text for word in entry.words.split()), entry) for entry in entries]
    return [entry for count, entry in sorted(hits, key=lambda hit: -hit[0]) if count][:3]


def advise(rules: Sequence[DispatchRule], category: str, district: str) -> DispatchRule | None:
    """派单目录: the longest category wins, then the rule of the district (先属主后属地)."""
    fitting = [
        rule
        for rule in rules
        if f"{category}|".startswith(f"{rule.category}|") and rule.district in {"", district}
    ]
    return max(fitting, key=lambda rule: (len(rule.category), bool(rule.district)), default=None)
