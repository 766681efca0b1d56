"""Suggestions while the seat types: category, place, urgency, duplicates, department. Proposals only."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callcenter.domain.codes import Condition, DispatchRule, Knowledge
from callcenter.domain.duplicates import Spot
from callcenter.domain.places import PlaceCandidate
from callcenter.domain.suggestions import Suggestion
from callcenter.usecases.context import Context
from callcenter.usecases.duplicates import Duplicate, Form

SURE_PLACE = 0.6


@dataclass(frozen=True, slots=True)
class Proposal:
    suggestion: Suggestion
    places: Sequence[PlaceCandidate]
    limits: Mapping[str, Condition]
    duplicates: Sequence[Duplicate]
    knowledge: Sequence[Knowledge]


@dataclass(frozen=True, slots=True)
class Asked:
    """The form so far. `place` and the point are what the seat has chosen, not what was proposed."""

    text: str
    contact_id: str = ""
    category: str = ""
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None


async def propose(context: Context, asked: Asked) -> Proposal:
    """Everything one text gives rise to. The text work runs beside the loop, which must not wait."""
    suggestion, places = await asyncio.to_thread(_read, context, asked.text)
    async with context.reading() as uow:
        limits = await uow.codes.first_conditions(context.city.standard)
        form = _form(asked, suggestion, places)
        duplicates = await context.duplicates.find(uow, form, context.now())
        knowledge = _fitting(await uow.codes.knowledge(), asked.text)
    return Proposal(suggestion, places, limits, duplicates, knowledge)


def _read(context: Context, text: str) -> tuple[Suggestion, Sequence[PlaceCandidate]]:
    return context.classifier.suggest(text), context.geocoder.candidates(text)


def _form(asked: Asked, suggestion: Suggestion, places: Sequence[PlaceCandidate]) -> Form:
    classes = {category.code: category.confidence for category in suggestion.categories}
    return Form(
        text=asked.text,
        place=asked.place or " ".join(span.text for span in suggestion.locations),
        spot=_spot(asked, places),
        classes=classes | ({asked.category: 1.0} if asked.category else {}),
        contact_id=asked.contact_id,
    )


def _spot(asked: Asked, places: Sequence[PlaceCandidate]) -> Spot | None:
    if asked.lat is not None and asked.lon is not None:
        return Spot(asked.lat, asked.lon, asked.radius_m or 0.0)
    if places and places[0].confidence >= SURE_PLACE:
        return Spot(places[0].lat, places[0].lon, places[0].radius_m)
    return None


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
