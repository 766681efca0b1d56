"""Suggestions as the form shows them: with confidence, reason and what follows from a choice."""

from agent_console import schemas
from callcenter.domain.codes import Knowledge
from callcenter.domain.places import PlaceCandidate
from callcenter.domain.suggestions import Matter
from callcenter.usecases.context import Context
from callcenter.usecases.duplicates import Duplicate
from callcenter.usecases.suggesting import Proposal

MAX_TITLE = 50


def suggest_reply(context: Context, proposal: Proposal) -> schemas.SuggestReply:
    found = proposal.suggestion
    return schemas.SuggestReply(
        categories=[
            schemas.CategoryOut(
                code=category.code,
                name=category.name,
                confidence=category.confidence,
                because=list(category.because),
                limit=proposal.limits[category.code].limit.label if category.code in proposal.limits else "",
            )
            for category in found.categories
        ],
        matters=[matter_out(matter) for matter in found.matters],
        places=[place_out(place) for place in proposal.places],
        urgency=found.urgency.value,
        appeal=found.appeal.value,
        spans=[
            schemas.SpanOut(start=span.start, end=span.end, text=span.text, kind=span.kind.value)
            for span in found.spans
        ],
        danger=list(found.danger),
        elements=sorted(found.elements),
        duplicates=[duplicate_out(context, duplicate) for duplicate in proposal.duplicates],
        title=_title(proposal),
        knowledge=[knowledge_out(entry) for entry in proposal.knowledge],
        version=found.version,
    )


def _title(proposal: Proposal) -> str:
    place = proposal.places[0].label if proposal.places else ""
    category = proposal.suggestion.categories[0].name if proposal.suggestion.categories else ""
    return f"{place}{category}"[:MAX_TITLE] if category else ""


def matter_out(matter: Matter) -> schemas.MatterOut:
    best = matter.categories[0]
    return schemas.MatterOut(
        start=matter.start,
        end=matter.end,
        text=matter.text,
        code=best.code,
        name=best.name,
        confidence=best.confidence,
    )


def place_out(place: PlaceCandidate) -> schemas.PlaceOut:
    grid = place.grid
    return schemas.PlaceOut(
        label=place.label,
        detail=place.detail,
        kind=place.kind.value,
        lat=place.lat,
        lon=place.lon,
        radius_m=place.radius_m,
        confidence=place.confidence,
        start=place.start,
        end=place.end,
        grid=grid.code if grid else "",
        grid_label=grid.name if grid else "",
        district=grid.district if grid else "",
        street=grid.street if grid else "",
        community=grid.community if grid else "",
        question=place.question,
    )


def duplicate_out(context: Context, duplicate: Duplicate) -> schemas.DuplicateOut:
    """Of a confidential case nothing is told but that it is there."""
    case, hidden = duplicate.case, duplicate.case.confidential
    return schemas.DuplicateOut(
        case_number=case.number,
        title="保密件" if hidden else case.title,
        state=case.state.value,
        distance_m=duplicate.distance_m,
        age_s=(context.now() - case.reported_at).total_seconds(),
        reporters=case.reporters,
        score=duplicate.score,
        same_caller=duplicate.same_caller,
        same_category=duplicate.same_class,
        category_name=case.category_name,
        place="" if hidden else case.place,
        same=[] if hidden else list(duplicate.same),
    )


def knowledge_out(entry: Knowledge) -> schemas.KnowledgeOut:
    return schemas.KnowledgeOut(
        id=entry.id, title=entry.title, department=entry.department, summary=entry.summary
    )
