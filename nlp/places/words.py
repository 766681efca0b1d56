"""Where in a text the words stand that are no part of a place name. Knows no pattern of names."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import ahocorasick

_KIND = re.compile(
    r"[岭塘洲湾坪垅冲坡院厂店馆所](?![以内里外])|山(?!上|下|体|路)|湖(?!边|里|面|水)|桥(?!面|墩|上|下|梁)|村(?!民|里|委|干|支)"
    r"|[镇乡](?!里|上|政|干)|路(?!灯|面|边|口|段|上|牌|况|过|人|旁|线)|街(?!上|边|头|坊)|巷(?!子)|站(?!点|台|长|着|立)|学校|学院|中学|小学|幼儿园|医院|公寓|花园|家园|新城|城(?![管市])|[苑府湾宫]|中心|大厦|大楼|市场|广场|公园|小区|新村|宿舍|基地|园区"
)


@dataclass(frozen=True, slots=True)
class Stops:
    """Words of a text that end a name, in order and not overlapping."""

    starts: list[int]
    ends: list[int]

    def next(self, start: int, limit: int) -> int:
        """Where the first of them from `start` on begins, at most `limit`."""
        index = bisect_left(self.starts, start)
        return min(limit, self.starts[index]) if index < len(self.starts) else limit

    def ends_at(self, index: int) -> bool:
        at = bisect_left(self.ends, index)
        return at < len(self.ends) and self.ends[at] == index

    def last_end(self, start: int, end: int) -> int:
        """Where the last longer one inside `text[start:end]` ends, or `start`."""
        index = bisect_right(self.ends, end) - 1
        while index >= 0 and self.starts[index] >= start:
            if self.ends[index] - self.starts[index] > 1:
                return self.ends[index]
            index -= 1
        return start


def stops_in(text: str) -> Stops:
    """Longest first. A stop inside a word that may be part of a name is none, nor is one that a word for
    a kind of place follows: 树木岭, 建设路, 培训学校.
    """
    found = [
        (last + 1 - length, last + 1)
        for last, length in _automaton().iter_long(text)
        if length and not (length > 1 and _KIND.match(text, last + 1))
    ]
    return Stops([start for start, _ in found], [end for _, end in found])


@cache
def introductions() -> tuple[str, ...]:
    """What may stand directly before a place: '反映', '位于' …"""
    return tuple(_sections()["intro"])


def policies_in(text: str) -> int:
    """How many different words speak of rules, offices or money."""
    automaton = _policy()
    return len({word for _, word in automaton.iter(text)})


@cache
def _policy() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for word in _sections()["policy"]:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return automaton


@cache
def _automaton() -> ahocorasick.Automaton:
    """Word -> its length, 0 for a word that is kept."""
    automaton = ahocorasick.Automaton()
    sections = _sections()
    for word in sections["stop"]:
        automaton.add_word(word, len(word))
    for word in sections["keep"]:
        automaton.add_word(word, 0)
    automaton.make_automaton()
    return automaton


@cache
def _sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    words: list[str] = []
    for line in files("nlp.places").joinpath("words.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            words = sections.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            words += line.split()
    return sections
