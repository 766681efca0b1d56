"""What stands behind a name and narrows it down: gate, side, distance, house number, crossing.

Reads text only; where that lies on the map is the geocoder's business.
"""

import re
from dataclasses import dataclass

EAST_NORTH = {
    "东": (1, 0),
    "西": (-1, 0),
    "南": (0, -1),
    "北": (0, 1),
    "东南": (1, -1),
    "东北": (1, 1),
    "西南": (-1, -1),
    "西北": (-1, 1),
}
_DIRECTION = "东南|东北|西南|西北|东|西|南|北"
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
_GATE = re.compile(rf"的?(?P<gate>{_DIRECTION}|正|后|侧|大)门口?")
_EXIT = re.compile(r"的? ?(?P<exit>[a-zA-Z]\d?|\d{1,2}号|[一二三四五六七八]号)(?:出入口|出口|入口|口)")
_OPPOSITE = re.compile(r"的?(?:斜对面|正对面|对面|对过)")
_BESIDE = re.compile(r"的?(?:旁边|旁|边上|附近|周边|门口|门前|楼下|后面|前面)")
_SIDE = re.compile(rf"的?(?P<side>{_DIRECTION})(?:侧|边|头|面|角)")
_DISTANCE = re.compile(
    rf"的?(?:再?[往向以朝])?(?P<towards>{_DIRECTION})(?:边|侧|走|面)?(?:大约|约)?"
    r"(?P<metres>\d{1,4}|[一二两三四五六七八九十百]{1,5})多?米"
)
_BUILDING = re.compile(
    r" ?(?P<building>(?:\d{1,4}|[一二三四五六七八九十]{1,3}|[a-zA-Z])"
    r" ?(?:号楼|栋|幢|座|号院|单元|弄|期)(?: ?\d{1,2} ?单元)?)"
)
_NUMBER = re.compile(r"的? ?(?P<number>\d{1,5})(?:-\d{1,4})? ?号(?!线|楼)(?:门口|门前|附近)?")
JOINT = re.compile(r"(?:和|与|跟|同|交|、|/|-|及)?")
TO = re.compile(r"(?:到|至|-|—|~)")
CROSSING = re.compile(
    r"的?(?:十字路口|丁字路口|交叉路口|交叉口|交汇处|交界处|交口|路口|口(?!气|味)|交汇|相交)"
)
SECTION = re.compile(r"(?:路段|段|之间|中间)")


@dataclass(frozen=True, slots=True)
class Detail:
    """All that was read behind a name up to `end`; '' and 0 = not said."""

    end: int
    gate: str = ""
    exit: str = ""  # of a metro station
    opposite: bool = False
    beside: bool = False
    side: str = ""
    towards: str = ""
    metres: int = 0
    building: str = ""

    @property
    def said(self) -> bool:
        return bool(self.gate or self.exit or self.opposite or self.side or self.metres or self.building)


def read_detail(text: str, start: int) -> Detail:
    """Everything from `start` on that belongs to the name before it, in any order."""
    found: dict[str, str] = {}
    end = start
    while step := _step(text, end, found):
        end = step
    return Detail(
        end=end,
        gate=found.get("gate", ""),
        exit=found.get("exit", "").upper(),
        opposite="opposite" in found,
        beside="beside" in found,
        side=found.get("side", ""),
        towards=found.get("towards", ""),
        metres=number(found.get("metres", "")),
        building=found.get("building", ""),
    )


def _step(text: str, start: int, found: dict[str, str]) -> int | None:
    for pattern in (_BUILDING, _DISTANCE, _EXIT, _GATE, _SIDE):
        match = pattern.match(text, start)
        if match and not match.groupdict().keys() & found.keys():
            found |= match.groupdict()
            return match.end()
    for name, pattern in (("opposite", _OPPOSITE), ("beside", _BESIDE)):
        match = pattern.match(text, start)
        if match and name not in found:
            found[name] = match.group()
            return match.end()
    return None


def read_number(text: str, start: int) -> tuple[int, int] | None:
    """House number behind a road: the number and where it ends."""
    match = _NUMBER.match(text, start)
    return (int(match["number"]), match.end()) if match else None


def number(text: str) -> int:
    """'50', '五十', '一百二' style figures; 0 for none."""
    if not text or text.isdigit():
        return int(text or 0)
    total = current = 0
    for character in text:
        if character in "十百":
            total += (current or 1) * (10 if character == "十" else 100)
            current = 0
        else:
            current = _DIGITS.get(character, 0)
    return total + (
        current * 10 if "百" in text and not text.endswith(("十", "百")) and "十" not in text else current
    )
