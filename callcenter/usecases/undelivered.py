"""A message that did not reach the citizen is work: for another channel first, then for a person."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from callcenter.domain.contacts import TEXT, Address, is_mobile
from callcenter.domain.errors import HotlineError, InvalidInputError, NotFoundError
from callcenter.domain.messages import TERMINAL, Attachment, DeliveryState, Kind, Purpose
from callcenter.domain.records import OutboxMessage
from callcenter.domain.staff import User
from callcenter.domain.tasks import TaskKind
from callcenter.store import UnitOfWork
from callcenter.usecases import sending, work
from callcenter.usecases.context import Context
from callcenter.usecases.sending import Words

log = structlog.get_logger(__name__)

BATCH = 50
SHOWN_FOR = timedelta(days=30)
SHOWN = 200
# of these nobody is told: the citizen asked for it, or is asked again by telephone
SILENT_CODES = frozenset({"opted_out"})
SILENT_PURPOSES = frozenset({Purpose.SURVEY})
MOST_TASKS = 30  # beyond these one task stands for all the others: an account that fails fails for everybody

# what a code of ours means to whoever reads it; those of carriers are shown as they are
WHY: Mapping[str, str] = {
    "opted_out": "市民已退订",
    "window_closed": "市民超过 48 小时没有来信，平台不让发",
    "quota_used": "平台允许的条数已用完",
    "blocked": "市民拉黑了我们",
    "not_following": "市民没有关注公众号",
    "no_consent": "市民没有同意接收通知",
    "kind_not_taken": "这个渠道不能发这种文件",
    "file_gone": "附件已经不在了",
    "too_large": "附件太大",
    "bad_file": "附件打不开",
    "empty": "内容是空的",
    "bad_address": "号码或地址不对",
    "too_long": "内容太长",
    "held_back": "含有会被拦截的词",
    "not_bound": "通道没有连上",
    "no_answer": "通道没有应答",
    "throttled": "发得太频繁",
    "not_filed": "模板没有报备",
    "parameter_missing": "模板参数不全",
    "recipient_throttled": "发给这位市民太频繁",
    "no_balance": "短信账户余额不足",
    "account_refused": "短信账户被拒绝",
    "signature_refused": "短信签名没有通过",
    "template_refused": "短信模板没有通过",
    "forbidden_words": "含有被拦截的词",
}


async def tick(context: Context) -> int:
    """Take up what was lost; returns how many messages."""
    async with context.reading() as uow:
        if not await uow.messages.undelivered(1):
            return 0
    async with context.uow() as uow:
        lost = await uow.messages.undelivered(BATCH, lock=True)
        for message in lost:
            await _attend(context, uow, message)
        await uow.commit()
    return len(lost)


async def _attend(context: Context, uow: UnitOfWork, message: OutboxMessage) -> None:
    message.attended_at = context.now()
    if message.last_code in SILENT_CODES:
        return
    if message.channel != TEXT and (number := await _number(uow, message)):
        try:
            _instead(context, uow, message, Address(TEXT, "", number))
        except HotlineError as error:
            log.warning("no_other_wording", message=message.id, template=message.template, why=error.code)
        else:
            return
    if message.purpose not in SILENT_PURPOSES:
        await _ask_a_person(context, uow, message)


async def _number(uow: UnitOfWork, message: OutboxMessage) -> str:
    contact = await uow.contacts.get(message.contact_id) if message.contact_id else None
    return contact.number if contact and is_mobile(contact.number) else ""


def _instead(context: Context, uow: UnitOfWork, message: OutboxMessage, address: Address) -> OutboxMessage:
    """The same words another way. A carrier's signature belongs to short messages alone. Raises
    `TextTemplateError` where a template does not know its words any more.
    """
    text = message.text
    if message.channel == address.medium:
        pass  # as it stands
    elif message.template:
        text = context.templates.render(message.template, message.params, address.medium)
    elif address.medium == TEXT:
        text = context.templates.signed(text)
    return sending.put(
        context,
        uow,
        address,
        Words(text, _attachment(message), message.subject, message.template, message.params),
        message.purpose,
        contact_id=message.contact_id,
        case_id=message.case_id,
        author_id=message.author_id,
        instead_of=message.id,
    )


def _attachment(message: OutboxMessage) -> Attachment | None:
    file = message.attachment
    return Attachment(file["digest"], Kind(file["kind"]), file["mime"], file["name"]) if file else None


async def _ask_a_person(context: Context, uow: UnitOfWork, message: OutboxMessage) -> None:
    waiting = await uow.tasks.count_open(TaskKind.UNDELIVERED)
    if waiting > MOST_TASKS:
        return
    crowded = waiting == MOST_TASKS
    await work.create(
        context,
        uow,
        TaskKind.UNDELIVERED,
        title="还有多条消息未送达，请到“通道”页处理" if crowded else "一条消息未送达",
        detail="" if crowded else f"{why(message)}：{message.text[:120]}",
        contact_id="" if crowded else message.contact_id,
        case_id="" if crowded else message.case_id,
        message_id="" if crowded else message.id,
        danger=message.purpose is Purpose.EMERGENCY,
    )


def why(message: OutboxMessage) -> str:
    if message.last_code in WHY:
        return WHY[message.last_code]
    if message.state is DeliveryState.EXPIRED:
        return "超过有效期仍未送达"
    return f"被退回（{message.last_code}）" if message.last_code else "未送达"


async def shown(context: Context) -> Sequence[OutboxMessage]:
    """For the queue view: what was lost of late and was not sent another way."""
    async with context.reading() as uow:
        return await uow.messages.lost(context.now() - SHOWN_FOR, SHOWN)


async def resend(context: Context, user: User, message_id: str, medium: str) -> OutboxMessage:
    """Once more the same way, or another way that this citizen is known by. The work is done with it."""
    async with context.uow() as uow:
        message = await uow.messages.sent(message_id)
        if message is None or message.state not in TERMINAL:
            raise NotFoundError("这条未送达的消息")
        address = (await ways(uow, message)).get(medium)
        if address is None:
            raise InvalidInputError("channel", "市民没有这个渠道，请换一个渠道或电话联系。")
        again = _instead(context, uow, message, address)
        again.author_id = user.id
        message.attended_at = message.attended_at or context.now()
        task = await uow.tasks.of_message(message_id)
        if task is not None and task.done_at is None:
            task.done_at = context.now()
        uow.after_commit(lambda: context.live.publish("office", "work.changed", {}))
        await uow.commit()
    return again


async def ways(uow: UnitOfWork, message: OutboxMessage) -> Mapping[str, Address]:
    """How this citizen can be written to, by medium; the way that failed is among them."""
    known = {message.channel: Address(message.channel, message.account, message.to)}
    for identity in await uow.contacts.identities(message.contact_id) if message.contact_id else ():
        address = Address(identity.medium, identity.account, identity.user)
        if address.medium == "phone":
            address = Address(TEXT, "", identity.user)
        if address.medium != TEXT or is_mobile(address.user):
            known.setdefault(address.medium, address)
    return known
