"""What may be sent: opt-outs, filed templates, words that are held back, canned texts."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from callcenter.db import message_tables
from callcenter.db.repository import Repository
from callcenter.domain.contacts import OptOut
from callcenter.domain.sending import CannedText, ModeratedWord, TemplateFiling

OUT, FILED = message_tables.opt_out, message_tables.template_filing
WORD, CANNED = message_tables.moderated_word, message_tables.canned_text


class SendingRepository(Repository):
    async def opted_out(self, medium: str, user: str) -> bool:
        return await self._session.get(OptOut, (medium, user)) is not None

    async def opt_out(self, entry: OptOut) -> None:
        values = {"medium": entry.medium, "user": entry.user, "since": entry.since, "source": entry.source}
        await self._insert_once(OUT, values, on=["medium", "user_key"])

    async def opt_in(self, medium: str, user: str) -> None:
        await self._session.execute(delete(OUT).where(OUT.c.medium == medium, OUT.c.user == user))

    async def opt_outs(self, limit: int) -> Sequence[OptOut]:
        return await self._all(select(OptOut).order_by(OUT.c.since.desc()).limit(limit))

    async def filings(self) -> Sequence[TemplateFiling]:
        return await self._all(select(TemplateFiling).order_by(FILED.c.account, FILED.c.template))

    async def file(self, filing: TemplateFiling) -> None:
        await self._session.merge(filing)

    async def moderated(self) -> Sequence[ModeratedWord]:
        return await self._all(select(ModeratedWord).order_by(WORD.c.word))

    async def moderate(self, word: ModeratedWord) -> None:
        await self._session.merge(word)

    async def allow(self, word: str) -> None:
        await self._session.execute(delete(WORD).where(WORD.c.word == word))

    async def canned(self) -> Sequence[CannedText]:
        return await self._all(select(CannedText).order_by(CANNED.c.position, CANNED.c.title))

    async def keep_canned(self, text: CannedText) -> None:
        await self._session.merge(text)

    async def drop_canned(self, text_id: str) -> None:
        await self._session.execute(delete(CANNED).where(CANNED.c.id == text_id))
