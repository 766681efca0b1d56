"""The transactional outbox, the relay's side: exactly once inside.

One row per message, claimed with a lease and committed as `sending` before anything goes on the wire. Claims
and settlements are written many at a time; which parts a peer took stands in `delivery`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, case, exists, func, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from callcenter.db import message_tables
from callcenter.db.deliveries import Parts, note_answers, parts_of, release
from callcenter.domain.messages import (
    TERMINAL,
    Attachment,
    DeliveryState,
    Kind,
    Outbound,
    Outcome,
    Purpose,
    Settlement,
)
from callcenter.domain.sending import FilingState
from callcenter.ports import Claimed

TABLE = message_tables.outbox
OUT = TABLE.c
OPT_OUT, FILING = message_tables.opt_out.c, message_tables.template_filing.c
_REFUSES = exists().where(OPT_OUT.medium == OUT.channel, OPT_OUT.user == OUT.to).correlate(TABLE)
DAY = timedelta(days=1)
# purposes of which one may send too many; answers are asked for, and an emergency is one
_COUNTED = frozenset({Purpose.SERVICE, Purpose.SURVEY})
_SENT = (DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.UNKNOWN, DeliveryState.SENDING)
_AFTER = {
    Outcome.ACCEPTED: DeliveryState.ACCEPTED,
    Outcome.REJECTED: DeliveryState.FAILED,
    Outcome.UNKNOWN: DeliveryState.UNKNOWN,
}
_MESSAGE = (
    *(OUT.id, OUT.channel, OUT.to, OUT.text, OUT.purpose, OUT.attempts, OUT.resent, OUT.subject, OUT.thread),
    *(OUT.attachment, OUT.template, OUT.params, OUT.via, OUT.account, OUT.priority, OUT.last_code),
)


def _outbound(row: Row[*tuple[Any, ...]]) -> Outbound:
    file = row.attachment
    return Outbound(
        id=row.id,
        channel=row.channel,
        to=row.to,
        text=row.text,
        purpose=row.purpose,
        attempt=row.attempts + 1,
        resent=row.resent,
        account=row.via,
        bound=bool(row.account),
        subject=row.subject,
        thread=row.thread,
        attachment=Attachment(file["digest"], Kind(file["kind"]), file["mime"], file["name"])
        if file
        else None,
        template=row.template,
        params=row.params,
    )


class SqlOutbox:
    """Implements `callcenter.ports.Outbox`."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    # ------------------------------------------------------------------- claim

    async def claim(
        self, medium: str, account: str, limit: int, now: datetime, lease: timedelta, *, shared: bool = True
    ) -> Sequence[Claimed]:
        wanted = {
            "medium": medium,
            "accounts": ["", account] if shared else [account],
            "carrier": account,
            "most": limit,
            "now": now,
            "until": now + lease,
        }
        async with self._sessions() as session, session.begin():
            connection = await session.connection()
            return await connection.run_sync(_claimed, wanted)

    async def expired(self, medium: str, now: datetime) -> Sequence[Outbound]:
        dead = select(*_MESSAGE).where(OUT.channel == medium, OUT.lease_until < now).limit(500)
        async with self._sessions() as session:
            return [_outbound(row) for row in await session.execute(dead)]

    async def defer(self, message_ids: Sequence[str], until: datetime) -> None:
        mine = (OUT.id.in_(message_ids), OUT.state == DeliveryState.SENDING)
        back: Mapping[str, Any] = {
            # a message that ended unknown before stays so: it is not new to the citizen
            "state": case((OUT.resent, DeliveryState.UNKNOWN), else_=DeliveryState.QUEUED),
            "next_at": until,
            "lease_until": None,
        }
        async with self._sessions() as session, session.begin():
            await session.execute(update(TABLE).where(*mine).values(**back))

    async def hand_over(self, message_id: str, account: str) -> None:
        mine = (OUT.id == message_id, OUT.state == DeliveryState.SENDING)
        now: Mapping[str, Any] = {
            "state": DeliveryState.QUEUED,
            "next_at": OUT.created_at,
            "lease_until": None,
            "account": account,
        }
        async with self._sessions() as session, session.begin():
            await session.execute(update(TABLE).where(*mine).values(**now))

    # ------------------------------------------------------------------- settle

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> None:
        async with self._sessions() as session, session.begin():
            connection = await session.connection()
            await connection.run_sync(_settled, settlements, now)


_DUE = (
    select(OUT.id)
    .where(
        OUT.channel == bindparam("medium"),
        OUT.next_at <= bindparam("now", type_=OUT.next_at.type),
        OUT.account.in_(bindparam("accounts", expanding=True)),
    )
    .order_by(OUT.priority, OUT.id)
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(TABLE)
    .where(OUT.id.in_(_DUE.scalar_subquery()))
    .values(
        state=DeliveryState.SENDING,
        via=bindparam("carrier"),
        lease_until=bindparam("until", type_=OUT.lease_until.type),
        next_at=None,
    )
    .returning(*_MESSAGE, _REFUSES.label("refuses"))
)
_LATELY_AT = func.coalesce(OUT.settled_at, OUT.created_at)
_LATELY = select(OUT.id, OUT.to, OUT.purpose, OUT.state, _LATELY_AT.label("at")).where(
    OUT.to.in_(bindparam("people", expanding=True)),
    OUT.channel == bindparam("medium"),
    OUT.created_at > bindparam("since", type_=OUT.created_at.type),
    OUT.state.in_(_SENT),
    OUT.purpose.in_(_COUNTED),
)
_FILED = select(FILING.template, FILING.code).where(
    FILING.account == bindparam("account"),
    FILING.state == FilingState.APPROVED,
    FILING.template.in_(bindparam("names", expanding=True)),
)
_SETTLE = (
    update(TABLE)
    .where(OUT.id == bindparam("message"), *(OUT.state != state for state in sorted(TERMINAL)))
    .values(
        {
            name: bindparam(f"new_{name}", type_=OUT[name].type)
            for name in ("state", "attempts", "last_code", "next_at", "parts", "resent", "settled_at")
        }
    )
    .values(lease_until=None)
)


