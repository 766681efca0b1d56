"""When two reports are about the same matter: pure arithmetic on what is known of both.

Four questions, and all of them must be answered well: the same subject (class and words)? the same
place? near in time? the same caller? So the answers are multiplied, not added: the best of words does
not make up for another street. How candidates are found is `open_cases`' business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import exp2

# The numbers below were searched for on the tuning half of the labelled pairs (docs/benchmarks.md).
LASTING_KIND = "部件"  # a broken lamp stays broken until somebody mends it; a noise is over by itself
HALF_LIFE_DAYS = 7.0
LASTING_HALF_LIFE_DAYS = 50.0

PROPOSED = 0.9  # a class that was proposed beside the first
SAME_MAJOR = 0.15  # the same 大类
NO_CLASS = 0.45  # nobody has said a class yet
OTHER_CLASS = 0.1  # two seats may file one matter under classes far apart, but seldom do

CLASS_ALONE = 0.65  # the same class and no word in common
WORDS_ALONE = 0.7  # the same text in a class that is far off

SHARP_M = 90.0  # two exact points of one matter lie so far apart: both sides of a road
VAGUE_M = 190.0  # with so much uncertainty a point says no more than the names of the places do
UNKNOWN_PLACE = 0.15
NAMED_PLACE = 0.8  # at most, when the names alone say that it is one place
OTHER_NUMBER = 0.15  # house 12 is not house 14
SAME_CALLER_PLACE = 0.8  # who calls again seldom says again where


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody said, cut into parts that can be counted: of the matter, of the name of the place,
    and the numbers of houses and entrances ('12号', '3栋').
    """

    matter: frozenset[str] = frozenset()
    place: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Spot:
    """A point with its uncertainty in metres, WGS 84."""

    lat: float
    lon: float
    radius_m: float = 0.0


@dataclass(frozen=True, slots=True)
class CaseNews:
    """A case as it stands now, as far as duplicates go. `content` is '' once it is not open."""

    id: str
    version: int
    open: bool
    category: str
    content: str
    place: str
    spot: Spot | None
    reported_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What is on the form now. `classes`: code -> how sure (1 = the seat has chosen it)."""

    told: Told
    at: datetime
    classes: Mapping[str, float] = field(default_factory=dict)
    spot: Spot | None = None
    own: frozenset[str] = frozenset()  # ids of the caller's own open cases


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a pair but the words. `away_m` None = one has no point; `names` None = one names no
    place, or has not been looked at.
    """

    same_class: float
    away_m: float | None
    vague_m: float
    age_days: float
    lasting: bool
    same_caller: bool
    names: float | None = None
    other_number: bool = False


def score(facts: Facts, words: float) -> float:
    """How surely it is one matter, 0 to 1; `words` 0 to 1 is how alike the texts are. Rises with `words`."""
    age = fresh(facts.age_days, lasting=facts.lasting)
    return subject(facts.same_class, words) * _place(facts) * age


def most(facts: Facts) -> float:
    """What the score cannot exceed, whatever words and names say: cheap, to leave most pairs alone."""
    age = fresh(facts.age_days, lasting=facts.lasting)
    return subject(facts.same_class, 1.0) * _where(facts, max(NAMED_PLACE, SAME_CALLER_PLACE)) * age


def subject(same_class: float, words: float) -> float:
    """Class and words make up for each other: one matter is told in other words, or filed otherwise."""
    return 1 - (1 - CLASS_ALONE * same_class) * (1 - WORDS_ALONE * words)


def fresh(age_days: float, *, lasting: bool) -> float:
    half_life = LASTING_HALF_LIFE_DAYS if lasting else HALF_LIFE_DAYS
    return exp2(-max(0.0, age_days) / half_life)


def class_likeness(classes: Mapping[str, float], code: str) -> float:
    """1 for the class that was chosen or proposed first, less for its neighbours."""
    if not classes:
        return NO_CLASS
    if code in classes:
        return max(classes[code], PROPOSED)
    major = code.rpartition("|")[0]
    near = max((sure for other, sure in classes.items() if other.rpartition("|")[0] == major), default=0.0)
    return max(SAME_MAJOR * near, OTHER_CLASS)


def _place(facts: Facts) -> float:
    named = UNKNOWN_PLACE if facts.names is None else NAMED_PLACE * facts.names
    if facts.away_m is None and facts.same_caller:
        named = max(named, SAME_CALLER_PLACE)
    return _where(facts, named) * (OTHER_NUMBER if facts.other_number else 1.0)


def _where(facts: Facts, named: float) -> float:
    """Sharp points decide; the less sharp, the more the names of the places do."""
    if facts.away_m is None:
        return named
    sharp = 1 / (1 + (facts.vague_m / VAGUE_M) ** 2)
    near = 1 / (1 + (facts.away_m / (SHARP_M + facts.vague_m)) ** 2)
    return sharp * near + (1 - sharp) * named


def other_number(first: frozenset[str], second: frozenset[str]) -> bool:
    """Both name a number of the same sort, and none of them is the same."""
    sorts = {number.lstrip("0123456789") for number in first}
    comparable = frozenset(number for number in second if number.lstrip("0123456789") in sorts)
    return bool(comparable) and not first & comparable
