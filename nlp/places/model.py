"""The trained sequence model of places, in use. Nothing of the training library is needed for it."""

from collections.abc import Mapping, Sequence
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
        for start, end in sentences(text, bare):
            inside = [(a - start, b - start) for a, b in bare if start <= a and b <= end]
            emissions = self.own.emissions(*self.seen(text[start:end], inside))
            found += [(start + a, start + b) for a, b in self.own.best(emissions)]
        return found


def sentences(text: str, bare: Sequence[Span]) -> list[Span]:
    """Those in which the patterns find something: a trained model finds no place in the others.

    Longer ones are cut, so that what is computed at once has a limit.
    """
    found: list[Span] = []
    for start, last in bare:
        if found and last <= found[-1][1]:
            continue
        earliest = max(found[-1][1] if found else 0, last - LONGEST_PIECE // 2)
        begin = max((text.rfind(mark, earliest, start) for mark in SENTENCE_ENDS), default=-1) + 1
        limit = min(len(text), last + LONGEST_PIECE // 2)
        ends = [at for mark in SENTENCE_ENDS if (at := text.find(mark, last, limit)) >= 0]
        found.append((max(begin, earliest), min(ends, default=limit)))
    return found
