"""The keyword table as something people keep: words, versions of them, who changed what, what it did.

A version is a whole table. Words change in a draft only; a published version never changes again, so
that every suggestion can be traced to the very words that made it. Knows no classifier and no storage.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import Any
from unicodedata import category

from callcenter.domain.errors import ConflictError, InvalidInputError

EVERY_CLASS = "*"
NONE = ""  # the code of 都不是: the citizen's matter is none of the classes
KINDS = ("官方名", "同义词", "地方叫法", "常见描述", "关键词", "排除项", "无关词")
EXCLUSION, COVER = "排除项", "无关词"  # weight below zero; weight zero: only hides shorter words in it
HEAVIEST = 20.0
LONGEST_TERM = 120
MOST_WORDS = 20_000
TERM_JOIN, TERM_EITHER = "…", "|"


class Phase(StrEnum):
    DRAFT = "draft"  # 草稿
    SHADOW = "shadow"  # 影子运行
    IN_FORCE = "in_force"  # 在用
    RETIRED = "retired"  # 停用


# from -> to: what may follow what
STEPS: frozenset[tuple[Phase, Phase]] = frozenset(
    {
        (Phase.DRAFT, Phase.SHADOW),
        (Phase.DRAFT, Phase.IN_FORCE),
        (Phase.DRAFT, Phase.RETIRED),  # given up
        (Phase.SHADOW, Phase.DRAFT),  # what was seen asks for more work on the words
        (Phase.SHADOW, Phase.IN_FORCE),
        (Phase.SHADOW, Phase.RETIRED),
        (Phase.IN_FORCE, Phase.RETIRED),  # another one was published
        (Phase.RETIRED, Phase.IN_FORCE),  # roll back; a draft that was given up never comes back
    }
)


class Origin(StrEnum):
    SHIPPED = "shipped"  # came with the software
    NAMES = "names"  # made from the names of a category tree
    CITY = "city"  # somebody's draft


@dataclass
class RuleVersion:
    """One whole keyword table of one category scheme."""

    number: int
    standard: str
    phase: Phase
    origin: Origin
    created_at: datetime
    created_by: str = ""  # user id, '' = the software
    created_by_name: str = ""
    base: int = 0  # the version it began as a copy of, 0 = none
    digest: str = ""  # of the words of a shipped table: tells whether the software brought a new one
    note: str = ""
    revision: int = 0  # how often its words were changed
    published_at: datetime | None = None
    published_by_name: str = ""
    shadow_since: datetime | None = None
    retired_at: datetime | None = None

    def move(self, phase: Phase, now: datetime) -> None:
        """Raises `ConflictError` off the table of steps."""
        given_up = self.phase is Phase.RETIRED and self.published_at is None
        if (self.phase, phase) not in STEPS or given_up:
            raise ConflictError("这一版现在不能这样操作，可能刚被别人改过，请刷新后再试。")
        self.phase = phase
        self.shadow_since = now if phase is Phase.SHADOW else self.shadow_since
        self.retired_at = now if phase is Phase.RETIRED else None

    def must_be_draft(self) -> None:
        if self.phase is not Phase.DRAFT:
            raise ConflictError("只有草稿可以改词；请先新建草稿，或结束影子运行后再改。")


@dataclass(frozen=True, slots=True)
class RuleWord:
    """One line of the table. `term` may hold alternatives ('路灯|街灯') and parts joined by '…'."""

    code: str
    name: str
    kind: str
    term: str
    weight: float
    enabled: bool = True
    author: str = ""
    changed_at: datetime | None = None
    revision: int = 0
    id: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.code, self.term

    @property
    def says(self) -> tuple[str, str, float, bool]:
        """What a classifier sees of it."""
        return self.code, self.term, self.weight, self.enabled

    def check(self) -> None:
        """Raises `InvalidInputError` that names the first field which does not hold what it must."""
        if not self.term.strip(f" {TERM_JOIN}"):
            raise InvalidInputError("term", "请填写词。")
        if len(self.term) > LONGEST_TERM:
            raise InvalidInputError("term", f"词最多 {LONGEST_TERM} 个字，长句请拆成几个词。")
        if not all(word.strip() for part in self.term.split(TERM_JOIN) for word in part.split(TERM_EITHER)):
            raise InvalidInputError("term", "“…”和“|”两边都要有字，如“井盖…丢”“路灯|街灯”。")
        if any(category(character) == "Cc" for character in self.term):
            raise InvalidInputError("term", "词里有换行或看不见的控制字符，请重新输入。")
        if self.kind not in KINDS:
            raise InvalidInputError("kind", f"类型只能是：{'、'.join(KINDS)}。")
        self._check_weight()

    def _check_weight(self) -> None:
        if not isfinite(self.weight) or abs(self.weight) > HEAVIEST:
            raise InvalidInputError("weight", f"权重在 -{HEAVIEST:g} 到 {HEAVIEST:g} 之间。")
        if self.kind == EXCLUSION and self.weight >= 0:
            raise InvalidInputError("weight", "排除项的权重要小于 0，如 -2。")
        if self.kind == COVER and self.weight != 0:
            raise InvalidInputError("weight", "无关词的权重是 0：它只遮住其中较短的词。")
        if self.kind not in {EXCLUSION, COVER} and self.weight <= 0:
            raise InvalidInputError("weight", "这一类词的权重要大于 0；要扣分请选“排除项”。")

    def record(self) -> dict[str, Any]:
        """For the audit: what a person sees of it."""
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.kind,
            "term": self.term,
            "weight": self.weight,
            "enabled": self.enabled,
        }


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text as the classifier reads it: normalised, with the spans where no word counts (names)."""

    text: str
    blocked: tuple[tuple[int, int], ...] = ()


