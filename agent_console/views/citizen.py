"""What the citizens' pages show, from what the use cases found."""

from agent_console.schemas import citizen as shapes
from callcenter.domain import progress
from callcenter.domain.contacts import mask
from callcenter.domain.places import Place, PlaceCandidate
from callcenter.domain.reports import Decision
from callcenter.domain.suggestions import SpanKind, Suggestion
from callcenter.domain.workflow import State
from callcenter.usecases.citizen import Looked
from callcenter.usecases.citizen_talk import Talk
from callcenter.usecases.positions import Pin

LIKELY = 0.15  # a class below that would only confuse
HINTS = 3
RATED_STATES = frozenset({State.CLOSED, State.FORCED_CLOSE})


def hints(read: Suggestion, places: list[PlaceCandidate]) -> shapes.CitizenHints:
    likely = [one for one in read.categories if one.confidence >= LIKELY]
    return shapes.CitizenHints(
        categories=[shapes.ClassHint(code=one.code, name=one.name) for one in likely[:HINTS]],
        places=[
            shapes.SpotHint(
                label=one.label,
                detail=one.grid.district + one.grid.street if one.grid else "",
                lat=one.lat,
                lon=one.lon,
            )
            for one in places[:HINTS]
        ],
        danger=_dangers(read),
    )


def _dangers(read: Suggestion) -> list[str]:
    """In the citizen's own words."""
    said = dict.fromkeys(span.text for span in read.spans if span.kind is SpanKind.DANGER)
    return list(said)[:HINTS] if read.danger else []


def place(found: Place) -> shapes.SpotHint:
    detail = found.district + found.street
    return shapes.SpotHint(label=found.name, detail=detail, lat=found.lat, lon=found.lon)


def looked(found: Looked) -> shapes.ProgressOut:
    report, case = found.report, found.case
    now = progress.standing(report, case)
    return shapes.ProgressOut(
        number=report.number,
        title=report.title,
        content=report.content,
        place=report.place,
        phone=mask(report.phone) if report.phone else "",
        photos=len(found.photos),
        filed_at=report.filed_at,
        state=now.state,
        stage=now.stage,
        stages=list(progress.STAGES),
        ended=now.ended,
        due_at=case.handle_due_at if case and not now.ended else None,
        answer=(case.result if case and now.ended else "") or report.answer,
        history=[
            shapes.HappenedOut(at=one.at, title=one.title, detail=one.detail)
            for one in progress.history(report, case, found.steps, found.departments)
        ],
        urged_today=found.urged_today,
        may=_may(found, ended=now.ended),
        rated_score=found.rated.score if found.rated else None,
        rated_solved=found.rated.solved if found.rated else None,
    )


def _may(found: Looked, *, ended: bool) -> shapes.MayOut:
    case = found.case
    return shapes.MayOut(
        urge=case is not None and not ended and not found.urged_today,
        withdraw=not ended and (case is not None or found.report.decision is Decision.PENDING),
        rate=case is not None and case.state in RATED_STATES and found.rated is None,
    )


def talk(found: Talk) -> shapes.TalkOut:
    return shapes.TalkOut(
        is_open=found.is_open,
        with_person=found.with_person,
        lines=[
            shapes.LineOut(id=one.id, at=one.at, author=one.author, text=one.text, files=list(one.files))
            for one in found.lines
        ],
    )


def pin(found: Pin, area: str) -> shapes.PinOut:
    link = found.link
    return shapes.PinOut(
        id=link.id,
        sent_at=link.created_at,
        alive=found.alive,
        opened_at=link.opened_at,
        placed_at=link.sent_at,
        lat=link.lat,
        lon=link.lon,
        accuracy_m=link.accuracy_m,
        area=area,
        photos=[f"/api/positions/photos/{photo.id}" for photo in found.photos],
    )
