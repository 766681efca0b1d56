"""The phone simulator of the demo: what a citizen's handset would show."""

from agent_console import schemas
from callcenter.domain.records import InboxMessage, OutboxMessage
from callcenter.usecases.context import Context

SHOWN = 30
_WIRE = {
    "queued": "在发件箱中",
    "sending": "正在发送",
    "accepted": "短信中心已接收",
    "delivered": "回执 DELIVRD，已送达",
    "failed": "发送失败",
    "expired": "过期未达",
    "unknown": "发出后没有应答",
}


async def handset(context: Context, number: str, sip_address: str) -> schemas.SimulatedHandset:
    async with context.reading() as uow:
        sent = await uow.messages.sent_to(number, SHOWN)
        received = await uow.messages.received_from(number, SHOWN)
    messages = [_sent(message) for message in sent] + [_received(message) for message in received]
    return schemas.SimulatedHandset(
        number=number,
        sip_address=sip_address,
        numbers=list(context.city.numbers),
        messages=sorted(messages, key=lambda message: message.at),
        wire=sorted((_line(message) for message in sent), key=lambda line: line.at),
    )


def _sent(message: OutboxMessage) -> schemas.SimulatedMessage:
    return schemas.SimulatedMessage(
        id=message.id, at=message.created_at, outgoing=True, text=message.text, state=message.state.value
    )


def _received(message: InboxMessage) -> schemas.SimulatedMessage:
    return schemas.SimulatedMessage(
        id=message.id, at=message.received_at, outgoing=False, text=message.text, state="delivered"
    )


def _line(message: OutboxMessage) -> schemas.WireLine:
    state = message.state.value
    return schemas.WireLine(
        at=message.settled_at or message.created_at,
        text=f"{message.channel} {message.template}：{_WIRE[state]}",
        good=state not in {"failed", "expired", "unknown"},
    )
