"""A conversation's life: opened by a message, taken, answered, handed on and closed by seats."""

from dataclasses import dataclass

from callcenter.domain.contacts import Address, Contact, Identity
from callcenter.domain.conversations import GENERAL, CloseCode, Conversation, ConversationState
from callcenter.domain.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from callcenter.domain.messages import Attachment, Kind
from callcenter.domain.records import InboxMessage, MediaFile, MediaState, OutboxMessage
from callcenter.domain.reports import Decision
from callcenter.domain.staff import AgentState, Role, User
from callcenter.store import UnitOfWork
from callcenter.usecases import handling, sending, uploads
from callcenter.usecases.context import Context
from callcenter.usecases.floor import QUEUE_LABELS
from callcenter.usecases.sending import Words

BUSINESS = "business"  # 涉企专席
WORKERS = (Role.AGENT, Role.TEAM_LEADER)
PREVIEW = 80
PREVIEWS = {
    Kind.IMAGE: "[图片]",
    Kind.VOICE: "[语音]",
    Kind.VIDEO: "[视频]",
    Kind.FILE: "[文件]",
    Kind.LOCATION: "[位置]",
    Kind.LINK: "[链接]",
}
# what becomes of a report that the citizen entered and nobody registered, when the conversation ends so
REFUSED = {CloseCode.NOT_OURS: "非受理范围", CloseCode.NUISANCE: "骚扰、广告"}


def tell(context: Context, uow: UnitOfWork, talk: Conversation) -> None:
    talk_id = talk.id
    uow.after_commit(lambda: context.live.publish("office", "inbox.changed", {"id": talk_id}))


# ------------------------------------------------------------------------------------- from citizens


async def open_with(context: Context, uow: UnitOfWork, address: Address, contact: Contact) -> Conversation:
    """The open one of this identity, locked until the end of the transaction; else a new one."""
    now = context.now()
    fresh = Conversation(
        id=context.ids.new(),
        contact_id=contact.id,
        channel=address.medium,
        account=address.account,
        user=address.user,
        opened_at=now,
        updated_at=now,
        skill=BUSINESS if contact.business and address.medium != "email" else GENERAL,
    )
    return await uow.conversations.ensure_open(fresh)


def received(talk: Conversation, message: InboxMessage) -> None:
    """What the list shows of it."""
    if message.kind is not Kind.EVENT:
        preview = f"{PREVIEWS.get(message.kind, '')} {message.text or message.label}".strip()
        talk.last_text, talk.last_at = preview[:PREVIEW], message.received_at
    talk.last_ref = message.ref or talk.last_ref
    talk.subject = talk.subject or message.subject
    talk.case_id = talk.case_id or message.case_id
    talk.updated_at = message.received_at


# ---------------------------------------------------------------------------------------- by seats


async def take(context: Context, user: User, talk_id: str) -> None:
    """A seat takes what nobody has; a team leader takes over from anybody.

    Raises `NotFoundError`, `ConflictError`, `NotAllowedError`.
    """
    async with context.uow() as uow:
        talk = await _open(uow, talk_id)
        if talk.seat not in {"", user.staff_no} and not user.has(Role.TEAM_LEADER):
            raise ConflictError("这个会话刚被同事接走了，需要的话请同事转接给您。")
        assign(context, uow, talk, user.staff_no)
        await uow.commit()


def assign(context: Context, uow: UnitOfWork, talk: Conversation, seat: str) -> None:
    talk.state, talk.seat = ConversationState.ASSIGNED, seat
    talk.assigned_at = talk.updated_at = context.now()
    tell(context, uow, talk)


async def transfer(context: Context, user: User, talk_id: str, seat: str, skill: str) -> None:
    """To a seat that is signed in, or into the queue of a skill. Raises `InvalidInputError` and as `take`."""
    async with context.uow() as uow:
        talk = await mine(uow, user, talk_id)
        if seat:
            await _check_seat(uow, seat)
            assign(context, uow, talk, seat)
        elif skill in QUEUE_LABELS:
            talk.skill = skill
            context.presence.handed_on(talk.id, user.staff_no)
            to_queue(context, uow, talk)
        else:
            raise InvalidInputError("skill", "请选择要转给的座席或技能组。")
        await uow.commit()


async def _check_seat(uow: UnitOfWork, staff_no: str) -> None:
    seat = await uow.seats.get(staff_no)
    if seat is None or seat.state is AgentState.OFF:
        raise InvalidInputError("seat", "对方没有签入，请另选座席或转技能组。")


