"""The classifier in force: a keyword table and, where there is one, a trained model, both replaceable.

Implements the port `Classifier`. Replacing is one assignment: a text that is being read ends with what it
began with. Knows no database and no file; whoever publishes a table or keeps a model hands it over here.
"""

from collections.abc import Iterable

from callcenter.domain.suggestions import Suggestion
from nlp.classify import KeywordTable
from nlp.suggest import KeywordClassifier


class LiveClassifier:
    """`names` are names and aliases of places of the city (may be empty)."""

    def __init__(self, names: Iterable[str] = (), table: KeywordTable | None = None) -> None:
        self._rules = KeywordClassifier(names, table)

    @property
    def version(self) -> str:
        return self._rules.version

    def suggest(self, text: str) -> Suggestion:
        return self._rules.suggest(text)

    def use_table(self, table: KeywordTable) -> None:
        """From the next text on; the table before stays in force until the new one is compiled."""
        self._rules = self._rules.with_table(table)
