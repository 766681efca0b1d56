"""Which of the six elements of a work order a text already has: who when where what claim evidence.

Presence only, so that the console can show what to ask; no meaning is extracted.
"""

import re
from collections.abc import Mapping

_WHO = re.compile(
    r"有人|我们?(?:家|这|住|小区|村|店|公司|妈|爸|孩子|老人|父亲|母亲)|业主|居民|住户|商户|店主|老板|司机|老人|孩子|小孩|学生|行人|路人|群众|村民"
    r"|工人|邻居|摊贩|商贩|小贩|车主|骑车|患者|家长|物业|施工队|工地|饭店|店家|商家|公司|男子|女子|先生|女士|大爷|大妈|阿姨"
)
_CLAIM = re.compile(
    r"希望|要求|请(?!问)|建议|盼|诉求|望.{0,6}(?:处理|解决|修)|尽快|赶快|赶紧|抓紧|帮忙|能不能|能否|可否|咨询|请问|想问|想知道|要个说法|给个答复|管一管|管管|派人"
)
_EVIDENCE = re.compile(
    r"照片|视频|录音|录像|截图|图片|拍了|拍照|拍下|有图|监控|车牌|发票|收据|凭证|证据|单号|附件|合同"
)


def elements(text: str, *, when: bool, where: bool, what: bool) -> frozenset[str]:
    """Names of the elements that are there; `when`, `where`, `what` come from the other finders."""
    found: Mapping[str, bool] = {
        "who": bool(_WHO.search(text)),
        "when": when,
        "where": where,
        "what": what,
        "claim": bool(_CLAIM.search(text)),
        "evidence": bool(_EVIDENCE.search(text)),
    }
    return frozenset(name for name, there in found.items() if there)
