"""The classifier in force: a keyword table and, where there is one, a trained model, both replaceable.

Implements the port `Classifier`. Replacing is one assignment: a text that is being read ends with what it
began with. Knows no database and no file; whoever publishes a table or keeps a model hands it over here.
"""

from collections.abc import Iterable, Mapping
from threading import Lock

from callcenter.domain.suggestions import Suggestion
from nlp.classify import KeywordTable
from nlp.handover import Adviser
from nlp.learning.model import Model
from nlp.places.finder import Tagger
from nlp.suggest import KeywordClassifier


class LiveClassifier:
    """`names` are names and aliases of places of the city (may be empty); `tagger` finds other places."""

    def __init__(
        self, names: Iterable[str] = (), table: KeywordTable | None = None, tagger: Tagger | None = None
    ) -> None:
        self._in_force = KeywordClassifier(names, table, tagger)
        self._replacing = Lock()  # one replacement does not undo another; readers never wait

    @property
    def version(self) -> str:
        return self._in_force.version

    @property
    def table(self) -> KeywordTable:
        return self._in_force.table

    def suggest(self, text: str) -> Suggestion:
        return self._in_force.suggest(text)

    def beside(self, table: KeywordTable) -> KeywordClassifier:
        """The one in force with another table, to be compared with it; nothing is replaced."""
        return self._in_force.with_table(table)

    def use_table(self, table: KeywordTable) -> None:
        """From the next text on; the table before stays in force until the new one is compiled."""
        with self._replacing:
            self._in_force = self._in_force.with_table(table)

    def use_model(self, model: Model | None, names: Mapping[str, str] | None = None) -> None:
        """From the next text on; None = the table alone. `names`: label -> what people call it."""
        adviser = Adviser(model, names or {}) if model and model.handed_over else None
        with self._replacing:
            self._in_force = self._in_force.with_adviser(adviser)
