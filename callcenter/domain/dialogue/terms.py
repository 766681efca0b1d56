"""What goes into the dialogue and what comes out of it: messages, findings, sentences by name, actions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from callcenter.domain.dialogue.commands import Command
from callcenter.domain.dialogue.state import Draft, State, Step
from callcenter.domain.messages import Kind
from callcenter.domain.places import PlaceCandidate
from callcenter.domain.suggestions import Suggestion


@dataclass(frozen=True, slots=True)
class Manner:
    """What a channel allows. `letters`: whole letters, so one question at most and no confirming."""

    photos: bool = True
    letters: bool = False


MANNERS: Mapping[str, Manner] = {
    "sms": Manner(photos=False),
    "email": Manner(photos=False, letters=True),
}
CHAT = Manner()


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the citizen. `waiting`: a person is wanted already and comes."""

    at: datetime
    text: str = ""
    kind: Kind = Kind.TEXT
    event: str = ""
    lat: float | None = None
    lon: float | None = None
    label: str = ""
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """A matter of this citizen: a report that nobody registered yet (`pending`), or a case."""

    number: str
    title: str
    pending: bool
    open: bool
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class Texts:
    """What to read of a message: its matter, its place, and the whole matter with what was said before."""

    matter: str
    place: str
    whole: str


@dataclass(frozen=True, slots=True)
class Found:
    """What others say: of the texts (see `Texts`), of the citizen. `answer` = an approved knowledge entry;
    `named` = the number that this message answers by its thread or by the digits behind our number.
    """

    reading: Suggestion
    whole: Suggestion
    places: Sequence[PlaceCandidate] = ()
    answer: str = ""
    own: Sequence[Own] = ()
    phone: str = ""
    named: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence by name, see `usecases.sentences`."""

    name: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lodge:
    draft: Draft


@dataclass(frozen=True, slots=True)
class Add:
    number: str
    words: str


@dataclass(frozen=True, slots=True)
class Progress:
    number: str  # '' = all open ones of the citizen
    code: str = ""


@dataclass(frozen=True, slots=True)
class Urge:
    number: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Withdraw:
    number: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class AskRating:
    number: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Rated:
    number: str
    words: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Subscribe:
    wanted: bool


Action = Lodge | Add | Progress | Urge | Withdraw | AskRating | Rated | HandOver | Subscribe


@dataclass(frozen=True, slots=True)
class Turn:
    """`says` go out before what the `actions` bring as answers."""

    state: State
    says: tuple[Say, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Now:
    """Everything that one turn looks at."""

    state: State
    heard: Heard
    found: Found
    manner: Manner
    command: Command

    def to(self, step: Step, *says: Say, actions: tuple[Action, ...] = (), **changes: object) -> Turn:
        return Turn(replace(self.state, step=step, misses=0, **changes), says, actions)  # type: ignore[arg-type]
