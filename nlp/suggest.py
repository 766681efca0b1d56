"""The first classifier: everything that a keyword table, patterns and names can say about a text.

Implements the port `Classifier`. Linear in the text, never raises for any text, holds no state.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Self

from callcenter.domain.suggestions import CategorySuggestion, Span, SpanKind, Suggestion, Urgency
from nlp.address import PlaceFinder
from nlp.appeal import AppealFinder
from nlp.classify import CategoryFinder, Found, KeywordTable, as_suggestion, merge, shipped_table
from nlp.elements import elements
from nlp.normalise import Normalised, normalise
from nlp.phrases import Span as Offsets
from nlp.times import time_spans
from nlp.urgency import UrgencyFinder


class KeywordClassifier:
    """`names` are names and aliases of places of the city (may be empty)."""

    def __init__(self, names: Iterable[str] = (), table: KeywordTable | None = None) -> None:
        table = table or shipped_table()
        self.version = table.version
        self._categories = CategoryFinder(table)
        self._places = PlaceFinder(names)
        self._urgency = UrgencyFinder()
        self._appeal = AppealFinder()

    def with_table(self, table: KeywordTable) -> Self:
        """The same places and words of danger with another table of categories."""
        other = copy(self)
        other.version = table.version
        other._categories = CategoryFinder(table)  # noqa: SLF001 (a copy of itself)
        return other

    def suggest(self, text: str) -> Suggestion:
        """All that is found in `text`, with offsets into `text` as it was typed."""
        even = normalise(text)
        places = self._places.find(even.text)
        names = self._places.known(even.text)
        alarm = self._urgency.find(even.text, names)
        found = self._categories.best(even.text, names)
        times = time_spans(even.text)
        matter = bool(found) or alarm.urgency is not Urgency.NORMAL
        layers: list[tuple[SpanKind, Sequence[Offsets]]] = [
            (SpanKind.PLACE, places),
            (SpanKind.CATEGORY, found[0].spans if found else ()),
            (SpanKind.DANGER, merge(alarm.spans)),
            (SpanKind.TIME, times),
        ]
        return Suggestion(
            categories=tuple(self._category(text, even, one) for one in found),
            locations=tuple(_span(text, even, place, SpanKind.PLACE) for place in places),
            urgency=alarm.urgency,
            appeal=self._appeal.find(even.text, matter=matter),
            spans=_highlights(text, even, layers),
            danger=alarm.danger,
            elements=elements(even.text, when=bool(times), where=bool(places), what=matter),
            version=self.version,
        )

    @staticmethod
    def _category(text: str, even: Normalised, found: Found) -> CategorySuggestion:
        words = [_span(text, even, span, SpanKind.CATEGORY).text for span in found.spans]
        telling = [word for word in words if len(word) > 1] or words
        return as_suggestion(found, tuple(dict.fromkeys(telling)))


def _span(text: str, even: Normalised, offsets: Offsets, kind: SpanKind) -> Span:
    start, end = even.span(*offsets)
    return Span(start, end, text[start:end], kind)


def _highlights(
    text: str, even: Normalised, layers: Sequence[tuple[SpanKind, Sequence[Offsets]]]
) -> tuple[Span, ...]:
    """Runs to mark, in order and not overlapping: of two that overlap the earlier layer wins."""
    taken = bytearray(len(even.text))
    marked: list[Span] = []
    for kind, spans in layers:
        for start, end in spans:
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                marked.append(_span(text, even, (start, end), kind))
    return tuple(sorted(marked, key=lambda span: span.start))
