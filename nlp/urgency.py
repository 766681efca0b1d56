"""How urgent a text sounds, and which dangers it names.

Levels and words are data (`data/danger.csv`). `mask` phrases cover a danger word that is none there
('漏电保护器'); a `fear` word covers a `feared` one behind it in the same clause ('怕小孩掉下去': it has not
happened). Recall comes before precision: a missed danger costs more than a needless question.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from callcenter.domain.suggestions import Urgency
from nlp.normalise import rows
from nlp.phrases import EITHER, PhraseFinder, Span

MASK, FEAR, FEARED = "mask", "fear", "feared"
FEAR_REACH = 8  # characters between a fear and what is feared
_CLAUSE_END = re.compile(r"[,。!?;\n]")


@dataclass(frozen=True, slots=True)
class Alarm:
    """`danger` are the kinds that call for a script card: gas collapse trapped electric fire self_harm
    crowd violence injury. `spans` are all words that raised the urgency.
    """

    urgency: Urgency
    danger: tuple[str, ...]
    spans: tuple[Span, ...]


class UrgencyFinder:
    def __init__(self) -> None:
        table = rows("danger.csv")
        self._words = [row for row in table if row["level"] in (Urgency.CRITICAL, Urgency.URGENT)]
        self._finder = PhraseFinder([row["term"] for row in self._words])
        self._masks = PhraseFinder([row["term"] for row in table if row["level"] == MASK])
        fear, feared = (
            _either(row["term"] for row in table if row["level"] == level) for level in (FEAR, FEARED)
        )
        self._feared = re.compile(rf"(?:{fear})[^,。!?;\n]{{0,{FEAR_REACH}}}?(?:{feared})")

    def find(self, text: str, blocked: Iterable[Span] = ()) -> Alarm:
        blocked = list(blocked)
        hits = self._finder.find(text, blocked)
        if hits:  # most texts name no danger, and then nothing is to be covered
            masks = ((hit.start, hit.end) for hit in self._masks.find(text))
            masked = [span for span in masks if not _CLAUSE_END.search(text, *span)]
            masked += [match.span() for match in self._feared.finditer(text)]
            hits = self._finder.find(text, [*masked, *blocked]) if masked else hits
        kinds = [
            row["kind"]
            for row in (self._words[hit.phrase] for hit in hits)
            if row["level"] == Urgency.CRITICAL
        ]
        return Alarm(
            urgency=Urgency.CRITICAL if kinds else Urgency.URGENT if hits else Urgency.NORMAL,
            danger=tuple(dict.fromkeys(kinds)),
            spans=tuple((hit.start, hit.end) for hit in hits),
        )


def _either(terms: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    words = {word for term in terms for word in term.split(EITHER)}
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))
