"""Answers that the machine may give by itself: knowledge entries that a person approved for citizens.

Entries are written for seats; what nobody approved is never read out to a citizen.
"""

from callcenter.domain.codes import Knowledge
from callcenter.domain.errors import NotFoundError
from callcenter.domain.staff import User
from callcenter.store import UnitOfWork
from callcenter.usecases import handling
from callcenter.usecases.context import Context

APPROVED = "knowledge.approved"  # setting: ids, blanks between


async def approved(uow: UnitOfWork) -> frozenset[str]:
    return frozenset((await uow.rules.setting(APPROVED)).split())


async def approve(context: Context, user: User, entry_id: str, *, wanted: bool) -> None:
    """Who allowed or stopped it is kept. Raises `NotFoundError`."""
    async with context.uow() as uow:
        if entry_id not in {entry.id for entry in await uow.codes.knowledge()}:
            raise NotFoundError("这条知识")
        ids = await approved(uow)
        now = ids | {entry_id} if wanted else ids - {entry_id}
        await uow.rules.set(APPROVED, " ".join(sorted(now)))
        handling.looked(context, uow, user, "approve" if wanted else "stop", reason=f"自动答复：{entry_id}")
        await uow.commit()


async def to(uow: UnitOfWork, text: str) -> str:
    """The approved entry with most of its words in the text; '' = none."""
    ids = await approved(uow)
    entries = [entry for entry in await uow.codes.knowledge() if entry.id in ids] if ids else []
    best = max(entries, key=lambda entry: _hits(entry, text), default=None)
    return f"{best.title}：{best.summary}" if best is not None and _hits(best, text) else ""


def _hits(entry: Knowledge, text: str) -> int:
    """Longer words say more."""
    return sum(len(word) for word in entry.words.split() if word in text)
