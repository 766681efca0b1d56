"""What the rule laboratory asks of the classifier: compile a table, read a text, put a table in force.

Implements the port `RuleEngine`. Knows no version, no draft and no person; those are the laboratory's.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from callcenter.data import Standard, mapping_2007_2013
from callcenter.domain.codes import Category
from callcenter.domain.rules import KINDS, ReadText, RuleWord
from callcenter.domain.suggestions import CategorySuggestion
from nlp.classify import TABLE, Found, Keyword, KeywordTable, as_suggestion
from nlp.live import LiveClassifier
from nlp.normalise import normalise, rows
from nlp.phrases import PhraseFinder
from nlp.places.finder import PlaceFinder
from nlp.redact import redact
from nlp.suggest import KeywordClassifier

OFFICIAL_KIND, OFFICIAL_WEIGHT = KINDS[0], 3.0


class CompiledRules:
    def __init__(self, classifier: KeywordClassifier) -> None:
        self._classifier = classifier

    def rank(self, text: ReadText) -> Sequence[CategorySuggestion]:
        found = self._classifier.classes(text.text, text.blocked)
        return [as_suggestion(one, _because(text.text, one)) for one in found]


class LiveRuleEngine:
    """`names` are names and aliases of places of the city, as the classifier knows them."""

    def __init__(self, live: LiveClassifier, names: Iterable[str] = ()) -> None:
        self._live = live
        self._places = PlaceFinder(names)

    @property
    def advice(self) -> str:
        return self._live.version.partition("+")[2]

    def shipped(self) -> Sequence[RuleWord]:
        return [
            RuleWord(row["code"], row["name"], row["kind"], row["term"], float(row["weight"]))
            for row in rows(TABLE)
        ]

    def for_classes(self, standard: str, classes: Sequence[Category]) -> Sequence[RuleWord]:
        by_code, by_name = _by_class(self.shipped())
        forebears = _forebears(standard)
        words: dict[tuple[str, str], RuleWord] = {}
        for one in classes:
            names = [RuleWord(one.code, one.name, OFFICIAL_KIND, one.name, OFFICIAL_WEIGHT)]
            known = by_code.get(forebears.get(one.code, ""), ()) or by_name.get(one.name, ())
            taken = [RuleWord(one.code, one.name, word.kind, word.term, word.weight) for word in known]
            words |= {word.key: word for word in [*names, *taken]}
        return [*words.values(), *by_code.get("*", ())]

    def read(self, text: str) -> ReadText:
        even = normalise(text).text
        return ReadText(even, tuple(self._places.known(even)))

    def compile(self, words: Sequence[RuleWord]) -> CompiledRules:
        return CompiledRules(self._live.beside(_table(words, "")))

    def watch(self, terms: Collection[str]) -> Callable[[ReadText], Collection[str]]:
        listed = sorted(terms)
        finder = PhraseFinder(listed)
        return lambda text: {listed[hit.phrase] for hit in finder.find(text.text)}

    def use(self, words: Sequence[RuleWord], version: str) -> None:
        self._live.use_table(_table(words, version))

    def hide(self, text: str) -> str:
        return redact(text)


def _because(text: str, found: Found) -> tuple[str, ...]:
    words = [text[start:end] for start, end in found.spans]
    return tuple(dict.fromkeys([word for word in words if len(word) > 1] or words))


def _table(words: Sequence[RuleWord], version: str) -> KeywordTable:
    used = (word for word in words if word.enabled)
    return KeywordTable(version, tuple(Keyword(w.code, w.name, w.term, w.weight) for w in used))


_Words = Mapping[str, Sequence[RuleWord]]


def _by_class(words: Sequence[RuleWord]) -> tuple[_Words, _Words]:
    by_code: dict[str, list[RuleWord]] = defaultdict(list)
    by_name: dict[str, list[RuleWord]] = defaultdict(list)
    for word in words:
        by_code[word.code].append(word)
        by_name[word.name].append(word)
    return by_code, by_name


def _forebears(standard: str) -> Mapping[str, str]:
    """Class of the scheme -> class of 2013 that it became, where a table of successors is known."""
    if standard != Standard.CJT214_2007:
        return {}
    return {row.code_2007: row.code_2013 for row in mapping_2007_2013() if row.code_2013}
