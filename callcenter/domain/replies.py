"""What a citizen's short text means: a score, yes, no, a question about progress, or just words."""

from dataclasses import dataclass
from enum import StrEnum

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms to ASCII
_CHINESE_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_WORDS = {"非常满意": 1, "满意": 2, "基本满意": 3, "一般": 3, "不满意": 4, "非常不满意": 5}
_NO = frozenset({"n", "no", "否", "没有", "没", "未", "未解决", "没解决", "没有解决", "不是"})
_YES = frozenset({"y", "yes", "是", "解决", "已解决", "解决了", "是的"})
_PROGRESS = frozenset({"查", "查询", "进度", "查进度", "?"})


class ReplyKind(StrEnum):
    SCORE = "score"
    SOLVED = "solved"
    UNSOLVED = "unsolved"
    PROGRESS = "progress"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Reply:
    kind: ReplyKind
    score: int | None = None


def read_reply(text: str) -> Reply:
    """Meaning of a text, tolerant of full-width characters, Chinese digits and closing punctuation."""
    word = text.translate(_WIDE).strip().strip("。.!,，、~ ").lower()
    if word in _NO:
        return Reply(ReplyKind.UNSOLVED)
    if word in _YES:
        return Reply(ReplyKind.SOLVED)
    score = _score(word)
    if score is not None:
        return Reply(ReplyKind.SCORE, score)
    if word in _PROGRESS or word.startswith("查 "):
        return Reply(ReplyKind.PROGRESS)
    return Reply(ReplyKind.WORDS)


def _score(word: str) -> int | None:
    if word in _WORDS:
        return _WORDS[word]
    word = word.removesuffix("分")
    if word in _CHINESE_DIGITS:
        return _CHINESE_DIGITS[word]
    return int(word) if word in {"1", "2", "3", "4", "5"} else None
