"""Category of a complaint from a keyword table: score = sum of weights of the phrases that stand there.

Negative weights are exclusions; code '*' counts for every class. Knows no case and no standard: the
scheme is whatever the table holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp

from callcenter.domain.suggestions import CategorySuggestion
from nlp.normalise import DATA, rows
from nlp.phrases import Ends, Hit, PhraseFinder, Span

EVERY_CLASS = "*"
TABLE = "keywords.csv"
LEAST_SCORE = 1.0  # below it the text says too little: "none of these"
LEAST_CONFIDENCE = 0.001
LEAST_COVERING = 2.0  # weaker words and exclusions hide no shorter word of another class; masks (0) do
CERTAINTY = 2.2  # score at which the best class is believed to 63 %
CONTRAST = 3.0  # how much a lead over the other classes counts


@dataclass(frozen=True, slots=True)
class Keyword:
    code: str
    name: str
    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class KeywordTable:
    version: str
    words: tuple[Keyword, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A class with the phrases that spoke for it, as spans in the normalised text."""

    code: str
    name: str
    confidence: float
    spans: tuple[Span, ...]


@cache
def shipped_table() -> KeywordTable:
    words = tuple(Keyword(row["code"], row["name"], row["term"], float(row["weight"])) for row in rows(TABLE))
    head = files(DATA).joinpath(TABLE).read_text("utf-8").partition("\n")[0]
    return KeywordTable(version=head.removeprefix("# version:").strip(), words=words)


class CategoryFinder:
    def __init__(self, table: KeywordTable) -> None:
        self._words = table.words
        self._names = {word.code: word.name for word in table.words}
        self.phrases = PhraseFinder(
            [word.term for word in table.words],
            [word.code for word in table.words],
            [word.weight >= LEAST_COVERING or not word.weight for word in table.words],
        )

    def name(self, code: str) -> str:
        return self._names.get(code, "")

    def best(self, text: str, blocked: Iterable[Span] = (), limit: int = 3) -> list[Found]:
        """Best classes of a normalised text, most likely first; empty when nothing is strong enough."""
        return self.rank(self.hits(text, blocked), limit)

    def hits(self, text: str, blocked: Iterable[Span] = (), ends: Ends | None = None) -> list[Hit]:
        """The phrases that stand in a normalised text."""
        return self.phrases.find(text, blocked, ends)

    def rank(self, hits: Sequence[Hit], limit: int = 3) -> list[Found]:
        """Best classes by these phrases, of the whole text or of a part of it."""
        scores = self._scores(hits)
        if max(scores.values(), default=0) < LEAST_SCORE:
            return []
        shares = confidences(scores)
        ranked = sorted(shares, key=lambda code: (-shares[code], code))[:limit]
        return [
            Found(code, self._names[code], shares[code], self._spans(code, hits))
            for code in ranked
            if shares[code] >= LEAST_CONFIDENCE
        ]

    def _scores(self, hits: Sequence[Hit]) -> dict[str, float]:
        scores: dict[str, float] = {}
        for hit in hits:
            word = self._words[hit.phrase]
            scores[word.code] = scores.get(word.code, 0) + word.weight
        common = scores.pop(EVERY_CLASS, 0)
        return {code: score + common for code, score in scores.items() if score + common > 0}

    def _spans(self, code: str, hits: Sequence[Hit]) -> tuple[Span, ...]:
        """Where the phrases for a class stand, joined where they overlap."""
        spoke = (hit for hit in hits if self._words[hit.phrase].code == code)
        spans = (span for hit in spoke if self._words[hit.phrase].weight > 0 for span in hit.spans)
        return merge(spans)


def confidences(scores: dict[str, float]) -> dict[str, float]:
    """0 to 1 per class: how much speaks for the best one, shared out by the lead over the others.

    More weight for a class never lowers its confidence.
    """
    top = max(scores.values(), default=0.0)
    total = sum(score**CONTRAST for score in scores.values())
    belief = 1 - exp(-top / CERTAINTY)
    return {code: belief * score**CONTRAST / total for code, score in scores.items()}


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping or touching spans become one; sorted."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def as_suggestion(found: Found, because: tuple[str, ...]) -> CategorySuggestion:
    return CategorySuggestion(found.code, found.name, round(found.confidence, 3), because)
