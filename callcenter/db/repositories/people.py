"""Staff, seats and contacts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from callcenter.db import tables
from callcenter.db.repository import Repository
from callcenter.domain.contacts import Contact
from callcenter.domain.staff import AgentState, Seat, SeatMoved, User, WebSession

U, S, M, C = tables.user.c, tables.web_session.c, tables.seat_move.c, tables.contact.c


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
        return await self._by(Contact, C.number == number)

    async def some(self, ids: Iterable[str]) -> Mapping[str, Contact]:
        rows = await self._all(select(Contact).where(C.id.in_(set(ids))))
        return {row.id: row for row in rows}

    async def ensure(self, contact: Contact) -> Contact:
        values = {
            "id": contact.id,
            "number": contact.number,
            "created_at": contact.created_at,
            "name": contact.name,
            "language": contact.language,
            "business": contact.business,
            "flags": contact.flags,
            "blocked_reason": contact.blocked_reason,
        }
        await self._insert_once(tables.contact, values, on=["number"])
        found = await self.by_number(contact.number)
        assert found is not None  # it was there, or it was just inserted
        return found
