"""A citizen who talks with the pure machine, and what others would say of the words."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from callcenter.domain.dialogue.machine import turn
from callcenter.domain.dialogue.state import State, dump, load
from callcenter.domain.dialogue.terms import (
    CHAT,
    Found,
    Heard,
    Manner,
    Own,
    Turn,
)
from callcenter.domain.places import PlaceCandidate, PlaceKind
from callcenter.domain.suggestions import Appeal, CategorySuggestion, Suggestion, Urgency

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
COLLAPSE = CategorySuggestion("事件|05|05", "路面塌陷", 0.92)
MAYBE = CategorySuggestion("事件|01|13", "道路破损", 0.5)
NUMBER = "20261120-0012"


def reading(*categories: CategorySuggestion, appeal: Appeal = Appeal.HELP, danger: str = "") -> Suggestion:
    kinds = (danger,) if danger else ()
    return Suggestion(categories, (), Urgency.CRITICAL if danger else Urgency.NORMAL, appeal, danger=kinds)


NOTHING = reading(appeal=Appeal.CONSULT)


def place(
    label: str = "文昌路与澜东大道交叉口", confidence: float = 0.9, question: str = ""
) -> PlaceCandidate:
    return PlaceCandidate(label, PlaceKind.CROSSING, 28.5, 118.5, 15, confidence, 0, 4, question=question)


def own(number: str = NUMBER, *, pending: bool = False, open_: bool = True, age_h: float = 1) -> Own:
    return Own(number, "路面塌陷", pending, open_, NOON - timedelta(hours=age_h))


@dataclass
class Citizen:
    """Talks with the machine and remembers what it said and did."""

    manner: Manner = CHAT
    own: tuple[Own, ...] = ()
    phone: str = ""
    state: State = field(default_factory=State)
    at: datetime = NOON
    waiting: bool = False
    did: list[object] = field(default_factory=list)

    def say(
        self, text: str = "", found: Suggestion = NOTHING, *places: PlaceCandidate, **more: object
    ) -> list[str]:
        answer = str(more.pop("answer", ""))
        named = str(more.pop("named", ""))
        heard = Heard(self.at, text, waiting=self.waiting, **more)  # type: ignore[arg-type]
        took: Turn = turn(
            self.state, heard, Found(found, found, places, answer, self.own, self.phone, named), self.manner
        )
        self.state = load(dump(took.state))  # as it comes back from the database
        self.did += took.actions
        self.told = took.says
        return [one.name for one in took.says]