def to_queue(context: Context, uow: UnitOfWork, talk: Conversation) -> None:
    """排队, and from now on the citizen waits."""
    talk.state, talk.seat = ConversationState.WAITING, ""
    talk.waiting_since = talk.waiting_since or context.now()
    talk.updated_at = context.now()
    tell(context, uow, talk)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a seat writes: words, a file that was uploaded to this conversation, or both."""

    text: str = ""
    file_id: str = ""
    closing: bool = False
    client_key: str = ""  # sent again after a lost answer it is the same message


async def reply(context: Context, user: User, talk_id: str, given: Reply) -> OutboxMessage:
    """Answer; what nobody has is the seat's from then on. Returns the last message that it takes.

    Raises `WindowClosedError`, `HeldBackError`, `InvalidInputError` and as `take`.
    """
    key = f"{talk_id}:{given.client_key}"[:64] if given.client_key else ""
    async with context.uow() as uow:
        talk = await mine(uow, user, talk_id)
        if key and (known := await uow.messages.by_client_key(key)) is not None:
            return known
        parts = await _parts(uow, talk, given)
        sent = [
            await sending.reply(context, uow, talk, words, author_id=user.id, closing=given.closing)
            for words in parts
        ]
        sent[-1].client_key = key
        _answered(context, uow, talk, user)
        await uow.commit()
    return sent[-1]


async def _parts(uow: UnitOfWork, talk: Conversation, given: Reply) -> list[Words]:
    words = [Words(text=given.text.strip())] if given.text.strip() else []
    if given.file_id:
        words.append(Words(attachment=await _uploaded(uow, talk, given.file_id)))
    if not words:
        raise InvalidInputError("text", "请先写内容，或加一张图片。")
    return words


async def _uploaded(uow: UnitOfWork, talk: Conversation, file_id: str) -> Attachment:
    file = await uow.media.get(file_id)
    if file is None or file.owner_id != talk.id or file.state is not MediaState.STORED:
        raise InvalidInputError("file_id", "这张图片没有上传成功，请重新添加。")
    return Attachment(file.digest, file.kind, file.mime, file.name)


def _answered(context: Context, uow: UnitOfWork, talk: Conversation, user: User) -> None:
    """The citizen waits for nothing any more."""
    if talk.seat != user.staff_no:
        assign(context, uow, talk, user.staff_no)
    talk.answered_at = talk.answered_at or context.now()
    talk.waiting_since, talk.unread = None, 0
    tell(context, uow, talk)


async def upload(context: Context, user: User, talk_id: str, content: bytes) -> MediaFile:
    """A picture for this conversation, written anew without what cameras put in.

    Raises `InvalidInputError` when it is none, or too large.
    """
    async with context.reading() as uow:
        await mine(uow, user, talk_id, lock=False)
    file = await uploads.cleaned(context, content, talk_id)
    async with context.uow() as uow:
        uow.media.add(file)
        await uow.commit()
    return file


async def close(context: Context, user: User, talk_id: str, code: CloseCode) -> None:
    """Raises `InvalidInputError` when something that the citizen entered would be lost, and as `take`."""
    async with context.uow() as uow:
        talk = await mine(uow, user, talk_id)
        while (pending := await uow.reports.pending(talk.id)) is not None:
            if code not in REFUSED:
                raise InvalidInputError(
                    "code",
                    f"市民提交的 {pending.number} 还没有登记：请先提交工单、直接答复或不受理，再结束。",
                )
            pending.decision, pending.reason = Decision.REFUSE, REFUSED[code]
            pending.filed_by = user.id
        end(context, uow, talk, code, by=user.id)
        await uow.commit()


def end(context: Context, uow: UnitOfWork, talk: Conversation, code: CloseCode, *, by: str) -> None:
    """`by` '' = nobody pressed a key. The next message of the citizen begins another conversation."""
    talk.state, talk.open_key = ConversationState.CLOSED, ""
    talk.closed_at = talk.updated_at = context.now()
    talk.close_code, talk.closed_by = code.value, by
    talk.waiting_since, talk.unread = None, 0
    tell(context, uow, talk)


async def mine(uow: UnitOfWork, user: User, talk_id: str, *, lock: bool = True) -> Conversation:
    """Open, and nobody else's. Raises `NotFoundError`, `ConflictError`, `NotAllowedError`."""
    talk = await _open(uow, talk_id, lock=lock)
    if talk.seat not in {"", user.staff_no}:
        raise NotAllowedError(f"这个会话在 {talk.seat} 座席，请先请对方转接。")
    return talk


async def _open(uow: UnitOfWork, talk_id: str, *, lock: bool = True) -> Conversation:
    talk = await uow.conversations.get(talk_id, lock=lock)
    if talk is None:
        raise NotFoundError("这个会话")
    if not talk.is_open:
        raise ConflictError("这个会话已经结束；市民再来信时会开始新的会话。")
    return talk


async def identity_of(uow: UnitOfWork, talk: Conversation) -> Identity | None:
    address = Address(talk.channel, talk.account, talk.user).identity
    known = await uow.contacts.identities(talk.contact_id)
    return next((one for one in known if Address(one.medium, one.account, one.user) == address), None)


async def seen(context: Context, user: User, talk_id: str) -> None:
    """The seat whose conversation it is has read it."""
    async with context.reading() as uow:
        talk = await uow.conversations.get(talk_id)
    if talk is None or talk.seat != user.staff_no or not talk.unread:
        return
    async with context.uow() as uow:
        talk = await uow.conversations.get(talk_id, lock=True)
        if talk is not None and talk.unread:
            talk.unread = 0
            tell(context, uow, talk)
            await uow.commit()


async def views(context: Context, user: User, talk_id: str) -> None:
    """This user has it open: colleagues are told when that is news, and whose it is not is kept as a look."""
    if not context.presence.views(talk_id, user.id, context.now()):
        return
    context.live.publish("office", "inbox.changed", {"id": talk_id})
    async with context.uow() as uow:
        talk = await uow.conversations.get(talk_id)
        if talk is not None and talk.seat != user.staff_no:
            handling.looked(context, uow, user, "view", contact_id=talk.contact_id, reason="会话")
            await uow.commit()
