"""Type of an appeal (诉求类型): consult, help, complaint, tip-off, suggestion, praise.

The words and their weights are data (`data/appeal.csv`); a person decides.
"""

from callcenter.domain.suggestions import Appeal
from nlp.normalise import rows
from nlp.phrases import Ends, PhraseFinder

LEAST_SCORE = 1.0


class AppealFinder:
    def __init__(self) -> None:
        table = rows("appeal.csv")
        self._words = [(Appeal(row["appeal"]), float(row["weight"])) for row in table]
        self.phrases = PhraseFinder([row["term"] for row in table])

    def find(self, text: str, *, matter: bool, ends: Ends | None = None) -> Appeal:
        """`matter`: something is out of order (a category or a danger was found)."""
        scores: dict[Appeal, float] = {}
        for hit in self.phrases.find(text, ends=ends):
            appeal, weight = self._words[hit.phrase]
            scores[appeal] = scores.get(appeal, 0) + weight
        best = max(scores, key=lambda appeal: scores[appeal], default=None)
        if best is None or scores[best] < LEAST_SCORE:
            return Appeal.HELP if matter else Appeal.CONSULT
        return best
