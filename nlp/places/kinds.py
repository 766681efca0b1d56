"""What kind of place a span names, by its words. The same kinds as on the map."""

import re

from callcenter.domain.places import PlaceKind

_CROSSING = re.compile(r"(?:路口|交叉口|交汇处|交界处|交口|[路街道巷]口)")
_METRO = re.compile(r"(?:地铁|轻轨|号线).{0,12}站|地铁口|地铁[a-z\d]口")
_BUS = re.compile(r"公交(?:车?站|总站|枢纽)|站台|候车亭")
_NUMBER = re.compile(
    r"(?:[路街巷道弄].{0,6}?\d+(?:-\d+)*号)|\d+(?:-\d+)*(?:号楼|号院|栋|幢|单元|室|楼|层|座)|[栋幢座]\d+"
)
_COMMUNITY = re.compile(
    r"(?:小区|社区|花园|家园|嘉园|新村|公寓|宿舍区?|家属[区院]|华庭|佳苑|雅苑|公馆|名邸|山庄|别墅|[苑府郡庭邸湾墅]|[村组]|[一二三四五六七八九十\d]期)"
)
_ROAD = re.compile(r"(?:[路街巷弄]|大道|高架|隧道|大桥|桥|环线|国道|省道|路段|辅道|线)$")
_STREET = re.compile(r"(?:街道|[镇乡])$")
_DISTRICT = re.compile(r"^(?:[^路街]{2,3}[省市])?(?:[^路街]{2,4}[市区县])?$")


def kind_of(name: str) -> PlaceKind:
    """Of a normalised name, with or without its area."""
    for kind, pattern in (
        (PlaceKind.CROSSING, _CROSSING),
        (PlaceKind.METRO_STATION, _METRO),
        (PlaceKind.BUS_STOP, _BUS),
        (PlaceKind.ADDRESS, _NUMBER),
        (PlaceKind.STREET, _STREET),
        (PlaceKind.ROAD, _ROAD),
        (PlaceKind.DISTRICT, _DISTRICT),
    ):
        if pattern.search(name):
            return kind
    return (
        PlaceKind.COMMUNITY
        if re.search(rf"{_COMMUNITY.pattern}(?:.{{0,3}}门口?)?$", name)
        else PlaceKind.POINT
    )
