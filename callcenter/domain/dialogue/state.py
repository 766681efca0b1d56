"""What the dialogue with a citizen remembers between two messages, and how it is kept as JSON.

Survives days of silence and newer versions of itself: what it cannot read it forgets, and begins anew.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

VERSION = 1
MOST_SAID, LONGEST_SAID = 60, 1_000
LONGEST_MATTER = 4_000
SAME_ANSWERS = 2  # so often in a row the same answer may go out
SAME_WITHIN = timedelta(hours=6)
ANSWERS_IN_A_ROW, ROW = 30, timedelta(hours=1)  # more than people need: a machine is at the other end


class Step(StrEnum):
    """What the citizen was asked last."""

    OPEN = "open"  # nothing
    WHAT = "what"
    WHERE = "where"
    PHOTO = "photo"
    PHONE = "phone"
    CONFIRM = "confirm"
    RESUME = "resume"  # whether the new matter belongs to the old one
    WITHDRAW = "withdraw"  # whether they mean it
    RATE = "rate"


COLLECTING = frozenset({Step.WHAT, Step.WHERE, Step.PHOTO, Step.PHONE, Step.CONFIRM})
DRAFTING = COLLECTING | {Step.RESUME}


@dataclass(frozen=True, slots=True)
class Draft:
    """The report as far as it was told. `asked`: step -> how often the citizen was asked."""

    what: str = ""
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    phone: str = ""
    may_call: bool = True
    doubt: str = ""  # what the place finder wants to know more exactly
    category: str = ""
    photos: int = 0
    asked: Mapping[str, int] = field(default_factory=dict)

    @property
    def located(self) -> bool:
        return self.lat is not None

    def times(self, step: Step) -> int:
        return self.asked.get(step.value, 0)

    def ask(self, step: Step) -> "Draft":
        return replace(self, asked={**self.asked, step.value: self.times(step) + 1})

    def with_words(self, words: str) -> "Draft":
        told = "，".join(part for part in (self.what, words.strip()) if part)
        return replace(self, what=told[:LONGEST_MATTER])


@dataclass(frozen=True, slots=True)
class State:
    step: Step = Step.OPEN
    draft: Draft = Draft()
    about: str = ""  # the number that WITHDRAW and RATE ask about
    code: str = ""  # the access code that came with it
    held: str = ""  # a new matter that waits for the answer to RESUME
    misses: int = 0  # messages in a row that meant nothing to us
    wrong_codes: int = 0
    danger: bool = False  # a danger was told: before all others
    person: bool = False  # they asked for a person, or we did not understand
    said: tuple[str, ...] = ()  # everything that belongs into a report
    heard_at: datetime | None = None
    last: str = ""  # our last answer
    repeats: int = 0
    answered_at: datetime | None = None
    row: int = 0  # answers since `row_from`
    row_from: datetime | None = None

    @property
    def facts(self) -> str:
        return "\n".join(self.said)

    def heard(self, words: str, now: datetime) -> "State":
        """`words` '' = nothing that belongs into a report."""
        kept = words.strip()[:LONGEST_SAID]
        said = (*self.said, kept)[-MOST_SAID:] if kept and kept not in self.said else self.said
        return replace(self, said=said, heard_at=now)


def answer_once(state: State, text: str, now: datetime) -> tuple[State, bool]:
    """Whether this answer may go out: none is repeated for ever, and no machine is kept talking."""
    recent = state.answered_at is not None and now - state.answered_at < SAME_WITHIN
    repeats = state.repeats + 1 if recent and text == state.last else 1
    in_row = state.row_from is not None and now - state.row_from < ROW
    row = state.row + 1 if in_row else 1
    goes = repeats <= SAME_ANSWERS and row <= ANSWERS_IN_A_ROW
    noted = replace(
        state,
        last=text,
        repeats=repeats,
        row=row,
        row_from=state.row_from if in_row else now,
        answered_at=now,
    )
    return noted, goes


_TIMES = ("heard_at", "answered_at", "row_from")


def dump(state: State) -> dict[str, Any]:
    kept = asdict(state)
    for name in _TIMES:
        kept[name] = kept[name].isoformat() if kept[name] else None
    return {"v": VERSION, **kept, "said": list(state.said)}


def load(kept: Mapping[str, Any]) -> State:
    """Another version, or none: a fresh start that keeps what the citizen said."""
    said = tuple(str(words) for words in kept.get("said", ()))
    try:
        return _read(kept, said) if kept.get("v") == VERSION else State(said=said)
    except (KeyError, TypeError, ValueError):
        return State(said=said)


def _read(kept: Mapping[str, Any], said: tuple[str, ...]) -> State:
    given = {name: value for name, value in kept.items() if name != "v"}
    for name in _TIMES:
        given[name] = datetime.fromisoformat(given[name]) if given[name] else None
    draft = Draft(**given.pop("draft"))
    return State(**{**given, "draft": draft, "step": Step(given["step"]), "said": said})
