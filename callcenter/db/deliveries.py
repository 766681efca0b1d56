"""Where a provider's answer meets its receipt: one row per part, written by whichever comes first.

Two tables of which each side looks for the other lose up to a third of the receipts (both look before either
commits); one row that both upsert loses none. Everything here works on many parts at once, and locks delivery
rows before their messages, in the order of their keys: else two writers wait for each other.

Plain functions over one connection, run as a whole by `AsyncConnection.run_sync`: a batch is many statements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, case, or_, select, tuple_, update

from callcenter.db import message_tables
from callcenter.db.repository import INSERTS
from callcenter.domain.messages import TERMINAL, DeliveryState, Receipt, Settled

OUT, D = message_tables.outbox.c, message_tables.delivery.c
_WORST_FIRST = (DeliveryState.FAILED, DeliveryState.EXPIRED)
# sent, perhaps taken, and the answer not here: a receipt may still tell
_OPEN = (DeliveryState.UNKNOWN, DeliveryState.SENDING)


@dataclass(slots=True)
class Parts:
    """What is known of the parts of one message, over all tries. Another account cuts it in other parts: what
    one of them took is nothing to the next.
    """

    states: dict[tuple[str, int], DeliveryState] = field(default_factory=dict)  # by account and part
    refs: dict[tuple[str, str], int] = field(default_factory=dict)  # account and id -> part

    def add(self, row: Any) -> None:
        """A part that was sent twice has arrived when one of the two did."""
        self.refs[row.account, row.provider_ref] = row.part
        if self.states.get((row.account, row.part)) is not DeliveryState.DELIVERED:
            self.states[row.account, row.part] = row.state

    def taken(self, account: str) -> frozenset[int]:
        return frozenset(part for carrier, part in self.states if carrier == account)

    def end(self, parts: int, account: str) -> DeliveryState | None:
        """The worst of its parts; delivered only when every part is. None = not over yet."""
        states = [state for (carrier, _), state in self.states.items() if carrier == account]
        lost = next((state for state in _WORST_FIRST if state in states), None)
        arrived = sum(state is DeliveryState.DELIVERED for state in states)
        return lost or (DeliveryState.DELIVERED if arrived >= parts else None)


_PARTS = select(D.outbox_id, D.account, D.provider_ref, D.part, D.state).where(
    D.outbox_id.in_(bindparam("ids", expanding=True))
)
_DOUBTFUL = select(OUT.id, OUT.via, OUT.to).where(
    OUT.to.in_(bindparam("people", expanding=True)), OUT.state.in_(_OPEN)
)
_UNENDED = (
    select(OUT.id, OUT.parts, OUT.state, OUT.via, OUT.conversation_id)
    .where(OUT.id.in_(bindparam("ids", expanding=True)), OUT.state.not_in(TERMINAL))
    .order_by(OUT.id)
    .with_for_update()
)
_ADOPT = (
    update(message_tables.delivery)
    .where(D.account == bindparam("its_account"), D.provider_ref == bindparam("its_ref"))
    .values(outbox_id=bindparam("message"))
)
_END = (
    update(message_tables.outbox)
    .where(OUT.id == bindparam("message"))
    .values(
        state=bindparam("now_state", type_=OUT.state.type),
        settled_at=bindparam("now", type_=OUT.settled_at.type),
        next_at=None,
    )
)


@cache
def _answer_upsert(dialect: str) -> Any:
    insert = INSERTS[dialect](message_tables.delivery).values(code="", state=DeliveryState.ACCEPTED)
    own = {"outbox_id": insert.excluded.outbox_id, "part": insert.excluded.part}
    return _told(insert.on_conflict_do_update(index_elements=["account", "provider_ref"], set_=own))


@cache
def _receipt_upsert(dialect: str) -> Any:
    insert = INSERTS[dialect](message_tables.delivery).values(outbox_id="", part=0)
    sticky = or_(*(D.state == state for state in sorted(TERMINAL)))
    kept = {name: case((sticky, D[name]), else_=insert.excluded[name]) for name in ("state", "code", "at")}
    return _told(insert.on_conflict_do_update(index_elements=["account", "provider_ref"], set_=kept))


def _told(insert: Any) -> Any:
    """RETURNING makes one statement of all rows."""
    return insert.returning(D.account, D.provider_ref, D.outbox_id)


def note_answers(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Parts that a peer took: `account`, `provider_ref`, `outbox_id`, `part` each."""
    once = {_key(row): row for row in rows}  # whatever a peer names twice
    if once:
        connection.execute(_answer_upsert(connection.dialect.name), [once[key] for key in sorted(once)])


