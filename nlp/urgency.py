"""How urgent a text sounds, and which dangers it names.

Levels and words are data (`data/danger.csv`). `mask` phrases cover a danger word that is none there
('漏电保护器'); a `fear` word covers a `feared` one behind it in the same clause ('怕小孩掉下去': it has not
happened). A sentence with a `settled` word ('工伤认定', '调解书') tells of what is over or only asked about,
unless a `now` word stands in the text ('正在', '快来'). `group` rows name words that many phrases share, in
`kind`; phrases write them as '<谁>'. Recall comes before precision: a missed danger costs more than a
needless question.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from callcenter.domain.suggestions import Urgency
from nlp.evidence import Evidence, EvidenceFinder
from nlp.normalise import rows
from nlp.phrases import EITHER, Ends, PhraseFinder, Span

MASK, FEAR, FEARED = "mask", "fear", "feared"
SETTLED, NOW, GROUP = "settled", "now", "group"
FEAR_REACH = 8  # characters between a fear and what is feared
_CLAUSE_END = re.compile(r"[,。!?;\n]")
_SENTENCE = re.compile(r"[^。!?;\n]+")
_GROUP = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Alarm:
    """`danger` are the kinds that call for a script card: gas collapse trapped electric fire self_harm
    crowd violence injury. `spans` are all words that raised the urgency.
    """

    urgency: Urgency
    danger: tuple[str, ...]
    spans: tuple[Span, ...]


class UrgencyFinder:
    def __init__(self, *, weigh: bool = True) -> None:
        """`weigh`: whether evidence counts that no phrase has."""
        self._evidence = EvidenceFinder() if weigh else None
        table = _table()
        self._words = [row for row in table if row["level"] in (Urgency.CRITICAL, Urgency.URGENT)]
        self._phrases = PhraseFinder([row["term"] for row in self._words])
        self._masks = PhraseFinder([row["term"] for row in table if row["level"] == MASK])
        self.finders = (self._phrases, self._masks)
        fear, feared, settled, now = (
            _either(row["term"] for row in table if row["level"] == level)
            for level in (FEAR, FEARED, SETTLED, NOW)
        )
        # '怕是' and '怀疑是' suspect what is there already
        self._feared = re.compile(rf"(?:{fear})(?!是)(?:[^,。!?;\n]{{0,{FEAR_REACH}}}?(?:{feared}))+")
        self._settled, self._now = re.compile(settled), re.compile(now)

    def find(self, text: str, blocked: Iterable[Span] = (), ends: Ends | None = None) -> Alarm:
        """`ends` as for `PhraseFinder.find`, with the words of `finders`."""
        blocked = list(blocked)
        hits = self._phrases.find(text, blocked, ends)
        if hits:  # most texts name no danger, and then nothing is to be covered
            masked = self._masked(text, ends)
            hits = self._phrases.find(text, [*masked, *blocked], ends) if masked else hits
        spans = [(hit.start, hit.end) for hit in hits]
        words = (self._words[hit.phrase] for hit in hits)
        kinds = [row["kind"] for row in words if row["level"] == Urgency.CRITICAL]
        evidence = self._weighed(text)
        if evidence:
            kinds += evidence.kinds[: 1 if kinds else None]  # beside phrases only the surest counts
            spans += evidence.spans
        return Alarm(
            urgency=Urgency.CRITICAL if kinds else Urgency.URGENT if hits else Urgency.NORMAL,
            danger=tuple(dict.fromkeys(kinds)),
            spans=tuple(spans),
        )

    def _weighed(self, text: str) -> Evidence | None:
        """Evidence counts, unless the text tells of what is over."""
        over = self._settled.search(text) and not self._now.search(text)
        return None if over or self._evidence is None else self._evidence.find(text)

    def _masked(self, text: str, ends: Ends | None) -> list[Span]:
        """Where a danger word tells of none."""
        masks = ((hit.start, hit.end) for hit in self._masks.find(text, ends=ends))
        masked = [span for span in masks if not _CLAUSE_END.search(text, *span)]
        masked += [match.span() for match in self._feared.finditer(text)]
        if self._settled.search(text) and not self._now.search(text):
            sentences = (match.span() for match in _SENTENCE.finditer(text))
            masked += [span for span in sentences if self._settled.search(text, *span)]
        return masked


def _table() -> list[dict[str, str]]:
    """The rows, with the words of a group in place of its name."""
    table = rows("danger.csv")
    groups = {row["kind"]: row["term"] for row in table if row["level"] == GROUP}
    return [
        row | {"term": _GROUP.sub(lambda name: groups[name[1]], row["term"])}
        for row in table
        if row["level"] != GROUP
    ]


def _either(terms: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    words = {word for term in terms for word in term.split(EITHER)}
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))
