"""Names by what they end with: '翡翠花园', '建国路'. Knows no city."""

import re

from nlp.phrases import Span
from nlp.places.anchored import COMPANY
from nlp.places.words import Stops

LONGEST_NAME = 7  # characters before a suffix such as 路 or 小区
SHORTEST_NAME = 2
LONGEST_AREA = 4
AREA_ENDS = "省市区县镇乡"
_NO_NAME = "在到从于往沿是的了我你他她这那住由至靠跟和与及同给把被对"
_AREA = re.compile(rf"[\u4e00-\u9fff](?![{_NO_NAME}])[\u4e00-\u9fff]新?[省市区县镇乡]")
_SUFFIX = re.compile(
    r"大道|大街|步行街|街道|社区|小区|花园|新村|家园|嘉园|佳苑|雅苑|名邸|华府|公寓|大厦|商厦|广场|公园|菜市场|菜场|农贸市场|市场|医院|学校|小学|中学|高中"
    r"|初中|幼儿园|大学|学院|火车站|汽车站|客运站|地铁站|公交站|车站|体育馆|图书馆|博物馆|派出所|酒店|宾馆|商场|超市|工业园|产业园|开发区|加油站|胡同"
    r"|宿舍区|宿舍|家属区|家属院|安置区|地块|老街|古街|剧院|影院|殡仪馆|体育中心|会展中心|隧道|水库|码头|渡口|机场|火车西站|敬老院|养老院|卫生院|批发城|建材城|汽配城|文化宫|少年宫|营业厅|公墓|陵园|动物园|植物园|度假村|生态园"
    r"|(?<=[\u4e00-\u9fff]{2})站(?![点台长着立内位起牌前岗在])|国际城|世纪城|商贸城|新城|公馆|山庄|别墅|立交桥|高架桥|大桥|商业中心|健身中心|购物中心|服务中心|三角洲|片区|校区|工业区|火车南站|高铁站|南站|北站|东站|西站"
    r"|大酒店|大市场|(?<=[\u4e00-\u9fff]{2})(?:湾|郡|府(?!邸)|城(?!市|管|区|乡|镇|里|中村|建|际))"
    r"|路(?!灯|面|边|牌|沿|基|过|名|障|况|程|费|政|途|滑|人|径|由|缘|牙)|街(?!道|头|边|坊|上|面|舞)|巷(?!子)|(?<!高架)(?<!立交)(?<!天)桥(?!面|墩|栏|梁|体|头)|村(?!民|委|里)|镇(?!上)|苑"
)
# what stands before a name but is not part of it: the name begins after the last of these
_BEFORE = re.compile(
    r"反映|位于|发现|看到|经过|路过|靠近|靠着|现在|今天|昨天|每天|早上|晚上|下午|上午|中午|半夜|凌晨|目前|附近|门口|旁边|对面|因为|由于|希望|投诉|举报|咨询|建议|表扬"
    r"|我家|家住|住在|就在|地址|地点|这里|那里|这个|那个|整个|全部|所有|许多|很多|好多|几个|一个|一条|这条|那条|哪条|还有|以及|或者|比如|例如|前面|后面|里面|外面"
    r"|市民|居民|业主|老板|有人|施工|维修|修建|通往|前往|去往|开往|交叉口|路口|号楼|单元|请问|感谢|想问|问一下|关于|多个|各个|某|一家|门前|东侧|西侧|南侧|北侧"
    r"|区(?!域)|市(?!场|民)|县|[在到从于往沿是的了我你他她它们这那住去来说由至靠跟、和与及同给把被让向将对上下里]"
)
_KEEP_TOGETHER = re.compile(
    r"和平|同心|同仁|和谐|仁和|祥和|太和|上海|下关|上街|下街|里程|来福|和睦|里弄|让胡路|对口|市民|市府|市政|及第|大同|和美"
)
_GENERIC = re.compile(
    r"(?:.*(?:建|的|有|无|撤走)?(?:搅拌|加油|充电|变电|垃圾|收费|污水)站|.*(?:道|马|公|铁|线|电|管|半|堵|修|走|过|让|问|引|思|套|水泥|柏油|沥青|石子|土|小|主|辅|必经之|拦|绕|没|无|封|挖|掘|刨|破|占|整条|机动车道|出|进|回|上学|放学|带|一|两|各|几条|条)路"
    r"|.*(?:大|沿|逛|当|临|整条|条|老|小)街|(?:.*(?:我们|本|该|老旧|整个|全|各|多个|不少|一些|周围|周边|邻近|临近|隔壁|附近|新建))?(?:小区|社区|宿舍|家属区|地块|隧道|水库|码头|机场|加油站|充电站|变电站|搅拌站|垃圾站|收费站|学校|医院|公园|广场|市场|超市|酒店|商场|车站|公寓|村)"
    r"|.*(?:家|本|农|全|城中)村|.*(?:小|大|石|木|人行|过街|跨河|河|拱|危|高架|独木|架|搭|过)桥|(?:步行|商业|小吃|美食)街|.*(?:城|乡)镇|.*(?:菜|农贸|批发|早|夜)市场|街道|大道|大街|花园|家园|后花园|.*政府|.*(?:市|县|省|区|州|党)府|.*(?:进|回|全|出|县|省|古|老|本|同|长)城|(?:立交|高架|大|跨江|跨河)桥|.*(?:汽|火)车站)"
)


def suffixed(text: str, known: list[Span], stops: Stops) -> list[Span]:
    """Spans that end with a word for a kind of place and do not touch one of `known`, in order."""
    taken = 0
    index = 0
    found: list[Span] = []
    for match in _SUFFIX.finditer(text):
        while index < len(known) and known[index][1] <= match.start():
            taken = max(taken, known[index][1])
            index += 1
        if index < len(known) and known[index][0] < match.end():
            continue
        start = _name_start(text, match.start(), taken, stops)
        if match.start() - start >= SHORTEST_NAME and not (
            _GENERIC.fullmatch(text, start, match.end()) or COMPANY.match(text, match.end(), match.end() + 12)
        ):
            found.append((_area_start(text, start, taken), match.end()))
            taken = match.end()
    return found


def _name_start(text: str, end: int, earliest: int, stops: Stops) -> int:
    """Walk left over Han characters to where the name begins."""
    start = max(earliest, end - LONGEST_NAME)
    for index in range(end - 1, start - 1, -1):
        if not "\u4e00" <= text[index] <= "\u9fff":
            start = index + 1
            break
    together = [match.span() for match in _KEEP_TOGETHER.finditer(text, start, end)]
    for match in _BEFORE.finditer(text, start, end):
        if not any(left <= match.start() and match.end() <= right for left, right in together):
            start = match.end()
    return stops.last_end(start, end)


def _area_start(text: str, start: int, earliest: int) -> int:
    """Take in the city, district and street that stand directly before the name."""
    while start > earliest and text[start - 1] in AREA_ENDS:
        length = LONGEST_AREA if text[start - 2 : start - 1] == "新" else LONGEST_AREA - 1
        area = _AREA.fullmatch(text, max(earliest, start - length), start)
        if not area:
            break
        start = area.start()
    return start
