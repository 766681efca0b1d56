"""等我处理: tasks for people, made once, merged by citizen, closed when the person gets through."""

from callcenter.domain.errors import ConflictError, NotFoundError
from callcenter.domain.events import TaskCreated
from callcenter.domain.staff import User
from callcenter.domain.tasks import Task, TaskKind, new_task
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context

_BY_PHONE = frozenset({TaskKind.MISSED, TaskKind.CALLBACK})


async def create(context: Context, uow: UnitOfWork, kind: TaskKind, **fields: str | bool) -> Task | None:
    """A new task, or None when the same citizen waits for the same thing already."""
    contact_id = str(fields.get("contact_id", ""))
    if contact_id and kind in _BY_PHONE:
        waiting = await uow.tasks.open_of_contact(contact_id)
        if any(task.kind is kind for task in waiting):
            return None
    task = new_task(context.ids.new(), kind, context.now(), **fields)
    uow.tasks.add(task)
    announce(context, uow, TaskCreated(task))
    return task


def announce(context: Context, uow: UnitOfWork, _event: TaskCreated) -> None:
    uow.after_commit(lambda: context.live.publish("office", "work.changed", {}))


async def got_through(context: Context, uow: UnitOfWork, contact_id: str) -> None:
    """The citizen talked to somebody: nobody needs to call back any more."""
    if not contact_id:
        return
    waiting = [task for task in await uow.tasks.open_of_contact(contact_id) if task.kind in _BY_PHONE]
    for task in waiting:
        task.done_at = context.now()
    if waiting:
        uow.after_commit(lambda: context.live.publish("office", "work.changed", {}))


async def take(context: Context, user: User, task_id: str) -> Task:
    async with context.uow() as uow:
        task = await _open_task(uow, user, task_id)
        task.taken_by = user.id
        uow.after_commit(lambda: context.live.publish("office", "work.changed", {}))
        await uow.commit()
    return task


async def done(context: Context, user: User, task_id: str) -> None:
    async with context.uow() as uow:
        task = await _open_task(uow, user, task_id)
        _end(context, uow, task)
        await uow.commit()


async def finish(context: Context, uow: UnitOfWork, user: User, task_id: str) -> None:
    """With the report that came of it. A task that a colleague ended meanwhile costs no report."""
    task = await uow.tasks.get(task_id)
    if task is not None and task.done_at is None and task.seat in {"", user.staff_no}:
        _end(context, uow, task)


def _end(context: Context, uow: UnitOfWork, task: Task) -> None:
    task.done_at = context.now()
    uow.after_commit(lambda: context.live.publish("office", "work.changed", {}))


async def _open_task(uow: UnitOfWork, user: User, task_id: str) -> Task:
    """A task that is this user's to do: everybody's, or their own seat's, and nobody else took it."""
    task = await uow.tasks.get(task_id)
    if task is None or task.done_at is not None or task.seat not in {"", user.staff_no}:
        raise NotFoundError("这件待办")
    if task.taken_by not in {"", user.id}:
        raise ConflictError("这件待办刚被同事领走了。")
    return task
