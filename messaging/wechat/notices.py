"""Template messages and subscription notices: what may be sent when the citizen's window is closed. Pure.

A template message goes to followers of a certified account; a subscription notice to whoever agreed to it.
Both are forms with fields, filed with the platform beforehand; the settings say how our parameters fill them.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from callcenter.domain.messages import Outbound


class NoticeKind(StrEnum):
    TEMPLATE = "template"
    SUBSCRIPTION = "subscription"


PATHS: Mapping[NoticeKind, str] = {
    NoticeKind.TEMPLATE: "/cgi-bin/message/template/send",
    NoticeKind.SUBSCRIPTION: "/cgi-bin/message/subscribe/bizsend",
}

# Characters that a field holds, by the letters its name begins with; a longer value refuses the whole notice.
LENGTHS: Mapping[str, int] = {
    "thing": 20,
    "character_string": 32,
    "phrase": 5,
    "const": 20,
    "short_thing": 20,
    "name": 10,
    "letter": 32,
    "number": 32,
    "symbol": 5,
    "time": 32,
    "date": 32,
    "amount": 20,
    "phone_number": 17,
    "car_number": 8,
}
_LONGEST = 200
_LETTERS = re.compile(r"[a-z_]+")
_PLACE = re.compile(r"\{(\w+)\}")


class Notice(BaseModel):
    """One form. `fields`: name of the field -> text with our parameters in braces."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    kind: NoticeKind = NoticeKind.TEMPLATE
    fields: Mapping[str, str]
    url: str = ""  # where a tap leads


def body(notice: Notice, message: Outbound) -> Mapping[str, Any] | None:
    """The request, None when the message does not bring what the form asks for."""
    wanted = {name for text in notice.fields.values() for name in _PLACE.findall(text)}
    if not wanted <= set(message.params):
        return None
    data = {name: {"value": _filled(name, text, message.params)} for name, text in notice.fields.items()}
    page = {"url" if notice.kind is NoticeKind.TEMPLATE else "page": notice.url} if notice.url else {}
    return {"touser": message.to, "template_id": notice.id, "data": data, **page}


def _filled(name: str, text: str, params: Mapping[str, str]) -> str:
    value = _PLACE.sub(lambda found: params[found[1]], text).strip()
    letters = _LETTERS.match(name)
    most = LENGTHS.get(letters[0], _LONGEST) if letters else _LONGEST
    return value if len(value) <= most else value[: most - 1] + "…"
