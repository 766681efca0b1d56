"""Names that follow an area: '云溪区水墨林溪', whatever they end with. Knows no city.

The area has to stand where a place may begin; the name ends before the first word that is complained
about. What turns out to be an office, a company or nothing but a kind of place is left out.
"""

import re

from nlp.phrases import Span
from nlp.places.words import Stops, introductions

LONGEST_NAME = 24
SHORTEST_NAME = 2
LONGEST_INTRODUCTION = 6
HAN = "\u4e00-\u9fff"
AREA_LENGTHS = (3, 4)  # 云溪区, 云阳新区
_AREA_END = re.compile(r"[省市区县]")
_HAN = re.compile(rf"[{HAN}]+")
_NO_AREA = re.compile(
    r".*(?:[小社园城辖地市山校郊灾矿片院库景街全本我该各邻外县区]|住宅|生活|办公|工业|开发|保护|服务|商业|居住|居民|[对去在到])[市区县]"
    r"|.*(?:超市|夜市|早市|上市|股市|楼市|门市|集市|菜市|都市|黑市|花市|闹市|节省|反省)"
)
_NEXT_AREA = re.compile(rf"[{HAN}]{{2,3}}?(?:新区|[市区县])(?![委政民长])")
_NAME = re.compile(r"[^\W_]+(?:[·\-—#][^\W_]+)*")
COMPANY = re.compile(
    rf"[{HAN}]{{0,8}}?(?:公司|集团|协会|公安局|分局|税务局|供电所|交易中心|平台)|(?:英语|教育|培训)(?!学)"
)
_OFFICE = re.compile(
    r".*(?:公司|集团|企业|局|委|厅|办|政府|部门|法院|检察院|支队|大队|中队|平台|机构|协会|商会|[电税]所|税务所|国土所"
    r"|管理中心|管理处|交易中心|事务所|教育|英语|培训|物流|快递|基金|理财|p2p|货币|银行|公积金|线路|\d路|号线|铁\d+号?线?|公交.*)"
)
_KIND_ONLY = re.compile(
    r"(?:中小学校?|小学|中学|初中|高中|大学|幼儿园|学校|医院|小区|公园|广场|市场|超市|酒店|地铁站?|公交站?|房地产|楼盘|农村|乡村|城市"
    r"|人才.*|食品.*|最新.*|市政.*|所有.*|各.*|户口.*|户籍.*|贷款.*|新能源.*|军人.*|城乡.*|机动车.*|.*车管|中小.*|\d+.?|[一二三四五六七八九十百千万]+)"
)
# may be the end of a name; what follows a kind and does not end so belongs to the complaint
_NAME_LIKE = re.compile(
    r".*(?:[店吧厅院厂馆楼栋园城站苑府湾郡岸里坊居墅庄寓邸庭谷洲岛岭山湖河江桥路街巷弄村乡镇组队区场校所室号座幢期门口库塔寺庙\da-z]|大道|中心|大厦|天地|国际|超市|宿舍|花苑)"
)
_KIND = re.compile(
    r"小区|社区|中学|小学|幼儿园|大学|学院|学校|医院|市场|广场|公园|商城|大厦|公寓|酒店|宾馆|超市|花园|家园|新村|新城|佳苑|街道|大道|[路街巷]|[乡镇村](?!民)"
)
_KIND_END = re.compile(rf"(?:{_KIND.pattern}|[店厅院厂馆楼园城站苑湾])$")
_TRAILING = re.compile(
    r"(?:附近|周边|旁边?|边|里面?|内|外|门前|[前后上下的]|(?<=[^一二三四五六七八九十附])中|这一块)+$"
)


def anchored(text: str, stops: Stops) -> list[Span]:
    """Area and name, in order, not overlapping."""
    found: list[Span] = []
    taken = 0
    for match in _AREA_END.finditer(text):
        if match.end() <= taken:
            continue
        start = _area_start(text, match.end(), taken, stops)
        if start is None:
            continue
        begin = _areas_end(text, match.end(), stops)
        end = _name_end(text, begin, stops)
        taken = max(begin, end)
        sure = text[match.end() - 1] != "省" or begin > match.end() or _KIND_END.search(text, begin, end)
        if sure and _is_place(text, begin, end):
            found.append((start, end))
    return found


def _area_start(text: str, end: int, earliest: int, stops: Stops) -> int | None:
    for length in AREA_LENGTHS:
        start = end - length
        if start < earliest or not _HAN.fullmatch(text, start, end):
            continue
        before = text[max(0, start - LONGEST_INTRODUCTION) : start]
        begins = not before or not _HAN.match(before[-1]) or before.endswith(introductions())
        if (
            (begins or stops.ends_at(start))
            and not _NO_AREA.fullmatch(text, start, end)
            and not text.startswith(introductions(), start)
        ):
            return start
    return None


def _areas_end(text: str, end: int, stops: Stops) -> int:
    """Further areas directly behind the first: 澜江市云溪区."""
    end += text[end : end + 1] in {"区", "县", "市"}
    while match := _NEXT_AREA.match(text, end):
        if _NO_AREA.fullmatch(match.group()) or stops.next(end, match.end()) < match.end() - 1:
            break
        end = match.end()
    return end


def _name_end(text: str, start: int, stops: Stops) -> int:
    match = _NAME.match(text, start, start + LONGEST_NAME)
    if not match:
        return start
    end = stops.next(start, match.end())
    trailing = _TRAILING.search(text[start:end])
    if trailing:
        end = start + trailing.start()
    return _kind_end(text, start, end)


def _kind_end(text: str, start: int, end: int) -> int:
    """Behind the last word for a kind of place, unless the rest may be a name of its own."""
    if _NAME_LIKE.fullmatch(text, start, end):
        return end
    kinds = [match.end() for match in _KIND.finditer(text, start + SHORTEST_NAME, end)]
    return kinds[-1] if kinds else end


def _is_place(text: str, start: int, end: int) -> bool:
    return not (
        end - start < SHORTEST_NAME
        or COMPANY.match(text, end, end + 12)
        or _KIND_ONLY.fullmatch(text, start, end)
        or _OFFICE.fullmatch(text, start, end)
    )
