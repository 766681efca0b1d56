"""Unit of work: one transaction, its repositories, and what may happen only once it is committed."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from callcenter import store
from callcenter.db import mapping  # noqa: F401 - maps the domain classes once
from callcenter.db.repositories.calls import CallRepository, QueueBookRepository, TaskRepository
from callcenter.db.repositories.cases import CaseRepository, FollowUpRepository, ReportRepository
from callcenter.db.repositories.codes import CodeRepository, NoteRepository
from callcenter.db.repositories.conversations import (
    ConversationRepository,
    MediaRepository,
    PositionRepository,
)
from callcenter.db.repositories.messages import MessageRepository
from callcenter.db.repositories.people import ContactRepository, SeatRepository, StaffRepository
from callcenter.db.repositories.rules import RuleRepository
from callcenter.db.repositories.sending import SendingRepository
from callcenter.domain.errors import ConflictError

log = structlog.get_logger(__name__)


class SqlUnitOfWork:
    """Implements `callcenter.store.UnitOfWork` on SQLAlchemy."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._session = sessions()
        self._afterwards: list[Callable[[], None]] = []
        self.staff: store.Staff = StaffRepository(self._session)
        self.seats: store.Seats = SeatRepository(self._session)
        self.contacts: store.Contacts = ContactRepository(self._session)
        self.calls: store.Calls = CallRepository(self._session)
        self.reports: store.Reports = ReportRepository(self._session)
        self.cases: store.Cases = CaseRepository(self._session)
        self.followups: store.FollowUps = FollowUpRepository(self._session)
        self.tasks: store.Tasks = TaskRepository(self._session)
        self.messages: store.Messages = MessageRepository(self._session)
        self.media: store.MediaFiles = MediaRepository(self._session)
        self.conversations: store.Conversations = ConversationRepository(self._session)
        self.positions: store.Positions = PositionRepository(self._session)
        self.sending: store.Sending = SendingRepository(self._session)
        self.books: store.QueueBooks = QueueBookRepository(self._session)
        self.codes: store.Codes = CodeRepository(self._session)
        self.notes: store.Notes = NoteRepository(self._session)
        self.rules: store.Rules = RuleRepository(self._session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    def after_commit(self, action: Callable[[], None]) -> None:
        self._afterwards.append(action)

    async def commit(self) -> None:
        try:
            await self._session.commit()
        except (StaleDataError, IntegrityError) as error:
            log.info("commit_conflict", error=type(error).__name__)
            raise ConflictError("刚才有人先改了同一件事，请刷新后再试，您填写的内容还在。") from error
        actions, self._afterwards = self._afterwards, []
        for action in actions:
            action()
