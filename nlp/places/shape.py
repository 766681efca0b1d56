"""From single names to places: touching names, numbers and gates behind them, crossings of two roads."""

import re

from nlp.phrases import Span

_NUMBER = r"(?:\d{1,5}|[一二三四五六七八九十百]{1,4})"
# what is still the place itself
_PART = re.compile(
    rf"(?: ?(?:{_NUMBER}[、,和])?{_NUMBER}(?:-\d{{1,4}})* ?(?:号楼|号院|号|栋|幢|单元|弄|室|期|组|楼|层|区)"
    r"|[a-z]\d?(?:座|栋|区)"
    r"|(?<=[栋幢座元楼期])\d{2,4}(?!\d|米|年|元)"
    r"|(?:东|南|西|北|正|后|侧|大|东南|东北|西南|西北){1,2}门口?|大门"
    r"|十字路口|丁字路口|交叉路口|交汇路口|交叉口|交汇处|交界处|交口|路口|口(?!气|味|碑)"
    r"|公交站台|公交站|地铁站|派出所|停车场|菜场|小区|畔小区)"
)
# what only says where beside the place
_BESIDE = re.compile(
    r"(?:门口|门前|路段|段(?!时)|对面|对过|斜对面|旁边|旁|后面|前面|楼下|东侧|西侧|南侧|北侧|东边|西边|南边|北边|东头|西头|南头|北头"
    r"|东南角|东北角|西南角|西北角"
    r"|(?:往|向|以)?[东南西北]{1,2}边?(?:约|大约)?(?:\d{1,4}|[一二两三四五六七八九十百几]{1,4})米(?:处|左右)?)"
)
_JOINT = re.compile(r"(?:和|与|跟|同|、|/|-|交)")
_CROSSING = re.compile(
    r"的?(?:十字路口|丁字路口|交叉路口|交汇路口|交叉口|交汇处|交界处|交口|路口|口(?!气|味))"
)


def adjacent(spans: list[Span]) -> list[Span]:
    """Touching names are one place: 云溪区 + 文昌路."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def overlapping(spans: list[Span]) -> list[Span]:
    """Spans that share characters are one; those that only touch stay two."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def with_parts(text: str, span: Span) -> Span:
    """The name with house, building, gate or crossing."""
    end = span[1]
    while match := _PART.match(text, end):
        end = match.end()
    return span[0], end


def with_side(text: str, span: Span) -> Span:
    """The same with side and distance: what a person reads out as the place."""
    end = span[1]
    while match := _BESIDE.match(text, end) or _PART.match(text, end):
        end = match.end()
    return span[0], end


def crossings_joined(text: str, spans: list[Span]) -> list[Span]:
    """'A路和B街路口' is one place; two names that only stand together are two."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            continue
        between = _JOINT.fullmatch(text, joined[-1][1], start) if joined else None
        crossing = _CROSSING.match(text, end)
        if between and (crossing or text[start:end].endswith(("口", "交汇处", "交界处"))):
            joined[-1] = (joined[-1][0], crossing.end() if crossing else end)
        else:
            joined.append((start, end))
    return joined
