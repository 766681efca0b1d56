"""What somebody wrote, without the history below it. Pure.

The mail as it came is kept elsewhere; this is for the conversation and for whoever understands it. Where
nothing would be left (a mail that only passes on another one) the whole text stays.
"""

import re

LONGEST_INTRODUCTION = 3  # lines over which "On … wrote:" may be broken
LONGEST_LINE = 400  # characters of a line that are looked at
HEADS_WITHIN = 5  # lines in which the second head of a quoted letter must follow the first

# one line that says: what follows was written before
_RULE = re.compile(
    r"""^[ ]*(?:
        -{2,}\s*(?:(?:回复的)?原始?邮件|转发的?邮件(?:信息)?|(?:original|forwarded)\ message)\s*-{2,}
      | _{20,}
      | .{0,120}\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日.{0,160}(?:写道|写到)\s*[:：]
      | .{0,120}\d{4}[-/]\d{1,2}[-/]\d{1,2}\s.{0,160}(?:写道|写到|wrote)\s*[:：]
      | --\x20?
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
# the same, broken over some lines as programs do it
_INTRODUCTION = re.compile(
    r"^ *(?:on .{5,200} wrote|在\s*.{4,200}(?:写道|写到|wrote))\s*[:：]\s*$", re.IGNORECASE
)
_FIRST_HEAD = re.compile(r"^\s*\*?(?:发件人|from)\s*[:：]", re.IGNORECASE)
_NEXT_HEAD = re.compile(
    r"^\s*\*?(?:发送时间|发送日期|日期|收件人|主题|sent|date|to|subject)\s*[:：]", re.IGNORECASE
)
_FROM_MY_PHONE = re.compile(r"^\s*(?:发自|来自|sent from)\s?\S.{0,40}$", re.IGNORECASE)


def newest(text: str) -> str:
    """The text without quotations, signatures below '-- ', and 'sent from my phone'."""
    lines = text.split("\n")
    own = [line for line in lines[: _end(lines)] if not line.lstrip().startswith(">")]
    while own and (not own[-1].strip() or _FROM_MY_PHONE.match(own[-1])):
        own.pop()
    return "\n".join(own).strip() or text.strip()


def _end(lines: list[str]) -> int:
    return next((at for at in range(len(lines)) if _begins_history(lines, at)), len(lines))


def _begins_history(lines: list[str], at: int) -> bool:
    if _FIRST_HEAD.match(lines[at]):
        return any(_NEXT_HEAD.match(line) for line in lines[at + 1 : at + HEADS_WITHIN])
    if _RULE.match(lines[at][:LONGEST_LINE]):
        return True
    return any(
        _INTRODUCTION.match(" ".join(lines[at : at + length])[:LONGEST_LINE])
        for length in range(1, LONGEST_INTRODUCTION + 1)
    )
