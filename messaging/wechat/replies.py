"""The answer in the platform's own request (被动回复用户消息), in the format of the push. Pure."""

import json
import re
from datetime import datetime

from wechatpy.replies import TextReply

NOTHING = "success"
"""Taken, and nothing is said now: the platform does not ask again."""

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def words(text: str, openid: str, ours: str, now: datetime, *, as_json: bool) -> str:
    stamp = int(now.timestamp())
    if not as_json:
        xml: str = TextReply(source=ours, target=openid, time=stamp, content=_for_cdata(text)).render()
        return xml
    reply = {
        "ToUserName": openid,
        "FromUserName": ours,
        "CreateTime": stamp,
        "MsgType": "text",
        "Content": text,
    }
    return json.dumps(reply, ensure_ascii=False)


def _for_cdata(text: str) -> str:
    """The library puts the text between CDATA marks as it is; an end mark in it would end them early."""
    return _NOT_IN_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")
