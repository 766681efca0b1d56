"""The seat's inbox: conversations, answers, files, canned texts. Departments have no part in it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from agent_console import schemas
from agent_console.auth import ContextDep, Me, need
from agent_console.inputs import Id
from agent_console.views import inbox as views
from callcenter.domain.conversations import CloseCode, Conversation
from callcenter.domain.errors import NotFoundError
from callcenter.domain.messages import Kind
from callcenter.domain.staff import Role, User
from callcenter.usecases import answers, attachments, contacts, conversations, seat_inbox
from callcenter.usecases.context import Context
from callcenter.usecases.conversations import Reply

router = APIRouter(prefix="/api", tags=["inbox"])

READERS = (Role.AGENT, Role.TEAM_LEADER, Role.SUPERVISOR)
APPROVERS = (Role.SUPERVISOR, Role.ADMIN)
INLINE = (Kind.IMAGE, Kind.VOICE)
# whatever a citizen sent: it runs nothing, and is shown as what it is or not at all
GUARDED = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
KEPT = "private, max-age=86400, immutable"  # a file never changes


async def reader(user: Me) -> User:
    need(user, *READERS)
    return user


async def worker(user: Me) -> User:
    need(user, *conversations.WORKERS)
    return user


Reader = Annotated[User, Depends(reader)]
Worker = Annotated[User, Depends(worker)]


@router.get("/inbox")
async def inbox(context: ContextDep, user: Reader) -> schemas.InboxOut:
    return await views.inbox(context, user)


@router.get("/inbox/canned")
async def canned(conversation: Id, context: ContextDep, user: Worker) -> list[schemas.CannedOut]:
    return await views.canned(context, user, await _talk(context, conversation))


@router.get("/inbox/answers")
async def answer_list(context: ContextDep, user: Me) -> list[schemas.AnswerOut]:
    """Knowledge entries, and which of them the machine may read out to citizens."""
    need(user, *APPROVERS)
    async with context.reading() as uow:
        allowed, entries = await answers.approved(uow), await uow.codes.knowledge()
    return [
        schemas.AnswerOut(id=one.id, title=one.title, answer=one.summary, approved=one.id in allowed)
        for one in entries
    ]


@router.put("/inbox/answers/{entry_id}", status_code=204)
async def approve(entry_id: Id, given: schemas.AnswerIn, context: ContextDep, user: Me) -> None:
    need(user, *APPROVERS)
    await answers.approve(context, user, entry_id, wanted=given.approved)


@router.get("/inbox/files/{file_id}")
async def file(file_id: Id, context: ContextDep, user: Reader) -> Response:
    """The file as it was sent; that it was opened is kept."""
    found = await attachments.open_file(context, user, file_id)
    inline = found.kind in INLINE
    return Response(
        found.content,
        media_type=found.mime if inline else "application/octet-stream",
        headers={
            **GUARDED,
            "Content-Disposition": f'{"inline" if inline else "attachment"}; filename="{file_id}"',
            "Cache-Control": KEPT,
        },
    )


@router.get("/inbox/files/{file_id}/preview")
async def preview(file_id: Id, context: ContextDep, _user: Reader) -> Response:
    found = await attachments.preview(context, file_id)
    return Response(found.content, media_type=found.mime, headers={**GUARDED, "Cache-Control": KEPT})


@router.get("/inbox/{talk_id}")
async def conversation(talk_id: Id, context: ContextDep, user: Reader) -> schemas.ConversationOut:
    """Opening it marks it read, for whom it is with."""
    await conversations.seen(context, user, talk_id)
    await conversations.views(context, user, talk_id)
    return await views.conversation(context, user, await _talk(context, talk_id))


async def _talk(context: Context, talk_id: str) -> Conversation:
    async with context.reading() as uow:
        talk = await uow.conversations.get(talk_id)
    if talk is None:
        raise NotFoundError("这个会话")
    return talk


@router.post("/inbox/{talk_id}/messages")
async def write(
    talk_id: Id, given: schemas.MessageIn, context: ContextDep, user: Worker
) -> schemas.ChatMessage:
    sent = await conversations.reply(context, user, talk_id, Reply(**given.model_dump()))
    return views.ours(sent, user)


@router.put("/inbox/{talk_id}/files")
async def upload(talk_id: Id, request: Request, context: ContextDep, user: Worker) -> schemas.FileOut:
    """A picture; the body is the file itself, at most 10 MiB."""
    file = await conversations.upload(context, user, talk_id, await request.body())
    return views.file_out(file)


@router.post("/inbox/{talk_id}/take", status_code=204)
async def take(talk_id: Id, context: ContextDep, user: Worker) -> None:
    await conversations.take(context, user, talk_id)


@router.post("/inbox/{talk_id}/transfer", status_code=204)
async def transfer(talk_id: Id, wanted: schemas.TransferIn, context: ContextDep, user: Worker) -> None:
    await conversations.transfer(context, user, talk_id, wanted.seat, wanted.skill)
    await seat_inbox.give_out(context)


@router.post("/inbox/{talk_id}/close", status_code=204)
async def close(talk_id: Id, given: schemas.CloseIn, context: ContextDep, user: Worker) -> None:
    await conversations.close(context, user, talk_id, CloseCode(given.code))


@router.post("/inbox/{talk_id}/viewing", status_code=204)
async def viewing(talk_id: Id, context: ContextDep, user: Reader) -> None:
    """The page that shows it says so every ten seconds."""
    await conversations.views(context, user, talk_id)


@router.post("/contacts/merge", status_code=204)
async def merge(wanted: schemas.MergeIn, context: ContextDep, user: Worker) -> None:
    await contacts.merge(context, user, wanted.kept_id, wanted.gone_id, wanted.reason)
