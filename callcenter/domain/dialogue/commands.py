"""What a citizen's short message asks for: a menu key, a command, a case number, yes and no.

Only whole short messages count as commands: "查处违建" asks for no progress. Knows no state of a dialogue.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_NUMBER = re.compile(r"(?<!\d)(20\d{6})[-—－ ]?(\d{4,6})(?!\d)", re.ASCII)
_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)", re.ASCII)
_EDGES = " \t\r\n。.!！~～,，、;；:：“”\"'"
_ASKS = re.compile(
    r"[?？]|吗$|呢$|怎么(?!还|回事|没)|如何|哪里(?:能|可以|办)|在哪儿?办|什么(?:材料|时候|手续|条件|流程)|多少钱|"
    r"需要(?:哪些|什么|带)|请问|想问|咨询|能不能|可不可以|几点"
)
_PHONE = re.compile(r"(?<!\d)(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)", re.ASCII)
_HAN = re.compile("[\u3400-\u9fff]")
_FOREIGN = re.compile(r"[^\W\d_]{2,}")
LONGEST_COMMAND = 40
FOREIGN_WORDS = 3


class Wish(StrEnum):
    REPORT = "report"  # 反映问题
    ADD = "add"  # 补充
    PROGRESS = "progress"  # 查
    URGE = "urge"  # 催
    WITHDRAW = "withdraw"  # 撤销
    RATE = "rate"  # 评价
    PERSON = "person"  # 人工
    OPT_OUT = "opt_out"  # 退订
    OPT_IN = "opt_in"  # 订阅
    MENU = "menu"  # 你好, 菜单
    WORDS = "words"  # anything else


# what people write, whole: with 我要, 我想, 请, 帮我 in front and 一下, 吧 behind it means the same
_COMMANDS = {
    Wish.REPORT: "报 上报 反映 反映问题 反映情况 投诉 举报 报修 报问题 提建议 新诉求 反映新问题",
    Wish.PROGRESS: (
        "查 查询 查看 查件 进度 查进度 查询进度 办理进度 查结果 查工单 办得怎么样了 处理得怎么样了 有结果了吗"
    ),
    Wish.URGE: "催 催办 催促 催单 加急 怎么还没处理 怎么还不处理 怎么还没办 快点处理 尽快处理",
    Wish.WITHDRAW: "撤销 撤回 撤诉 撤单 取消 取消诉求 撤销诉求 不用处理了 不用办了 不反映了",
    Wish.RATE: "评价 满意度评价 打分",
    Wish.PERSON: (
        "0 人工 转人工 人工服务 人工客服 人工座席 人工坐席 接人工 找人工 客服 转客服 接线员 座席 坐席 真人 "
        "工作人员 human agent operator"
    ),
    Wish.OPT_OUT: "r t td 退订 取消订阅 拒收 unsubscribe stop",
    Wish.OPT_IN: "订阅 恢复 恢复订阅 重新订阅 start",
    Wish.MENU: "你好 您好 在吗 在么 有人吗 hi hello 菜单 帮助 help 开始 ? 喂",
}
_WISHES = {word: wish for wish, words in _COMMANDS.items() for word in words.split()}
_NUMBERED = frozenset({Wish.PROGRESS, Wish.URGE, Wish.WITHDRAW, Wish.RATE, Wish.ADD})
_FRONT, _BEHIND = (
    re.compile(r"^(?:我要|我想|想要|想|请|帮我|给我|麻烦)+"),
    re.compile(r"(?:一下|下|吧|啊|呀|了?吗)+$"),
)
_ADD = re.compile(r"^(?:我?再?(?:要|想)?)?补充(?:说明|一下|一点|情况)?")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_YES = _words(
    "1 是 是的 对 对的 好 好的 行 可以 确认 确定 没错 没问题 嗯 嗯嗯 恩 要 y yes ok 提交 接着 继续 正确"
)
_NO = _words("2 否 不 不是 不对 不要 不用 不行 不可以 不确认 错 错了 有误 n no 改 修改 重新说 新的")
_SKIP = _words(
    "跳过 没有 没 无 不用 不用了 不要 不了 否 不方便 不方便留 没照片 没有照片 不留 略过 略 skip no 拍不了"
)
_POLITE = _words(
    "谢谢 谢谢您 谢谢你 谢了 感谢 好的谢谢 好的 好 收到 知道了 明白 明白了 辛苦了 嗯 嗯嗯 ok 再见 thanks"
)


@dataclass(frozen=True, slots=True)
class Command:
    """`words`: what stands behind 补充, or the whole message; `code`: the access code beside a number."""

    wish: Wish
    words: str = ""
    number: str = ""
    code: str = ""


def read_command(text: str, event: str = "") -> Command:
    """`event` as in `Inbound.event`; a menu key means its command whatever else the message holds."""
    kind, _, key = event.partition(":")
    if event in {"follow", "menu:menu"}:
        return Command(Wish.MENU)
    if kind in {"menu", "scan"}:
        return Command(_WISHES_BY_KEY.get(key, Wish.MENU))
    plain = even(text)
    added = _ADD.match(plain)
    if added is not None:
        number, _, rest = _numbered(plain[added.end() :])
        return Command(Wish.ADD, rest.strip(_EDGES), number)
    return _short(plain) if len(plain) <= LONGEST_COMMAND else Command(Wish.WORDS, plain)


_WISHES_BY_KEY = {wish.value: wish for wish in Wish if wish is not Wish.WORDS}


def even(text: str) -> str:
    """Full-width forms as ASCII, without closing punctuation and blanks around it."""
    return text.translate(_WIDE).strip(_EDGES)


def _short(plain: str) -> Command:
    number, code, rest = _numbered(plain)
    wish = _wish(rest)
    if number and not rest:
        return Command(Wish.PROGRESS, plain, number, code)  # a number alone asks for its progress
    if wish is None or (number and wish not in _NUMBERED):
        return Command(Wish.WORDS, plain)
    return Command(wish, plain, number, code)


def _wish(words: str) -> Wish | None:
    word = words.lower()
    if word.startswith("/"):  # a bot's command
        return _WISHES_BY_KEY.get(word[1:], Wish.MENU)
    bare = _BEHIND.sub("", _FRONT.sub("", word))
    return _WISHES.get(word) or _WISHES.get(bare)


def _numbered(plain: str) -> tuple[str, str, str]:
    """Case number, access code, and what is left without them."""
    found = _NUMBER.search(plain)
    if found is None:
        return "", "", plain
    rest = plain[: found.start()] + " " + plain[found.end() :]
    code = _CODE.search(rest)
    if code is not None:
        rest = rest[: code.start()] + rest[code.end() :]
    for word in ("编号", "工单号", "工单", "查询码", "的"):
        rest = rest.replace(word, "")
    return f"{found[1]}-{found[2]}", code[1] if code else "", rest.strip(_EDGES)


def is_yes(text: str) -> bool:
    return even(text).lower() in _YES


def is_no(text: str) -> bool:
    return even(text).lower() in _NO


def is_skip(text: str) -> bool:
    return even(text).lower() in _SKIP


def is_polite(text: str) -> bool:
    return even(text).lower() in _POLITE


def is_question(text: str) -> bool:
    return _ASKS.search(even(text) + text[-1:]) is not None


def is_foreign(text: str) -> bool:
    """Several words in another script: a person reads them."""
    return _HAN.search(text) is None and len(_FOREIGN.findall(text)) >= FOREIGN_WORDS


def phone_in(text: str) -> str:
    """The first telephone number that stands in the text, digits only; '' = none."""
    found = _PHONE.search(even(text))
    return found[1].replace("-", "") if found else ""