def parts_of(connection: Connection, message_ids: Iterable[str]) -> Mapping[str, Parts]:
    """By message id; every id that was asked for is there."""
    found = {message_id: Parts() for message_id in message_ids}
    if found:
        for row in connection.execute(_PARTS, {"ids": list(found)}):
            found[row.outbox_id].add(row)
    return found


def release(connection: Connection, refs: Sequence[tuple[str, str]]) -> None:
    """Receipts that were taken for a message's own, and were not."""
    if refs:
        theirs = tuple_(D.account, D.provider_ref).in_(refs)
        connection.execute(update(message_tables.delivery).where(theirs).values(outbox_id=""))


def settle_receipts(connection: Connection, receipts: Sequence[Receipt], now: datetime) -> Sequence[Settled]:
    """Store receipts and end the messages that are complete by them. Terminal states stay."""
    known = _upsert(connection, _one_each(receipts), now)
    adopted = _adopt(connection, [one for one in receipts if not known.get(_ref(one))])
    ids = sorted({*filter(None, known.values()), *adopted})
    rows = connection.execute(_UNENDED, {"ids": ids}).all() if ids else ()
    parts = parts_of(connection, [row.id for row in rows])
    ended = []
    for row in rows:
        # while it is being sent nobody knows how many parts it has: the end of the try sums up
        end = None if row.state is DeliveryState.SENDING else parts[row.id].end(row.parts, row.via)
        if end is not None:
            ended.append(Settled(row.id, end, row.conversation_id))
    if ended:
        values = [{"message": one.message_id, "now_state": one.state, "now": now} for one in ended]
        connection.execute(_END, values)
    return ended


def _one_each(receipts: Sequence[Receipt]) -> Sequence[Receipt]:
    """A part may be reported more than once in a batch: the first final word stands."""
    kept: dict[tuple[str, str], Receipt] = {}
    for one in receipts:
        if (before := kept.get(_ref(one))) is None or before.state not in TERMINAL:
            kept[_ref(one)] = one
    return list(kept.values())


def _upsert(
    connection: Connection, receipts: Sequence[Receipt], now: datetime
) -> Mapping[tuple[str, str], str]:
    """Ids of the messages that they belong to, '' where none is known yet."""
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
    written = connection.execute(_receipt_upsert(connection.dialect.name), sorted(rows, key=_key))
    return {(row.account, row.provider_ref): row.outbox_id for row in written}


def _adopt(connection: Connection, orphans: Sequence[Receipt]) -> Sequence[str]:
    """The answer with the id never came, or not yet: the one message to this recipient whose fate is open is
    meant. Whether it was, the answer may still show.
    """
    named = {(one.account, one.recipient): one for one in orphans if one.recipient}
    if not named:
        return []
    people = sorted({recipient for _, recipient in named})
    doubtful: dict[tuple[str, str], list[str]] = {}
    for row in connection.execute(_DOUBTFUL, {"people": people}):
        doubtful.setdefault((row.via, row.to), []).append(row.id)
    adopted = {key: doubtful[key][0] for key in sorted(named) if len(doubtful.get(key, ())) == 1}
    if adopted:
        values = [
            {"its_account": key[0], "its_ref": named[key].provider_ref, "message": message_id}
            for key, message_id in adopted.items()
        ]
        connection.execute(_ADOPT, values)
    return list(adopted.values())


def _ref(receipt: Receipt) -> tuple[str, str]:
    return receipt.account, receipt.provider_ref


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["account"], row["provider_ref"]
