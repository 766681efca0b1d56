"""Everything that a keyword table, patterns, names and, where there is one, a model can say about a text.

Implements the port `Classifier`. Linear in the text, never raises for any text, holds no state.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Self

from callcenter.domain.suggestions import CategorySuggestion, Matter, Span, SpanKind, Suggestion, Urgency
from nlp.appeal import AppealFinder
from nlp.classify import CategoryFinder, Found, KeywordTable, as_suggestion, merge, shipped_table
from nlp.elements import elements
from nlp.handover import Adviser
from nlp.matters import Part, matters, merged
from nlp.normalise import Normalised, normalise
from nlp.phrases import Ends, Hit, WordScan
from nlp.phrases import Span as Offsets
from nlp.places.finder import PlaceFinder, Tagger
from nlp.times import time_spans
from nlp.urgency import UrgencyFinder

WIDELY = 12  # classes of the table that a model may put in another order
_Placed = tuple[int, int, Hit]  # where it starts, where it ends


class KeywordClassifier:
    """`names` are names and aliases of places of the city (may be empty); `tagger` finds other places."""

    def __init__(
        self, names: Iterable[str] = (), table: KeywordTable | None = None, tagger: Tagger | None = None
    ) -> None:
        self.table = table or shipped_table()
        self._categories = CategoryFinder(self.table)
        self._adviser: Adviser | None = None
        self._places = PlaceFinder(names, tagger)
        self._urgency = UrgencyFinder()
        self._appeal = AppealFinder()
        self._words = self._scan()

    @property
    def version(self) -> str:
        """Of the table, and of the model where there is one."""
        return f"{self.table.version}+{self._adviser.model.version}" if self._adviser else self.table.version

    def with_table(self, table: KeywordTable) -> Self:
        """The same in everything else."""
        other = copy(self)
        other.table = table
        other._categories = CategoryFinder(table)  # noqa: SLF001 (a copy of itself)
        other._words = other._scan()  # noqa: SLF001 (the same)
        return other

    def _scan(self) -> WordScan:
        return WordScan([self._categories.phrases, *self._urgency.finders, self._appeal.phrases])

    def with_adviser(self, adviser: Adviser | None) -> Self:
        other = copy(self)
        other._adviser = adviser  # noqa: SLF001 (a copy of itself)
        return other

    def suggest(self, text: str) -> Suggestion:
        """All that is found in `text`, with offsets into `text` as it was typed."""
        even = normalise(text)
        names = self._places.known(even.text)
        places = self._places.find(even.text, names)
        ends = self._words.read(even.text)
        alarm = self._urgency.find(even.text, names, ends)
        found, parts = self._found(even.text, names, ends)
        times = time_spans(even.text)
        matter = bool(found) or alarm.urgency is not Urgency.NORMAL
        layers: list[tuple[SpanKind, Sequence[Offsets]]] = [
            (SpanKind.PLACE, places),
            (SpanKind.TIME, times),
            (SpanKind.CATEGORY, found[0].spans if found else ()),
            (SpanKind.DANGER, merge(alarm.spans)),
        ]
        return Suggestion(
            categories=tuple(_category(text, even, one) for one in found),
            locations=tuple(_span(text, even, place, SpanKind.PLACE) for place in places),
            urgency=alarm.urgency,
            appeal=self._appeal.find(even.text, matter=matter, ends=ends),
            spans=_highlights(text, even, layers),
            danger=alarm.danger,
            elements=elements(even.text, when=bool(times), where=bool(places), what=matter),
            version=self.version,
            matters=tuple(_matter(text, even, part) for part in parts),
        )

    def classes(self, text: str, names: Sequence[Offsets]) -> list[Found]:
        """The best classes alone, of a normalised text in which `names` of places stand."""
        return self._found(text, names, None)[0]

    def _found(
        self, text: str, names: Sequence[Offsets], ends: Ends | None
    ) -> tuple[list[Found], list[Part]]:
        """The best classes of the text, and its parts where it tells of several matters."""
        hits = self._categories.hits(text, names, ends)
        placed = [(hit.start, hit.end, hit) for hit in hits]
        marks = [start for start, _, _ in placed]
        parts = (
            matters(text, marks, lambda span: self._categories.rank(_inside(placed, span))) if hits else []
        )
        if self._adviser is None:
            return merged(self._categories.rank(hits), parts), parts
        parts = [(span, self._advised(text, placed, span)) for span, _ in parts]
        parts = [part for part in parts if part[1]]
        return merged(self._advised(text, placed, (0, len(text))), parts), parts

    def _advised(self, text: str, hits: Sequence[_Placed], span: Offsets) -> tuple[Found, ...]:
        """What table and model say about a part of the text."""
        assert self._adviser is not None  # whoever asks for advice has somebody to ask
        start, end = span
        found = self._categories.rank(_inside(hits, span), WIDELY)
        return tuple(self._adviser.advise(text[start:end], found, start))


def _inside(hits: Sequence[_Placed], span: Offsets) -> list[Hit]:
    first, last = span
    return [hit for start, end, hit in hits if first <= start and end <= last]


def _matter(text: str, even: Normalised, part: Part) -> Matter:
    (first, last), found = part
    start, end = even.span(first, last)
    return Matter(start, end, text[start:end], tuple(_category(text, even, one) for one in found))


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
