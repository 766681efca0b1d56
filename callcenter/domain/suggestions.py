"""What the machine proposes from a text. It never files by itself; a person accepts or refuses."""

from dataclasses import dataclass, field
from enum import StrEnum


class Urgency(StrEnum):
    NORMAL = "normal"  # 一般
    URGENT = "urgent"  # 紧急
    CRITICAL = "critical"  # 特急


class Appeal(StrEnum):
    """诉求类型, domain of GB/T 33358-2016 work orders."""

    CONSULT = "consult"  # 咨询
    HELP = "help"  # 求助
    COMPLAINT = "complaint"  # 投诉
    TIPOFF = "tipoff"  # 举报
    SUGGESTION = "suggestion"  # 建议
    PRAISE = "praise"  # 表扬


class SpanKind(StrEnum):
    """Why a run of characters is highlighted."""

    CATEGORY = "category"
    PLACE = "place"
    DANGER = "danger"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` of the original text, offsets in Unicode code points."""

    start: int
    end: int
    text: str
    kind: SpanKind


@dataclass(frozen=True, slots=True)
class CategorySuggestion:
    """`code` is 'kind|major|minor' of the scheme in force, e.g. '事件|05|05'; confidence 0 to 1."""

    code: str
    name: str
    confidence: float
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """One of several matters in a text: `text[start:end]` of the original and what it is about."""

    start: int
    end: int
    text: str
    categories: tuple[CategorySuggestion, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """All that was found in one text. Empty `categories` means 'none of these'."""

    categories: tuple[CategorySuggestion, ...]
    locations: tuple[Span, ...]
    urgency: Urgency
    appeal: Appeal
    spans: tuple[Span, ...] = ()
    danger: tuple[str, ...] = ()
    elements: frozenset[str] = field(default_factory=frozenset)  # of who when where what claim evidence
    version: str = ""
    matters: tuple[Matter, ...] = ()  # two or more, or empty: the whole text is one matter
