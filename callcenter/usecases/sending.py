"""Putting messages into the outbox, in the transaction of their cause, on whatever channel.

What a platform allows (windows, quotas) and what must not go out (words that are held back) is decided here,
before anything is written. The relay decides when, see `messaging.policy`.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from callcenter.domain.contacts import TEXT, Address
from callcenter.domain.conversations import Conversation
from callcenter.domain.errors import HotlineError
from callcenter.domain.messages import Attachment, Purpose
from callcenter.domain.records import OutboxMessage
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context

PRIORITY = {Purpose.EMERGENCY: 0, Purpose.REPLY: 1, Purpose.SERVICE: 2, Purpose.SURVEY: 3}
KEPT_FOR_THE_END = 1  # of a window's messages: the closing answer must get through


class WindowClosedError(HotlineError):
    """The platform lets us write only for a while after the citizen wrote."""

    code = "window_closed"


class HeldBackError(HotlineError):
    """The text holds a word that carriers block."""

    code = "held_back"


@dataclass(frozen=True, slots=True)
class Words:
    """What goes out: a text, or one file. `subject` for e-mail."""

    text: str = ""
    attachment: Attachment | None = None
    subject: str = ""
    template: str = ""
    params: dict[str, str] | None = None


def put(
    context: Context,
    uow: UnitOfWork,
    address: Address,
    words: Words,
    purpose: Purpose,
    *,
    contact_id: str = "",
    case_id: str = "",
    conversation: Conversation | None = None,
    author_id: str = "",
    instead_of: str = "",
) -> OutboxMessage:
    """One row of the outbox; the relay is woken after the commit. Checks nothing."""
    now = context.now()
    file = words.attachment
    message = OutboxMessage(
        id=context.ids.new(),
        channel=address.medium,
        account=address.account,
        to=address.user,
        text=words.text,
        purpose=purpose,
        priority=PRIORITY[purpose],
        template=words.template,
        params=words.params or {},
        created_at=now,
        next_at=now,
        contact_id=contact_id,
        case_id=case_id,
        conversation_id=conversation.id if conversation else "",
        thread=conversation.last_ref if conversation else "",
        author_id=author_id,
        subject=words.subject or (conversation.subject if conversation else ""),
        attachment=_plain(file) if file else None,
        instead_of=instead_of,
    )
    uow.messages.send(message)
    uow.after_commit(context.wake_relay)
    return message


def _plain(file: Attachment) -> dict[str, str]:
    return {"digest": file.digest, "kind": file.kind.value, "mime": file.mime, "name": file.name}


async def reply(
    context: Context,
    uow: UnitOfWork,
    conversation: Conversation,
    words: Words,
    *,
    author_id: str = "",
    closing: bool = False,
) -> OutboxMessage:
    """An answer in a conversation, by the dialogue or (with `author_id`) a seat. `closing`: the last answer,
    which may use the message that is kept for it.

    Raises `WindowClosedError` when the platform would not take it, `HeldBackError`.
    """
    await check_words(uow, words.text)
    address = Address(conversation.channel, conversation.account, conversation.user)
    await use_window(uow, address, context.now(), keep=0 if closing else KEPT_FOR_THE_END)
    conversation.updated_at = context.now()
    if address.medium == TEXT and words.text:  # carriers take none without
        words = replace(words, text=context.templates.signed(words.text))
    return put(
        context,
        uow,
        address,
        words,
        Purpose.REPLY,
        contact_id=conversation.contact_id,
        case_id=conversation.case_id,
        conversation=conversation,
        author_id=author_id,
    )


async def use_window(uow: UnitOfWork, address: Address, now: datetime, *, keep: int = 0) -> None:
    """Count one message against the platform's window, leaving `keep` of them. Raises `WindowClosedError`."""
    identity = await uow.contacts.identity(address.identity)
    if identity is None or identity.window_until is None:
        return
    if identity.window_until <= now:
        raise WindowClosedError("市民超过 48 小时没有来信，平台不让再发；可改发短信或请市民先来信。")
    if identity.quota_left <= keep:
        raise WindowClosedError("平台只让再发一条，已留给办结通知；可改发短信，或等市民再来信。")
    identity.quota_left -= 1


async def check_words(uow: UnitOfWork, text: str) -> None:
    """Raises `HeldBackError` that names the first word which carriers block."""
    for entry in await uow.sending.moderated():
        if entry.word in text:
            raise HeldBackError(f"“{entry.word}”会被运营商拦截，请换个说法再发。")
