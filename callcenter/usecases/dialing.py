"""Calling somebody back: the seat sees a task or a contact, the hotline knows the number."""

from callcenter.domain.calls import Call
from callcenter.domain.contacts import normal_number
from callcenter.domain.errors import InvalidInputError, NotAllowedError
from callcenter.domain.records import Access
from callcenter.domain.staff import REVEALERS, User
from callcenter.store import UnitOfWork
from callcenter.usecases import seats, work
from callcenter.usecases.calls import ensure_contact
from callcenter.usecases.context import Context


async def dial(context: Context, user: User, *, task_id: str, contact_id: str, number: str) -> None:
    """Ring the seat, then the citizen. Raises `InvalidInputError`, `NotAllowedError`, `TelephonyError`."""
    if not user.has(*REVEALERS):
        raise NotAllowedError("您的岗位不能外呼市民，请通过热线转接。")
    await seats.may_dial(context, user)
    if task_id:
        contact_id = (await work.take(context, user, task_id)).contact_id
    call_id = f"out-{context.ids.new()}"
    async with context.uow() as uow:
        to = await _number(uow, contact_id, number)
        contact = await ensure_contact(context, uow, to)
        await uow.calls.ensure(
            Call(
                id=call_id,
                started_at=context.now(),
                number=to,
                direction="out",
                contact_id=contact.id if contact else "",
            )
        )
        call = await uow.calls.get(call_id)
        assert call is not None  # it was just made
        call.seat = user.staff_no
        uow.notes.log(_dialled(context, user, contact_id))
        await uow.commit()
    await seats.dialing(context, user, to, call_id)


def _dialled(context: Context, user: User, contact_id: str) -> Access:
    return Access(
        id=context.ids.new(),
        user_id=user.id,
        user_name=user.name,
        kind="dial",
        at=context.now(),
        contact_id=contact_id,
    )


async def _number(uow: UnitOfWork, contact_id: str, number: str) -> str:
    contact = await uow.contacts.get(contact_id) if contact_id else None
    to = contact.number if contact else normal_number(number)
    if not to:
        raise InvalidInputError("number", "这个号码不能拨打，请核对后再试。")
    return to
