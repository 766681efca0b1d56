"""Which runs of characters are words of everyday Chinese: jieba's list, read as the text file that it is.

jieba itself is not loaded; cutting texts into words is not needed here, and its cutter is slow.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from nlp.learning.failures import LearningError
from nlp.learning.features import LONGEST_RUN


@cache
def dictionary() -> frozenset[str]:
    """Words of two characters up to the longest run. Raises `LearningError` where jieba is missing."""
    found = find_spec("jieba")
    if found is None or found.origin is None:
        raise LearningError("没有安装 jieba，缺少词典；请重新安装本系统。")
    lines = Path(found.origin).with_name("dict.txt").read_text(encoding="utf-8").splitlines()
    words = (line.partition(" ")[0] for line in lines)
    return frozenset(word for word in words if 1 < len(word) <= LONGEST_RUN)
