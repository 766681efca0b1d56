"""The trained sequence model of places, in use. Nothing of the training library is needed for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlp.phrases import Span
from nlp.places.columns import Ints, TextKeys, state_columns, text_keys
from nlp.places.layer import Layer

LONGEST_PIECE = 1000  # characters that are looked at together
SENTENCE_ENDS = "。!?;\n"


@dataclass(frozen=True)
class PlaceModel:
    words: Mapping[str, int]  # common words and how frequent they are, 1 to 6
    general: Layer | None
    own: Layer | None

    def seen(self, text: str, bare: Sequence[Span]) -> tuple[TextKeys, list[tuple[int, Ints]]]:
        keys = text_keys(text)
        likely = self.general.chances(self.general.emissions(keys, [])) if self.general else None
        return keys, state_columns(text, bare, self.words, likely)

    def spans(self, text: str, bare: Sequence[Span]) -> list[Span]:
        """Places in a normalised text; `bare` are those that the patterns find."""
        if not self.own:
            return []
        found: list[Span] = []
        for start, end in _pieces(text):
            inside = [(a - start, b - start) for a, b in bare if start <= a and b <= end]
            emissions = self.own.emissions(*self.seen(text[start:end], inside))
            found += [(start + a, start + b) for a, b in self.own.best(emissions)]
        return found


def _pieces(text: str) -> Iterator[Span]:
    start = 0
    while start < len(text):
        end = min(len(text), start + LONGEST_PIECE)
        if end < len(text):
            stop = max(text.rfind(mark, start, end) for mark in SENTENCE_ENDS)
            end = stop + 1 if stop > start else end
        yield start, end
        start = end
