"""One part of a message to a citizen: in a request that waits, else as a customer-service message, else, with
the citizen's window closed, as a notice that is on file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from callcenter.domain.messages import (
    Attachment,
    Fault,
    Outbound,
    Outcome,
    Part,
    PlanError,
    SendResult,
)
from callcenter.ports import Clock, MediaStore
from messaging.wechat import media, notices, text
from messaging.wechat.api import Api
from messaging.wechat.codes import WINDOW, InDoubtError, NotReachedError, RefusedError, fate
from messaging.wechat.hooks import Hooks
from messaging.wechat.notices import Notice

CUSTOMER_SERVICE = "/cgi-bin/message/custom/send"
PASSIVE, NOTICE = "passive", "notice"  # how an accepted part went, where not as a customer-service message
NOT_PERMITTED = "not_permitted"


@dataclass(frozen=True, slots=True)
class Words:
    """`whole`: it is all of the message, which a notice could stand for."""

    text: str
    whole: bool


def plan(message: Outbound) -> Sequence[Part]:
    """Raises `PlanError`."""
    if message.attachment is not None:
        media.taken(message.attachment)
        return (Part(0, message.attachment),)
    if not message.text.strip():
        raise PlanError("empty")
    pieces = list(text.pieces(message.text))
    return [Part(number, Words(piece, whole=len(pieces) == 1)) for number, piece in enumerate(pieces)]


class Sending:
    def __init__(
        self,
        api: Api,
        hooks: Hooks,
        store: MediaStore,
        clock: Clock,
        zone: tzinfo,
        forms: Mapping[str, Notice],
    ) -> None:
        self._api = api
        self._hooks = hooks
        self._store = store
        self._clock = clock
        self._zone = zone
        self._forms = forms

    async def send(self, message: Outbound, part: Part) -> SendResult:
        content: Words | Attachment = part.content
        if isinstance(content, Attachment):
            return await self._file(message.to, content)
        return await self._passive(message.to, content.text) or await self._words(message, content)

    async def _passive(self, openid: str, words: str) -> SendResult | None:
        """None = no request of the citizen waits, or it was gone before anything was written."""
        ref, left = await self._hooks.offer(openid, words)
        if left is None:
            return SendResult(Outcome.UNKNOWN, code=PASSIVE)
        return SendResult(Outcome.ACCEPTED, ref=f"{PASSIVE}:{ref}", code=PASSIVE) if left else None

    async def _words(self, message: Outbound, content: Words) -> SendResult:
        body = {"touser": message.to, "msgtype": "text", "text": {"content": content.text}}
        try:
            await self._api.post(CUSTOMER_SERVICE, body)
        except RefusedError as error:
            refused = self._fate(error)
            if error.number in WINDOW and content.whole:
                return await self._notice(message, refused)
            return refused
        except (NotReachedError, InDoubtError) as error:
            return self._fate(error)
        return SendResult(Outcome.ACCEPTED)

    async def _notice(self, message: Outbound, refused: SendResult) -> SendResult:
        """`refused` stands when there is no form for this message or the citizen does not get it either."""
        form = self._forms.get(message.template)
        request = notices.body(form, message) if form else None
        if form is None or request is None:
            return refused
        try:
            answer = await self._api.post(notices.PATHS[form.kind], request)
        except (RefusedError, NotReachedError, InDoubtError) as error:
            second = self._fate(error)
            final = second.outcome is Outcome.REJECTED or second.code == NOT_PERMITTED
            return refused if final else second
        return SendResult(Outcome.ACCEPTED, ref=str(answer.get("msgid") or ""), code=NOTICE)

    async def _file(self, openid: str, file: Attachment) -> SendResult:
        """A file that was uploaded is not sent yet: until then nothing is in doubt."""
        try:
            content = await self._store.read(file.digest)
        except KeyError:
            return SendResult(Outcome.REJECTED, code="file_gone")
        if len(content) > media.taken(file).most:
            return SendResult(Outcome.REJECTED, code="too_large")
        try:
            media_id = await media.upload(self._api, file, content)
        except (InDoubtError, KeyError):
            return SendResult(Outcome.RETRY, code="not_uploaded", fault=Fault.LINK)
        except (RefusedError, NotReachedError) as error:
            return self._fate(error)
        return await self._uploaded(openid, media.taken(file).name, media_id)

    async def _uploaded(self, openid: str, kind: str, media_id: str) -> SendResult:
        body: Mapping[str, Any] = {"touser": openid, "msgtype": kind, kind: {"media_id": media_id}}
        try:
            await self._api.post(CUSTOMER_SERVICE, body)
        except (RefusedError, NotReachedError, InDoubtError) as error:
            return self._fate(error)
        return SendResult(Outcome.ACCEPTED)

    def _fate(self, error: Exception) -> SendResult:
        return fate(error, self._clock.now(), self._zone)
