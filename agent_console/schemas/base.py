"""What all shapes share: strictness, the words of the domain, the error answer."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

AgentState = Literal["off", "ready", "ringing", "talking", "acw", "busy", "break", "dialing"]
Urgency = Literal["normal", "urgent", "critical"]
Appeal = Literal["consult", "help", "complaint", "tipoff", "suggestion", "praise"]
ChannelName = Literal["phone", "sms", "wechat", "telegram", "email", "web"]


class Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Problem(Schema):
    """Every error answer: a stable code, a Chinese sentence with the remedy, the field at fault."""

    code: str
    message: str
    field: str = ""