@dataclass
class RuleEdit:
    """Who changed what and when; `before` None = it is new, `after` None = it is gone. Never changed."""

    id: str
    version: int
    at: datetime
    user_id: str
    user_name: str
    action: str  # add change enable disable remove import, open publish shadow stop discard rollback scheme
    code: str = ""
    term: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


@dataclass
class Setting:
    """A setting that people change while the service runs."""

    key: str
    value: str


@dataclass
class Mislabel:
    """A confirmed report whose class a supervisor holds for wrong: it measures nothing."""

    report_id: str
    at: datetime
    user_id: str
    user_name: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A report as a seat filed it: the text and the class a person stood up for ('' = none of these)."""

    report_id: str
    number: str
    content: str
    code: str
    filed_at: datetime


@dataclass
class SuggestionRecord:
    """What was suggested for one report and what the seat chose. `shown`, `shadow`: [code, confidence]."""

    report_id: str
    at: datetime
    day: str  # yyyymmdd in the city's calendar
    standard: str
    version: str  # of the keyword table (and the model) that suggested
    chosen: str
    first: str = NONE  # the class that was suggested first
    rank: int = 0  # where the chosen class stood among the shown ones, from 1; 0 = not among them
    shown: list[list[Any]] = field(default_factory=list)
    places: list[list[Any]] = field(default_factory=list)
    place: str = ""
    place_rank: int = 0
    shadow_version: int = 0  # 0 = none ran
    shadow: list[list[Any]] = field(default_factory=list)
    shadow_first: str = NONE
    shadow_rank: int = 0


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Of `shown` reports of a day for which class `code` was suggested first: what the seats chose."""

    day: str
    code: str
    shown: int
    first: int  # the first one was taken
    among: int  # one of the shown ones was taken


@dataclass(frozen=True, slots=True)
class ShadowResult:
    """How the version in shadow did on the reports that were filed meanwhile."""

    reports: int
    agreed: int  # same first class as the version in force
    accepted: int  # its first class is what the seat chose
    accepted_in_force: int  # the same for the version in force, on the same reports


def rank_of(chosen: str, shown: Sequence[str]) -> int:
    """From 1; 'none of these' is first when nothing was shown. 0 = the seat found it elsewhere."""
    if chosen == NONE:
        return 0 if shown else 1
    return shown.index(chosen) + 1 if chosen in shown else 0


def differences(before: Iterable[RuleWord], after: Iterable[RuleWord]) -> frozenset[str]:
    """Terms by which two tables differ for a classifier."""
    old, new = {word.says for word in before}, {word.says for word in after}
    return frozenset(term for _code, term, _weight, _enabled in old ^ new)


@dataclass(frozen=True, slots=True)
class Change:
    before: RuleWord | None
    after: RuleWord | None

    @property
    def action(self) -> str:
        if self.before is None:
            return "add"
        if self.after is None:
            return "remove"
        if self.before.enabled != self.after.enabled:
            return "enable" if self.after.enabled else "disable"
        return "change"


def changes(before: Sequence[RuleWord], after: Sequence[RuleWord]) -> list[Change]:
    """What turns one table into the other, word by word."""
    old = {word.key: word for word in before}
    new = {word.key: word for word in after}
    gone = [Change(word, None) for key, word in old.items() if key not in new]
    came = [Change(old.get(key), word) for key, word in new.items() if _differs(old.get(key), word)]
    return gone + came


def _differs(old: RuleWord | None, new: RuleWord) -> bool:
    return old is None or old.record() != new.record()


def merged(base: Sequence[RuleWord], given: Sequence[RuleWord]) -> list[RuleWord]:
    """The table with the given words put in or put over; what they do not name stays."""
    words: dict[tuple[str, str], RuleWord] = {word.key: word for word in base}
    for word in given:
        known = words.get(word.key)
        words[word.key] = replace(word, id=known.id, revision=known.revision) if known else word
    return list(words.values())


def named(words: Sequence[RuleWord], names: Mapping[str, str]) -> list[RuleWord]:
    """The words with the names that their classes have in the scheme."""
    return [replace(word, name=names.get(word.code, word.name)) for word in words]
