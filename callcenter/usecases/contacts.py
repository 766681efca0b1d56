"""One citizen under two contacts: a number and a WeChat account that turn out to be the same person."""

from callcenter.domain.contacts import Contact
from callcenter.domain.errors import InvalidInputError, NotFoundError
from callcenter.domain.staff import User
from callcenter.store import UnitOfWork
from callcenter.usecases import handling
from callcenter.usecases.context import Context


async def merge(context: Context, user: User, kept_id: str, gone_id: str, reason: str) -> None:
    """Everything of `gone` becomes `kept`'s; keys of identities never change. The reason is kept with it.

    Raises `InvalidInputError`, `NotFoundError`.
    """
    if kept_id == gone_id:
        raise InvalidInputError("gone_id", "请选择两位不同的市民。")
    async with context.uow() as uow:
        kept, gone = await _there(uow, kept_id), await _there(uow, gone_id)
        _take_over(kept, gone)
        await uow.contacts.merge(kept, gone)
        handling.looked(context, uow, user, "merge", contact_id=kept_id, reason=f"{gone_id}：{reason}")
        uow.after_commit(lambda: context.live.publish("office", "inbox.changed", {"id": ""}))
        await uow.commit()


async def _there(uow: UnitOfWork, contact_id: str) -> Contact:
    contact = await uow.contacts.get(contact_id)
    if contact is None or contact.merged_into:
        raise NotFoundError("这位市民")
    return contact


def _take_over(kept: Contact, gone: Contact) -> None:
    """What is known of either is known of the one; a block of either stays."""
    kept.name = kept.name or gone.name
    kept.language = kept.language or gone.language
    kept.business = kept.business or gone.business
    kept.flags = list(dict.fromkeys([*kept.flags, *gone.flags]))
    if gone.blocked_until and (kept.blocked_until is None or kept.blocked_until < gone.blocked_until):
        kept.blocked_until, kept.blocked_reason = gone.blocked_until, gone.blocked_reason
