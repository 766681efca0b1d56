"""Staff, seats and contacts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from callcenter.db import message_tables, tables
from callcenter.db.repository import Repository
from callcenter.domain.contacts import PHONE, Address, Contact, Identity, PhoneCode
from callcenter.domain.staff import AgentState, Seat, SeatMoved, User, WebSession

U, S, M, C = tables.user.c, tables.web_session.c, tables.seat_move.c, tables.contact.c
IDENTITY = message_tables.identity.c
# everything that says whose it is
_OF_CONTACTS = (
    message_tables.conversation,  # locked before the identity, as everywhere
    message_tables.identity,
    message_tables.conversation,  # again: one that was begun in the meantime
    message_tables.outbox,
    message_tables.inbox,
    message_tables.position_link,
    tables.call,
    tables.report,
    tables.case,
    tables.followup,
    tables.task,
)


class StaffRepository(Repository):
    async def get(self, user_id: str, *, lock: bool = False) -> User | None:
        return await self._session.get(User, user_id, with_for_update=lock or None)

    async def by_username(self, username: str) -> User | None:
        return await self._by(User, U.username == username)

    async def by_staff_no(self, staff_no: str) -> User | None:
        return await self._by(User, U.staff_no == staff_no)

    async def everybody(self) -> Sequence[User]:
        return await self._all(select(User).order_by(U.staff_no))

    def add(self, user: User) -> None:
        self._session.add(user)

    async def session(self, session_id: str) -> WebSession | None:
        return await self._session.get(WebSession, session_id)

    def add_session(self, session: WebSession) -> None:
        self._session.add(session)

    async def end_session(self, session_id: str) -> None:
        await self._session.execute(delete(WebSession).where(S.id == session_id))

    async def sweep_sessions(self, now: datetime) -> None:
        await self._session.execute(delete(WebSession).where(S.expires_at < now))


class SeatRepository(Repository):
    async def get(self, staff_no: str, *, lock: bool = False) -> Seat | None:
        return await self._session.get(Seat, staff_no, with_for_update=lock or None)

    async def everybody(self) -> Sequence[Seat]:
        return await self._all(select(Seat).order_by(tables.seat.c.staff_no))

    async def queues_on_duty(self) -> Sequence[Mapping[str, int]]:
        signed_in = select(U.queues).join(tables.seat, tables.seat.c.user_id == U.id)
        signed_in = signed_in.where(tables.seat.c.state != AgentState.OFF)
        return (await self._session.scalars(signed_in)).all()

    def add(self, seat: Seat) -> None:
        self._session.add(seat)

    def record(self, moved: SeatMoved) -> None:
        self._session.add(moved)

    async def moves(self, staff_no: str, since: datetime) -> Sequence[SeatMoved]:
        return await self._all(
            select(SeatMoved).where(M.staff_no == staff_no, M.at >= since).order_by(M.at, M.id)
        )


class ContactRepository(Repository):
    async def get(self, contact_id: str) -> Contact | None:
        return await self._session.get(Contact, contact_id)

    async def by_number(self, number: str) -> Contact | None:
        found = await self._identity(Address(PHONE, "", number))
        return await self.get(found.contact_id) if found else None

    async def some(self, ids: Iterable[str]) -> Mapping[str, Contact]:
        rows = await self._all(select(Contact).where(C.id.in_(set(ids))))
        return {row.id: row for row in rows}

    async def ensure(self, address: Address, contact: Contact) -> Contact:
        """Whoever writes the identity writes the contact: the two cannot come apart."""
        values = {**_key(address), "contact_id": contact.id, "since": contact.created_at, "quota_left": 0}
        if await self._insert_once(
            message_tables.identity, {**values, "name": ""}, on=["medium", "account", "user_key"]
        ):
            self._session.add(contact)
            await self._session.flush()
            return contact
        found = await self._identity(address)
        assert found is not None  # it was there, or the insert would have gone in
        known = await self.get(found.contact_id)
        assert known is not None
        return known

    async def identity(self, address: Address) -> Identity | None:
        return await self._session.get(Identity, tuple(_key(address).values()), with_for_update=True)

    async def _identity(self, address: Address) -> Identity | None:
        return await self._session.get(Identity, tuple(_key(address).values()))

    async def identities(self, contact_id: str) -> Sequence[Identity]:
        return await self._all(
            select(Identity).where(IDENTITY.contact_id == contact_id).order_by(IDENTITY.since)
        )

    async def identities_of(self, contact_ids: Iterable[str]) -> Sequence[Identity]:
        return await self._all(select(Identity).where(IDENTITY.contact_id.in_(set(contact_ids))))

    async def merge(self, kept: Contact, gone: Contact) -> None:
        for table in _OF_CONTACTS:
            mine = table.c.contact_id == gone.id
            await self._session.execute(update(table).where(mine).values(contact_id=kept.id))
        number, gone.number, gone.merged_into = gone.number, "", kept.id
        await self._session.flush()  # numbers are unique: the one gives it up before the other has it
        kept.number = kept.number or number
        await self._session.flush()
        self._session.expire_all()

    async def phone_code(self, address: Address) -> PhoneCode | None:
        return await self._session.get(PhoneCode, tuple(_key(address).values()), with_for_update=True)

    async def keep_phone_code(self, code: PhoneCode) -> None:
        await self._session.merge(code)

    async def drop_phone_code(self, address: Address) -> None:
        table = message_tables.phone_code
        mine = [table.c[name] == value for name, value in _key(address).items()]
        await self._session.execute(delete(table).where(*mine))


def _key(address: Address) -> dict[str, str]:
    return {"medium": address.medium, "account": address.account, "user": address.user}