def _settled(connection: Connection, settlements: Sequence[Settlement], now: datetime) -> None:
    by_id = {one.attempt.message.id: one for one in settlements}
    note_answers(connection, [row for one in settlements for row in _answers(one)])
    parts = parts_of(connection, by_id)
    release(connection, [ref for one in settlements for ref in _strangers(one, parts)])
    connection.execute(_SETTLE, [_change(by_id[key], parts[key], now) for key in sorted(by_id)])


def _order(row: Row[*tuple[Any, ...]]) -> tuple[int, str]:
    """Ids sort by time: to one person in the order in which things happened."""
    return row.priority, row.id


def _answers(one: Settlement) -> Iterable[Mapping[str, Any]]:
    """A part of which the peer named no id is kept under one of ours: it must not be sent again either."""
    message = one.attempt.message
    for part, ref in one.attempt.refs.items():
        own = ref or f"{message.id}~{part}"
        yield {"account": message.account, "provider_ref": own, "outbox_id": message.id, "part": part}


def _strangers(one: Settlement, parts: Mapping[str, Parts]) -> Iterable[tuple[str, str]]:
    """Never in doubt and its first part is known, or was not taken: what it adopted was not its own."""
    message = one.attempt.message
    if message.resent or one.attempt.result.outcome is Outcome.UNKNOWN or 0 in message.taken:
        return ()
    own = {(row["account"], row["provider_ref"]) for row in _answers(one)}
    return [ref for ref, part in parts[message.id].refs.items() if part == 0 and ref not in own]


def _change(one: Settlement, parts: Parts, now: datetime) -> Mapping[str, Any]:
    """The row after this try. A receipt that was quicker than the answer ends the message here."""
    message, result = one.attempt.message, one.attempt.result
    state = _AFTER.get(result.outcome) or _retried(one.again_at)
    end = parts.end(one.attempt.parts, message.account) if state is not DeliveryState.QUEUED else None
    return {
        "message": message.id,
        "new_state": end or state,
        "new_attempts": message.attempt - 1 + one.counts,
        "new_last_code": result.code,
        "new_next_at": None if end else one.again_at,
        "new_parts": one.attempt.parts,
        "new_resent": message.resent or result.outcome is Outcome.UNKNOWN,
        "new_settled_at": None if state is DeliveryState.QUEUED else now,
    }


def _retried(again_at: datetime | None) -> DeliveryState:
    return DeliveryState.FAILED if again_at is None else DeliveryState.QUEUED


# ------------------------------------------------------------------- what the relay must know of a recipient


def _claimed(connection: Connection, wanted: Mapping[str, Any]) -> Sequence[Claimed]:
    rows = sorted(connection.execute(_CLAIM, wanted), key=_order)
    messages = [_outbound(row) for row in rows]
    if not messages:
        return ()
    # of what was tried before parts may be taken, also when the try did not count
    again = [row.id for row in rows if row.attempts or row.resent or row.last_code]
    taken, now = parts_of(connection, again), wanted["now"]
    lately = _lately(connection, messages, now)
    codes = _filing_codes(connection, wanted["carrier"], messages)
    return [
        Claimed(
            replace(
                one,
                taken=taken[one.id].taken(one.account) if one.id in taken else frozenset(),
                filing=codes.get(one.template, ""),
            ),
            opted_out=row.refuses,
            **_counts(one, lately, now),
        )
        for one, row in zip(messages, rows, strict=True)
    ]


def _lately(
    connection: Connection, messages: Sequence[Outbound], now: datetime
) -> Sequence[Row[*tuple[Any, ...]]]:
    """What the recipients were sent within a day, of the purposes that are counted."""
    people = sorted({one.to for one in messages if one.purpose in _COUNTED})
    if not people:
        return ()
    wanted = {"people": people, "medium": messages[0].channel, "since": now - 2 * DAY}
    return connection.execute(_LATELY, wanted).all()


def _counts(message: Outbound, lately: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> Mapping[str, int]:
    ages = [
        now - row.at
        for row in lately
        if row.to == message.to and row.purpose is message.purpose and _goes_before(row, message)
    ]
    spans = {"last_minute": timedelta(minutes=1), "last_hour": timedelta(hours=1), "last_day": DAY}
    return {name: sum(age < span for age in ages) for name, span in spans.items()}


def _goes_before(row: Row[*tuple[Any, ...]], message: Outbound) -> bool:
    """Of several that were claimed together the older ones count."""
    return bool(row.id != message.id and (row.state is not DeliveryState.SENDING or row.id < message.id))


def _filing_codes(connection: Connection, account: str, messages: Sequence[Outbound]) -> Mapping[str, str]:
    names = sorted({one.template for one in messages if one.template})
    if not names:
        return {}
    return {
        row.template: row.code for row in connection.execute(_FILED, {"account": account, "names": names})
    }
