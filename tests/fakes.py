"""Stand-ins for what lies outside the core, small enough to be read at a glance."""

import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from callcenter.domain.codes import Category
from callcenter.domain.errors import TelephonyError
from callcenter.domain.lessons import Lesson
from callcenter.domain.places import Grid, Place, PlaceCandidate
from callcenter.domain.rules import ReadText, RuleWord
from callcenter.domain.suggestions import Appeal, CategorySuggestion, Suggestion, Urgency


@dataclass
class FakeClock:
    at: datetime

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> datetime:
        self.at += timedelta(**time)
        return self.at


@dataclass
class CountingIds:
    last: int = 0

    def new(self) -> str:
        self.last += 1
        return f"id-{self.last:06d}"


@dataclass
class FakeTelephony:
    """Remembers every order; `away` makes it refuse like an Asterisk that is gone."""

    orders: list[tuple[str, ...]] = field(default_factory=list)
    away: bool = False

    @property
    def connected(self) -> bool:
        return not self.away

    async def _order(self, *order: str) -> None:
        if self.away:
            raise TelephonyError("Asterisk 没有应答。")
        self.orders.append(order)

    async def provision(self, seat: str, secret: str) -> None:
        await self._order("provision", seat)

    async def revoke(self, seat: str) -> None:
        await self._order("revoke", seat)

    async def join_queues(self, seat: str, name: str, queues: Mapping[str, int], reason: str) -> None:
        await self._order("join", seat, ",".join(queues), reason)

    async def leave_queues(self, seat: str) -> None:
        await self._order("leave", seat)

    async def bring_back(self, seat: str) -> None:
        await self._order("bring_back", seat)

    async def pause(self, seat: str, reason: str) -> None:
        await self._order("pause", seat, reason)

    async def unpause(self, seat: str) -> None:
        await self._order("unpause", seat)

    async def dial(self, seat: str, number: str, call_id: str) -> None:
        await self._order("dial", seat, number)

    async def survey(self, number: str, followup_id: str) -> None:
        await self._order("survey", number, followup_id)

    async def transfer(self, seat: str, target: str) -> None:
        await self._order("transfer", seat, target)

    async def complete_transfer(self, seat: str) -> None:
        await self._order("complete", seat)

    async def cancel_transfer(self, seat: str) -> None:
        await self._order("cancel", seat)

    async def join_three(self, seat: str) -> None:
        await self._order("three", seat)

    async def blind_transfer(self, seat: str, target: str) -> None:
        await self._order("blind", seat, target)

    async def hang_up(self, seat: str) -> None:
        await self._order("hang_up", seat)


@dataclass
class FakeLive:
    told: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def publish(self, audience: str, kind: str, data: Mapping[str, Any]) -> None:
        self.told.append((audience, kind, dict(data)))

    def subscribe(self, audiences: frozenset[str], last_id: str) -> AsyncIterator[Mapping[str, Any]]:
        raise NotImplementedError

    def kinds(self, audience: str) -> list[str]:
        return [kind for to, kind, _ in self.told if to == audience]


class FakeClassifier:
    def suggest(self, text: str) -> Suggestion:
        return Suggestion((), (), Urgency.NORMAL, Appeal.HELP)


@dataclass
class FakeRules:
    """The class with the greatest sum of weights of words that stand in the text."""

    words: Sequence[RuleWord]

    def rank(self, text: ReadText) -> Sequence[CategorySuggestion]:
        sums: dict[str, float] = {}
        for word in self.words:
            if word.enabled and word.term in text.text:
                sums[word.code] = sums.get(word.code, 0) + word.weight
        best = sorted((code for code, total in sums.items() if total > 0), key=lambda code: -sums[code])
        return [CategorySuggestion(code, code, 0.9) for code in best[:3]]


@dataclass
class FakeLearner:
    """Remembers what it was to learn; `lesson` is what comes of it."""

    lesson: Lesson = field(default_factory=lambda: Lesson(2_000, 0.7, 0.8, 12, kept=True))
    learned: list[tuple[str, Sequence[tuple[str, str]]]] = field(default_factory=list)
    resumed: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    async def resume(self, standard: str, names: Mapping[str, str]) -> None:
        self.resumed.append((standard, names))

    async def learn(self, standard: str, choices: Sequence[tuple[str, str]]) -> Lesson:
        self.learned.append((standard, choices))
        return self.lesson


@dataclass
class FakeRuleEngine:
    """Remembers what runs and counts what it had to read."""

    table: Sequence[RuleWord] = (RuleWord("事件|05|05", "路面塌陷", "官方名", "路面塌陷", 3.0),)
    running: str = ""
    advice: str = ""
    in_use: Sequence[RuleWord] = ()

    def shipped(self) -> Sequence[RuleWord]:
        return self.table

    def for_classes(self, standard: str, classes: Sequence[Category]) -> Sequence[RuleWord]:
        return [RuleWord(one.code, one.name, "官方名", one.name, 3.0) for one in classes]

    def read(self, text: str) -> ReadText:
        return ReadText(text)

    def compile(self, words: Sequence[RuleWord]) -> FakeRules:
        return FakeRules(words)

    def watch(self, terms: Collection[str]) -> Callable[[ReadText], Collection[str]]:
        return lambda text: {term for term in terms if term in text.text}

    def use(self, words: Sequence[RuleWord], version: str) -> None:
        self.in_use, self.running = words, version

    def hide(self, text: str) -> str:
        return text


@dataclass
class FakeGeocoder:
    grid: Grid | None = None

    def candidates(self, text: str, limit: int = 3) -> Sequence[PlaceCandidate]:
        return ()

    def search(self, query: str, limit: int = 10) -> Sequence[Place]:
        return ()

    def grid_at(self, lat: float, lon: float) -> Grid | None:
        return self.grid


class FakeNumbers:
    def place_of(self, number: str) -> str:
        return "澜江·中国移动"


class PlainPasswords:
    def hash(self, password: str) -> str:
        return f"hashed:{password}"

    def fits(self, password: str, hashed: str) -> bool:
        return hashed == f"hashed:{password}"


class PlainTexts:
    """The template's name and what it was given, so that a test sees both."""

    def render(self, template: str, params: Mapping[str, str], medium: str = "sms") -> str:
        return f"{template} " + " ".join(f"{key}={value}" for key, value in sorted(params.items()))

    def signed(self, text: str) -> str:
        return f"signed {text}"

    def all(self) -> Mapping[str, str]:
        return {"accepted": "{title}已受理"}


@dataclass
class MemoryStore:
    """Files in memory."""

    files: dict[str, bytes] = field(default_factory=dict)

    async def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.files[digest] = content
        return digest

    async def read(self, digest: str) -> bytes:
        return self.files[digest]

    async def drop(self, digest: str) -> None:
        self.files.pop(digest, None)
