"""Keyword table and model together: the table first, the model for the classes that were handed over to it.

Which classes those are was decided on confirmed texts that the model had not seen (`nlp.school.choose`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from nlp.classify import Found, merge
from nlp.learning.model import Model

NONE = ""  # the label of texts that a person gave no class
LEAST = 0.01  # confidence below which a class is not worth showing
LEAST_ALONE = 0.5  # ... where no keyword stands in the text at all


@dataclass(frozen=True, slots=True)
class Adviser:
    """A model with the names of its classes."""

    model: Model
    names: Mapping[str, str] = field(default_factory=dict)

    def advise(self, text: str, found: Sequence[Found], offset: int = 0, limit: int = 3) -> list[Found]:
        """Best classes of a normalised text, `found` being what the table says; empty = none of these.

        `text` stands at `offset` in the text that the spans count from.
        """
        shares = self._shares(text)
        told = {one.code: one for one in found if one.code not in shares}
        known = {one.code: one for one in found}
        for code, share in _best(shares, limit):
            told[code] = self._found(code, share, known.get(code), text, offset)
        ranked = sorted(told.values(), key=lambda one: (-one.confidence, one.code))
        silent = not ranked or ranked[0].code == NONE or (not found and ranked[0].confidence < LEAST_ALONE)
        return [] if silent else [one for one in ranked if one.code != NONE][:limit]

    def _shares(self, text: str) -> dict[str, float]:
        """Of the classes that were handed over."""
        shares = self.model.shares(text)
        return {label: float(shares[index]) for label, index in self.model.handed_over.items()}

    def _found(self, code: str, share: float, known: Found | None, text: str, offset: int) -> Found:
        """With the keywords that spoke for it, or what the model went by."""
        if known:
            return replace(known, confidence=share)
        runs = self.model.because(text, code) if code != NONE else ()
        places = ((text.find(run), len(run)) for run in runs)
        spans = merge((offset + start, offset + start + length) for start, length in places if start >= 0)
        return Found(code, self.names.get(code) or code, share, spans)


def _best(shares: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
    ranked = sorted(shares.items(), key=lambda one: -one[1])
    return [(code, share) for code, share in ranked[: limit + 1] if share >= LEAST]
