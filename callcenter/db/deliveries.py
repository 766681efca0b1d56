"""Where a provider's answer meets its receipt: one row per part, written by whichever comes first.

Two tables of which each side looks for the other lose up to a third of the receipts (both look before either
commits); one row that both upsert loses none. Everything here works on many parts at once, and locks delivery
rows before their messages, in the order of their keys: else two writers wait for each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import message_tables
from callcenter.db.repository import Repository
from callcenter.domain.messages import TERMINAL, DeliveryState, Receipt, Settled

OUT, D = message_tables.outbox.c, message_tables.delivery.c
_WORST_FIRST = (DeliveryState.FAILED, DeliveryState.EXPIRED)
# sent, perhaps taken, and the answer not here: a receipt may still tell
_OPEN = (DeliveryState.UNKNOWN, DeliveryState.SENDING)


@dataclass(slots=True)
class Parts:
    """What is known of the parts of one message, over all tries."""

    states: dict[int, DeliveryState] = field(default_factory=dict)
    refs: dict[tuple[str, str], int] = field(default_factory=dict)  # account and id -> part

    def add(self, row: Any) -> None:
        """A part that was sent twice has arrived when one of the two did."""
        self.refs[row.account, row.provider_ref] = row.part
        if self.states.get(row.part) is not DeliveryState.DELIVERED:
            self.states[row.part] = row.state

    def end(self, parts: int) -> DeliveryState | None:
        """The worst of its parts; delivered only when every part is. None = not over yet."""
        states = set(self.states.values())
        lost = next((state for state in _WORST_FIRST if state in states), None)
        arrived = sum(state is DeliveryState.DELIVERED for state in self.states.values())
        return lost or (DeliveryState.DELIVERED if arrived >= parts else None)


async def note_answers(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Parts that a peer took: `account`, `provider_ref`, `outbox_id`, `part` each."""
    if not rows:
        return
    insert = Repository(session).insert(message_tables.delivery).values(code="", state=DeliveryState.ACCEPTED)
    own = {"outbox_id": insert.excluded.outbox_id, "part": insert.excluded.part}
    insert = insert.on_conflict_do_update(index_elements=["account", "provider_ref"], set_=own)
    await _at_once(session, insert, rows)


async def parts_of(session: AsyncSession, message_ids: Iterable[str]) -> Mapping[str, Parts]:
    """By message id; every id that was asked for is there."""
    found = {message_id: Parts() for message_id in message_ids}
    wanted = select(D.outbox_id, D.account, D.provider_ref, D.part, D.state)
    for row in await session.execute(wanted.where(D.outbox_id.in_(found))):
        found[row.outbox_id].add(row)
    return found


async def release(session: AsyncSession, refs: Sequence[tuple[str, str]]) -> None:
    """Receipts that were taken for a message's own, and were not."""
    if refs:
        theirs = tuple_(D.account, D.provider_ref).in_(refs)
        await session.execute(update(message_tables.delivery).where(theirs).values(outbox_id=""))


async def settle_receipts(
    session: AsyncSession, receipts: Sequence[Receipt], now: datetime
) -> Sequence[Settled]:
    """Store receipts and end the messages that are complete by them. Terminal states stay."""
    known = await _upsert(session, _one_each(receipts), now)
    adopted = await _adopt(session, [one for one in receipts if not known.get(_ref(one))])
    ids = sorted({*filter(None, known.values()), *adopted})
    wanted = select(OUT.id, OUT.parts, OUT.state, OUT.conversation_id).where(
        OUT.id.in_(ids), OUT.state.not_in(TERMINAL)
    )
    rows = (await session.execute(wanted.order_by(OUT.id).with_for_update())).all() if ids else ()
    parts = await parts_of(session, [row.id for row in rows])
    ended: list[Settled] = []
    for row in rows:
        # while it is being sent nobody knows how many parts it has: the end of the try sums up
        end = None if row.state is DeliveryState.SENDING else parts[row.id].end(row.parts)
        if end is not None:
            ended.append(Settled(row.id, end, row.conversation_id))
    if ended:
        change = update(message_tables.outbox).where(OUT.id == bindparam("message"))
        change = change.values(
            state=bindparam("now_state", type_=OUT.state.type), settled_at=now, next_at=None
        )
        values = [{"message": one.message_id, "now_state": one.state} for one in ended]
        await (await session.connection()).execute(change, values)
    return ended


def _one_each(receipts: Sequence[Receipt]) -> Sequence[Receipt]:
    """A part may be reported more than once in a batch: the first final word stands."""
    kept: dict[tuple[str, str], Receipt] = {}
    for one in receipts:
        if (before := kept.get(_ref(one))) is None or before.state not in TERMINAL:
            kept[_ref(one)] = one
    return list(kept.values())


async def _upsert(
    session: AsyncSession, receipts: Sequence[Receipt], now: datetime
) -> Mapping[tuple[str, str], str]:
    """Ids of the messages that they belong to, '' where none is known yet."""
    insert = Repository(session).insert(message_tables.delivery).values(outbox_id="", part=0)
    sticky = or_(*(D.state == state for state in TERMINAL))
    kept = {name: case((sticky, D[name]), else_=insert.excluded[name]) for name in ("state", "code", "at")}
    insert = insert.on_conflict_do_update(index_elements=["account", "provider_ref"], set_=kept)
    rows = [
        {
            "account": one.account,
            "provider_ref": one.provider_ref,
            "state": one.state,
            "code": one.code,
            "at": one.at or now,
        }
        for one in receipts
    ]
    return await _at_once(session, insert, rows)


async def _at_once(
    session: AsyncSession, insert: Any, rows: Sequence[Mapping[str, Any]]
) -> Mapping[tuple[str, str], str]:
    """All rows in one statement, which is what RETURNING makes of it; the owners that then stand there."""
    returned = insert.returning(D.account, D.provider_ref, D.outbox_id)
    written = await session.execute(returned, sorted(rows, key=_key))
    return {(row.account, row.provider_ref): row.outbox_id for row in written}


async def _adopt(session: AsyncSession, orphans: Sequence[Receipt]) -> Sequence[str]:
    """The answer with the id never came, or not yet: the one message to this recipient whose fate is open is
    meant. Whether it was, the answer may still show.
    """
    named = {(one.account, one.recipient): one for one in orphans if one.recipient}
    if not named:
        return []
    people = {recipient for _, recipient in named}
    wanted = select(OUT.id, OUT.via, OUT.to).where(OUT.to.in_(people), OUT.state.in_(_OPEN))
    doubtful: dict[tuple[str, str], list[str]] = {}
    for row in await session.execute(wanted):
        doubtful.setdefault((row.via, row.to), []).append(row.id)
    adopted = {key: doubtful[key][0] for key in sorted(named) if len(doubtful.get(key, ())) == 1}
    if adopted:
        its = (D.account == bindparam("its_account"), D.provider_ref == bindparam("its_ref"))
        change = update(message_tables.delivery).where(*its).values(outbox_id=bindparam("message"))
        values = [
            {"its_account": key[0], "its_ref": named[key].provider_ref, "message": message_id}
            for key, message_id in adopted.items()
        ]
        await (await session.connection()).execute(change, values)
    return list(adopted.values())


def _ref(receipt: Receipt) -> tuple[str, str]:
    return receipt.account, receipt.provider_ref


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["account"], row["provider_ref"]
