"""Conversations in writing, files of citizens, position links."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, delete, func, or_, select

from callcenter.db import message_tables
from callcenter.db.repository import Repository
from callcenter.domain.contacts import Address
from callcenter.domain.conversations import (
    ANSWER_IN,
    ANSWER_MAIL_IN,
    Conversation,
    ConversationState,
    open_key,
)
from callcenter.domain.positions import PositionLink
from callcenter.domain.records import MediaFile, MediaState

C, F, P = message_tables.conversation.c, message_tables.media.c, message_tables.position_link.c


class ConversationRepository(Repository):
    async def get(self, conversation_id: str, *, lock: bool = False) -> Conversation | None:
        return await self._session.get(Conversation, conversation_id, with_for_update=lock or None)

    async def ensure_open(self, conversation: Conversation) -> Conversation:
        address = Address(conversation.channel, conversation.account, conversation.user)
        values = {
            "id": conversation.id,
            "contact_id": conversation.contact_id,
            "channel": conversation.channel,
            "account": conversation.account,
            "user": conversation.user,
            "opened_at": conversation.opened_at,
            "updated_at": conversation.updated_at,
            "state": conversation.state,
            "open_key": open_key(address.medium, address.account, address.user),
            "skill": conversation.skill,
            "unread": 0,
            "dialogue": conversation.dialogue,
        }
        await self._insert_once(message_tables.conversation, values, on=["open_key"])
        found = await self._one(self._open(address).with_for_update())
        assert found is not None  # it was there, or it was just inserted
        return found

    async def open_of(self, address: Address) -> Conversation | None:
        return await self._one(self._open(address))

    async def last_of(self, address: Address) -> Conversation | None:
        mine = (C.channel == address.medium, C.account == address.account, C.user == address.user)
        return await self._one(select(Conversation).where(*mine).order_by(C.opened_at.desc()))

    async def waiting(self) -> Sequence[Conversation]:
        wanted = select(Conversation).where(C.state == ConversationState.WAITING)
        return await self._all(wanted.order_by(C.waiting_since, C.id))

    async def of_seat(self, seat: str) -> Sequence[Conversation]:
        mine = (C.seat == seat, C.state == ConversationState.ASSIGNED)
        return await self._all(select(Conversation).where(*mine).order_by(C.assigned_at, C.id))

    async def closed(self, seat: str, since: datetime, limit: int) -> Sequence[Conversation]:
        wanted = select(Conversation).where(C.state == ConversationState.CLOSED, C.closed_at >= since)
        if seat:
            wanted = wanted.where(C.seat == seat)
        return await self._all(wanted.order_by(C.closed_at.desc()).limit(limit))

    async def load(self) -> Mapping[str, int]:
        counted = select(C.seat, func.count()).where(C.state == ConversationState.ASSIGNED).group_by(C.seat)
        return {row[0]: row[1] for row in await self._session.execute(counted)}

    async def overdue(self, now: datetime) -> Sequence[Conversation]:
        mail = C.channel == "email"
        late = or_(
            ~mail & (C.waiting_since < now - ANSWER_IN), mail & (C.waiting_since < now - ANSWER_MAIL_IN)
        )
        wanted = select(Conversation).where(C.state != ConversationState.CLOSED, late)
        return await self._all(wanted.order_by(C.waiting_since))

    async def idle(self, before: datetime, limit: int) -> Sequence[Conversation]:
        wanted = select(Conversation).where(C.state != ConversationState.CLOSED, C.updated_at < before)
        return await self._all(wanted.order_by(C.updated_at).limit(limit))

    def _open(self, address: Address) -> Select[Conversation]:
        key = open_key(address.medium, address.account, address.user)
        return select(Conversation).where(C.open_key == key)


class MediaRepository(Repository):
    def add(self, file: MediaFile) -> None:
        self._session.add(file)

    async def get(self, file_id: str) -> MediaFile | None:
        return await self._session.get(MediaFile, file_id)

    async def of(self, owner_ids: Iterable[str]) -> Mapping[str, Sequence[MediaFile]]:
        found: defaultdict[str, list[MediaFile]] = defaultdict(list)
        wanted = select(MediaFile).where(F.owner_id.in_(set(owner_ids))).order_by(F.number)
        for file in await self._all(wanted):
            found[file.owner_id].append(file)
        return found

    async def sweep(self, owner_id: str, now: datetime) -> Collection[str]:
        over = delete(message_tables.media).where(F.owner_id == owner_id, F.expires_at < now)
        swept = set(await self._session.scalars(over.returning(F.digest)))
        return swept - set(await self._session.scalars(select(F.digest).where(F.digest.in_(swept))))

    async def has_digest(self, digest: str, *, other_than: str) -> bool:
        others = select(MediaFile).where(F.digest == digest, F.id != other_than)
        return await self._one(others) is not None

    async def due(self, now: datetime, limit: int) -> Sequence[MediaFile]:
        wanted = select(MediaFile).where(F.state == MediaState.WAITING, F.next_at <= now)
        return await self._all(wanted.order_by(F.expires_at, F.next_at).limit(limit))


class PositionRepository(Repository):
    def add(self, link: PositionLink) -> None:
        self._session.add(link)

    async def get(self, link_id: str, *, lock: bool = False) -> PositionLink | None:
        return await self._session.get(PositionLink, link_id, with_for_update=lock or None)

    async def of_call(self, call_id: str) -> Sequence[PositionLink]:
        return await self._all(select(PositionLink).where(P.call_id == call_id).order_by(P.created_at))

    async def of_conversation(self, conversation_id: str) -> Sequence[PositionLink]:
        mine = P.conversation_id == conversation_id
        return await self._all(select(PositionLink).where(mine).order_by(P.created_at))
