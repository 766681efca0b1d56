"""What may come in from outside: text that every database holds, times and numbers within reason.

JSON can carry what PostgreSQL cannot store (a zero character, half a surrogate pair, a year 0001 that
leaves the calendar in UTC, integers without end). It is refused at the door, with the field's name.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, field_validator

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
FIRST_YEAR, LAST_YEAR = 2000, 2100
MAX_PAGE = 100_000
MAX_VERSION = 2**31 - 1


def storable(text: str) -> bool:
    return _UNSTORABLE.search(text) is None


def _within_reason(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError("not a time of this century")
    return at


When = Annotated[AwareDatetime, AfterValidator(_within_reason)]
Page = Annotated[int, Field(ge=1, le=MAX_PAGE)]
Version = Annotated[int, Field(ge=0, le=MAX_VERSION)]
ConditionNo = Annotated[int, Field(ge=0, le=999)]
Id = Annotated[str, Field(max_length=40)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


def _check(value: Any) -> None:
    """Raises ValueError for text, at any depth, that cannot be stored."""
    if isinstance(value, str) and not storable(value):
        raise ValueError("text with characters that cannot be stored")
    if isinstance(value, Mapping):
        _check(list(value))
        _check(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            _check(item)


class Given(BaseModel):
    """Base of everything that a client sends."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        _check(value)
        return value


LABELS = {
    "content": "诉求内容",
    "title": "标题",
    "answer": "答复",
    "reason": "原因",
    "opinion": "意见",
    "result": "办理结果",
    "handler": "经办人",
    "phone": "联系电话",
    "number": "号码",
    "caller_name": "姓名",
    "category": "问题分类",
    "condition_no": "立案条件",
    "occurred_at": "发生时间",
    "until": "日期",
    "since": "日期",
    "place": "事发地点",
    "place.label": "事发地点",
    "appeal": "诉求类型",
    "urgency": "紧急程度",
    "username": "账号",
    "password": "密码",
    "text": "内容",
    "target": "转接对象",
    "page": "页码",
}
UNREADABLE = "提交的内容读不懂，请检查后重试；一再出现请刷新页面。"


def complaint(error: Mapping[str, Any]) -> tuple[str, str]:
    """The field at fault ('' = the whole body) and a sentence that says how to mend it."""
    field = ".".join(str(part) for part in error["loc"][1:])
    if not field or error["type"] == "json_invalid":
        return "", UNREADABLE
    label = LABELS.get(field, field)
    if error["type"] == "missing":
        return field, f"请填写“{label}”后再提交。"
    if error["type"] == "string_too_long":
        longest = error["ctx"]["max_length"]
        return field, f"“{label}”太长，最多 {longest} 个字，请检查删减后再提交。"
    return field, f"“{label}”填写不对，请检查后再提交。"
