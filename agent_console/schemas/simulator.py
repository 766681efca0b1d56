"""The phone simulator of the demo."""

from datetime import datetime

from pydantic import Field

from agent_console.inputs import Given
from agent_console.schemas.base import Schema
from agent_console.schemas.seat import SipAccount


class SimulatedMessage(Schema):
    id: str
    at: datetime
    outgoing: bool  # from the hotline to the citizen
    text: str
    state: str


class HandsetRequest(Given):
    number: str = Field(pattern=r"^1\d{10}$")


class WireLine(Schema):
    at: datetime
    text: str
    good: bool


class SimulatedHandset(Schema):
    number: str
    sip_address: str  # host:port that a citizen's telephone calls
    numbers: list[str]
    messages: list[SimulatedMessage]
    wire: list[WireLine]


class HandsetAccount(Schema):
    """The demo handset as a telephone: it takes survey calls and dials 12345, over WebRTC."""

    sip: SipAccount


class SimulatedReply(Given):
    number: str = Field(pattern=r"^1\d{10}$")
    text: str = Field(min_length=1, max_length=500)
