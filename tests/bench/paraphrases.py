"""Pairs of reports with the truth about them: one matter told twice, and near misses. From one seed.

The tellings are ours (`tellings.txt`), the town and its names are made up here. A pair is what one
citizen's form became (a case) and what is on the form of the next one. Half of the matters is for
tuning, the other half for the figures, so no telling of a tuned matter is measured.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import cos, radians
from pathlib import Path
from random import Random

from callcenter.domain.duplicates import LASTING_KIND, CaseNews, Question, Spot
from callcenter.ports import Likeness

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CENTRE = (28.50, 118.50)
HALF_TOWN_M = 13_000
METRES_PER_DEGREE = 111_320.0
TYPO = 0.015  # of the characters

_FIRST = "建文永长新东西南北中金银玉青红白云龙凤平安和兴福寿德仁义信华光明春秋江湖山海松柏竹梅兰桂"
_SECOND = "设昌康乐华源丰泰宁顺庆祥瑞盛达通胜利民生园景苑亭桥塘坪岭溪湾浦港洲"
_ROADS, _HOMES = ("路", "街", "大道", "巷"), ("小区", "花园", "家园", "新村", "公寓")
_POINTS = ("小学", "中学", "医院", "菜市场", "公园", "地铁站", "幼儿园", "银行")
_SLIPS = dict(zip("的地在坐做那哪路灯水垃圾堵破", "地的再座作哪那露登氺拉级赌坡", strict=True))


class Truth(StrEnum):
    SAME = "同一件"
    ELSEWHERE = "同类，别处"
    OTHER_CLASS = "同处，别类"
    OTHER_TIME = "同样的话，别的时候"
    NEIGHBOUR = "邻近的门牌"


@dataclass(frozen=True)
class Matter:
    code: str
    near: tuple[str, ...]
    tellings: tuple[str, ...]

    @property
    def lasting(self) -> bool:
        return self.code.startswith(LASTING_KIND)


@dataclass(frozen=True)
class Place:
    """A spot of the town and what people call it."""

    lat: float
    lon: float
    names: tuple[str, ...]
    numbered: bool = False

    def name(self, dice: Random) -> str:
        return dice.choice(self.names)


@dataclass(frozen=True)
class Pair:
    truth: Truth
    case: CaseNews
    text: str
    place: str
    spot: Spot | None
    classes: dict[str, float]

    def question(self, likeness: Likeness) -> Question:
        return Question(likeness.read(self.text, self.place), NOW, self.classes, self.spot)


def matters() -> list[Matter]:
    blocks = Path(__file__).with_name("tellings.txt").read_text("utf-8").split("\n\n")
    return [_matter(block.splitlines()) for block in blocks if not block.startswith("#")]


def _matter(lines: list[str]) -> Matter:
    code, *near = lines[0].split()
    return Matter(code, tuple(near), tuple(lines[1:]))


class Town:
    """Makes up places, tellings and cases. Everything comes from its dice."""

    def __init__(self, seed: int, some: list[Matter]) -> None:
        self.dice = Random(seed)
        self.matters = some
        self._count = 0

    def place(self) -> Place:
        north, east = (self.dice.uniform(-HALF_TOWN_M, HALF_TOWN_M) for _ in "xy")
        lat, lon = moved(*CENTRE, north, east)
        sort = self.dice.random()
        if sort < 0.35:
            return self._house(lat, lon)
        if sort < 0.65:
            home, no = self._word() + self.dice.choice(_HOMES), self.dice.randint(1, 40)
            return Place(lat, lon, (f"{home}{no}号楼", f"{home}{no}栋", f"{home}{no}幢楼下"), numbered=True)
        if sort < 0.8:
            first, second = (self._word() + self.dice.choice(_ROADS) for _ in "ab")
            return Place(
                lat, lon, (f"{first}与{second}交叉口", f"{first}{second}路口", f"{second}{first}那个口子")
            )
        point = self._word() + self.dice.choice(_POINTS)
        return Place(lat, lon, (f"{point}门口", f"{point}对面", f"{point}旁边", point))

    def _house(self, lat: float, lon: float) -> Place:
        road, no = self._word() + self.dice.choice(_ROADS), self.dice.randint(1, 300)
        return Place(lat, lon, (f"{road}{no}号", f"{road}{no}号门口", f"{road}{no}号附近"), numbered=True)

    def neighbour(self, place: Place) -> Place:
        """The next house but few: so many metres and numbers on."""
        steps = self.dice.choice((2, 4, 6))
        lat, lon = moved(place.lat, place.lon, self.dice.uniform(5, 15) * steps, 0)
        names = tuple(re.sub(r"\d+", lambda no: str(int(no.group()) + steps), name) for name in place.names)
        return Place(lat, lon, names, numbered=True)

    def _word(self) -> str:
        return self.dice.choice(_FIRST) + self.dice.choice(_SECOND)

    def telling(self, matter: Matter, place: str, other_than: str = "") -> tuple[str, str]:
        """A text and the template it came from."""
        template = self.dice.choice([telling for telling in matter.tellings if telling != other_than])
        text = re.sub(r"\[([^]]+)\]", lambda choice: self.dice.choice(choice[1].split("|")), template)
        return self._slip(text.format(p=place)), template

    def _slip(self, text: str) -> str:
        """Typing errors: homophones, lost and doubled characters."""
        return "".join(self._typed(char) if self.dice.random() < TYPO else char for char in text)

    def _typed(self, char: str) -> str:
        if char.isdigit():
            return char
        return self.dice.choice((_SLIPS.get(char, ""), "", char * 2))

    def case(
        self, matter: Matter, place: Place, age: timedelta, other_than: str = ""
    ) -> tuple[CaseNews, str]:
        """An open case as a seat files it: nearly always with a point, mostly in the right class."""
        self._count += 1
        label = place.name(self.dice)
        text, template = self.telling(matter, label, other_than)
        code = matter.code if self.dice.random() < 0.88 else self.dice.choice(matter.near)
        spot = self.spot(place) if self.dice.random() < 0.92 else None
        number = f"{self._count:07d}"
        news = CaseNews(number, 1, True, code, text, label, spot, NOW - age, NOW - age)
        return news, template

    def spot(self, place: Place) -> Spot:
        """Where the map or the seat puts it: near, or in the middle of a long road."""
        if self.dice.random() < 0.1:
            return Spot(*moved(place.lat, place.lon, *self._off(250)), 500.0)
        return Spot(*moved(place.lat, place.lon, *self._off(18)), self.dice.choice((10.0, 25.0, 40.0)))

    def _off(self, metres: float) -> tuple[float, float]:
        return self.dice.gauss(0, metres), self.dice.gauss(0, metres)

    def classes(self, matter: Matter) -> dict[str, float]:
        """What the form knows of the class while it is filled."""
        sort = self.dice.random()
        if sort < 0.3:
            return {matter.code: 1.0, matter.near[0]: 0.2}
        if sort < 0.45:
            return {matter.code: 1.0}
        if sort < 0.8:
            return {matter.code: 0.7, matter.near[0]: 0.2}
        if sort < 0.9:
            return {matter.near[0]: 0.6, matter.code: 0.3}
        return {matter.near[-1]: 0.6} if sort < 0.95 else {}

    def age(self, *, lasting: bool) -> timedelta:
        return timedelta(hours=self.dice.expovariate(1 / (24 * 8 if lasting else 24)))


def moved(lat: float, lon: float, north_m: float, east_m: float) -> tuple[float, float]:
    return lat + north_m / METRES_PER_DEGREE, lon + east_m / METRES_PER_DEGREE / cos(radians(lat))


def pairs(town: Town, rounds: int) -> Iterator[Pair]:
    """For each matter and round one true pair and one near miss of every sort that it can have."""
    for _ in range(rounds):
        for matter in town.matters:
            yield _pair(town, Truth.SAME, matter)
            yield _pair(town, Truth.ELSEWHERE, matter)
            yield _pair(town, Truth.OTHER_CLASS, matter)
            yield _pair(town, Truth.NEIGHBOUR, matter)
            if not matter.lasting:
                yield _pair(town, Truth.OTHER_TIME, matter)


def _pair(town: Town, truth: Truth, matter: Matter) -> Pair:
    here = town.place()
    while truth is Truth.NEIGHBOUR and not here.numbered:
        here = town.place()
    told, there = matter, here
    age = town.age(lasting=matter.lasting)
    if truth is Truth.ELSEWHERE:
        there = town.place()
    elif truth is Truth.NEIGHBOUR:
        there = town.neighbour(here)
    elif truth is Truth.OTHER_CLASS:
        told = town.dice.choice([m for m in town.matters if m.code not in {matter.code, *matter.near}
                                 and matter.code not in m.near])  # fmt: skip
    elif truth is Truth.OTHER_TIME:
        age = timedelta(days=town.dice.uniform(20, 60))
    case, template = town.case(told, there, age)
    label = here.name(town.dice)
    again = (
        truth in {Truth.ELSEWHERE, Truth.OTHER_TIME}
        and case.place in case.content
        and town.dice.random() < 0.5
    )
    text, _ = town.telling(matter, label, "" if again else template)
    if again:  # nearly the same words
        text = case.content.replace(case.place, label)
    return Pair(truth, case, text, *_where(town, here, label), town.classes(matter))


def _where(town: Town, place: Place, label: str) -> tuple[str, Spot | None]:
    """What the form knows of the place: chosen with its point, only its name, or nothing but the text."""
    sort = town.dice.random()
    if sort < 0.72:
        return label, town.spot(place)
    return (label, None) if sort < 0.96 else ("", None)


def background(town: Town, count: int) -> Iterator[CaseNews]:
    """Other open cases of the town, none of them about the pairs."""
    for _ in range(count):
        matter = town.dice.choice(town.matters)
        case, _ = town.case(matter, town.place(), timedelta(days=town.dice.expovariate(1 / 12)))
        yield replace(case, id=f"other-{case.id}")
