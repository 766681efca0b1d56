"""What every use case may use. One object, made once by the composition root (or a test)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from callcenter.domain.deadlines import WorkCalendar
from callcenter.domain.followups import FollowUpPolicy
from callcenter.ports import (
    Classifier,
    Clock,
    Geocoder,
    Ids,
    Learner,
    LiveEvents,
    MediaStore,
    NumberPlaces,
    Passwords,
    Pictures,
    Redactor,
    Sounds,
    Telephony,
    Templates,
)
from callcenter.store import UnitOfWorkFactory
from callcenter.usecases.daybook import DayBook
from callcenter.usecases.duplicates import DuplicateFinder
from callcenter.usecases.guesses import Guesses
from callcenter.usecases.presence import Presence
from callcenter.usecases.rule_lab import RuleLab


@dataclass(frozen=True)
class City:
    """Settings that the rules need, as plain values."""

    name: str
    standard: str  # the category table in force
    numbers: tuple[str, ...]
    always_open: bool
    text_channel: str  # the channel that carries texts to citizens
    session_hours: float = 12.0
    emergency: tuple[str, ...] = ()
    # free digits behind our number for texts, by account
    extension_digits: Mapping[str, int] = field(default_factory=dict)
    public_url: str = ""  # where citizens reach the pages for them, '' = nowhere


@dataclass
class Context:
    uow: UnitOfWorkFactory
    reading: UnitOfWorkFactory  # the same, for looking only: waits for no writer, commits nothing
    clock: Clock
    ids: Ids
    live: LiveEvents
    telephony: Telephony
    classifier: Classifier
    geocoder: Geocoder
    numbers: NumberPlaces
    passwords: Passwords
    templates: Templates
    calendar: WorkCalendar
    followup: FollowUpPolicy
    city: City
    redactor: Redactor
    duplicates: DuplicateFinder
    lab: RuleLab
    learner: Learner
    media: MediaStore
    pictures: Pictures
    sounds: Sounds
    day: DayBook = field(default_factory=DayBook)
    presence: Presence = field(default_factory=Presence)
    guesses: Guesses = field(default_factory=Guesses)
    wake_relay: Callable[[], None] = lambda: None  # a text was committed; without it a poll finds it
    wake_inbox: Callable[[], None] = lambda: None  # the same for what came in

    def now(self) -> datetime:
        return self.clock.now()

    def today(self) -> datetime:
        """Start of the city's day, in UTC."""
        local = self.now().astimezone(self.calendar.zone)
        return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(self.now().tzinfo)

    def month(self) -> datetime:
        return self.today().astimezone(self.calendar.zone).replace(day=1).astimezone(self.now().tzinfo)
