"""Where a text says when: '今早7点多', '11月20日晚上', '每天半夜', '从上周开始'.

Patterns only, on normalised text; what moment is meant is not worked out here.
"""

import re

from nlp.phrases import Span

_NUMBER = r"(?:\d{1,4}|[一二两三四五六七八九十几]{1,3})"
_DAY = (
    r"今天|今日|今早|今晨|今晚|今夜|昨天|昨日|昨晚|昨夜|前天|前晚|大前天|明天|当天|每天|每日|天天|每晚|每周|每逢"
    r"|上周|本周|这周|上个?星期|这个?星期|上个?月|这个?月|本月|去年|今年|前几天|这几天|近几天|这两天|最近|近期|近日|刚才|刚刚|方才"
    r"|周[一二三四五六日天末]|星期[一二三四五六日天]|元旦|春节|国庆|五一|中秋|端午|清明|过年|早高峰|晚高峰"
)
_PART = (
    r"凌晨|清晨|早晨|早上|上午|中午|下午|午后|傍晚|晚上|夜里|夜间|夜晚|半夜|深夜|白天|晚间|后半夜|大清早|通宵"
)
_DATE = (
    r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}[日号])?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    rf"|{_NUMBER}月{_NUMBER}[日号]"
)
_CLOCK = rf"{_NUMBER}[点时](?:半|{_NUMBER}分?|钟)?(?:多|左右|前后|许|以后|以前|整)?|\d{{1,2}}:\d{{2}}"
_AGO = (
    rf"{_NUMBER}(?:个)?(?:多)?(?:分钟|小时|钟头|天|周|星期|月|年)(?:多)?(?:前|以前|之前|了)"
    r"|(?:好几|连续几|连着几|一连几|好多)天"
)
_UNIT = rf"(?:{_DAY}|{_PART}|{_DATE}|{_CLOCK}|{_AGO})"
_TIME = re.compile(rf"{_UNIT}(?:[的,]?{_UNIT}){{0,4}}(?:(?:到|至|-|~){_UNIT}(?:{_UNIT})?)?(?:开始|以来|起)?")


def time_spans(text: str) -> tuple[Span, ...]:
    return tuple(match.span() for match in _TIME.finditer(text))
