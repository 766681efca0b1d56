"""What a citizen does on the web page: report, look how it goes, urge, withdraw, rate.

Whoever has the number and the code of a report may look at it; whether a number exists is never told. The
page of one browser is known by a key that it made itself (`device`): its conversation belongs to it alone.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from callcenter.domain.cases import Case, CaseStep, StepInput
from callcenter.domain.contacts import Address, Contact, normal_number
from callcenter.domain.conversations import Conversation
from callcenter.domain.errors import ConflictError, InvalidInputError, NotAllowedError
from callcenter.domain.followups import FollowUp, FollowUpState
from callcenter.domain.records import InboxMessage, MediaFile
from callcenter.domain.reports import MAX_CONTENT, Decision, Report
from callcenter.domain.suggestions import Suggestion
from callcenter.domain.workflow import State
from callcenter.store import UnitOfWork
from callcenter.usecases import followup, lodging, steps, uploads
from callcenter.usecases.context import Context
from callcenter.usecases.followup import MACHINE

WEB = "web"  # medium, and the name of its only account
MIN_CONTENT = 4
PREVIEW = 80
ID_LENGTH = 40
NO_CODE = "------"  # of a report that does not exist: compared all the same


class WrongCodeError(NotAllowedError):
    """The same sentence whether the number does not exist or the code is another."""

    code = "wrong_code"

    def __init__(self) -> None:
        super().__init__("编号或查询码不对，请对照回执核对；也可以拨打 12345 查询。")


@dataclass(frozen=True, slots=True)
class WebReport:
    """`client_key` is the page's own for this form: sent twice it files once. `photos`: ids of uploads."""

    device: str
    client_key: str
    content: str
    category: str = ""
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    phone: str = ""
    may_call: bool = True
    confidential: bool = False
    photos: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """What lets a citizen at a report."""

    number: str
    code: str


@dataclass(frozen=True, slots=True)
class Rating:
    """`score` 1 (非常满意) to 5 (非常不满意)."""

    score: int
    solved: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """All that the progress page shows is made of."""

    report: Report
    case: Case | None
    steps: Sequence[CaseStep] = ()
    departments: Mapping[str, str] = field(default_factory=dict)
    photos: Sequence[MediaFile] = ()
    urged_today: bool = False
    rated: FollowUp | None = None


def address_of(device: str) -> Address:
    """Only the digest of the browser's key is kept: whoever reads the books cannot act as the citizen."""
    return Address(WEB, WEB, hashlib.sha256(device.encode()).hexdigest()[:ID_LENGTH])


# ------------------------------------------------------------------------------------------- report


async def lodge(context: Context, given: WebReport) -> Report:
    """File it once, however often it is sent. Raises `InvalidInputError`."""
    _check(given)
    read = await asyncio.to_thread(context.classifier.suggest, given.content)
    try:
        return await _lodge_once(context, given, read)
    except ConflictError:  # its twin was faster
        return await _lodge_once(context, given, read)


def _check(given: WebReport) -> None:
    if len(given.content.strip()) < MIN_CONTENT:
        raise InvalidInputError("content", "请写清发生了什么，至少几个字。")
    if len(given.content) > MAX_CONTENT:
        raise InvalidInputError("content", f"内容最多 {MAX_CONTENT} 字，请删减后再提交。")
    if not given.place.strip() and given.lat is None:
        raise InvalidInputError("place", "请写地点，或在地图上点一下。")
    if given.phone and not normal_number(given.phone):
        raise InvalidInputError("phone", "电话号码不对，请核对；不想留可以空着。")


async def _lodge_once(context: Context, given: WebReport, read: Suggestion) -> Report:
    """The form's own key makes the report's id: it lasts, whatever a seat makes of the report meanwhile."""
    address = address_of(given.device)
    report_id = hashlib.sha256(f"{given.device}:{given.client_key}".encode()).hexdigest()[:ID_LENGTH]
    async with context.uow() as uow:
        talk = await conversation_of(context, uow, address)  # its lock lets twins in one after the other
        known = await uow.reports.get(report_id)
        if known is not None:
            return known
        category = await uow.codes.category(context.city.standard, given.category)
        report = await lodging.lodge(context, uow, talk, _entered(given, category is not None), read)
        report.id = report_id
        report.category_name = category.name if category else ""
        await uploads.claim(uow, given.photos, report.id)
        await _show(context, uow, talk, report)
        await uow.commit()
    return report


def _entered(given: WebReport, class_exists: bool) -> lodging.Entered:
    return lodging.Entered(
        content=given.content.strip(),
        place=given.place.strip(),
        lat=given.lat,
        lon=given.lon,
        phone=normal_number(given.phone),
        category=given.category if class_exists else "",
        may_call=given.may_call,
        confidential=given.confidential,
    )


async def conversation_of(
    context: Context, uow: UnitOfWork, address: Address, contact: Contact | None = None
) -> Conversation:
    """The open one of this browser, locked. `contact`: who it is, where that is known."""
    now = context.now()
    whose = contact or Contact(context.ids.new(), "", now)
    citizen = await uow.contacts.ensure(address.identity, whose)
    fresh = Conversation(context.ids.new(), citizen.id, WEB, address.account, address.user, now, now)
    return await uow.conversations.ensure_open(fresh)


async def _show(context: Context, uow: UnitOfWork, talk: Conversation, report: Report) -> None:
    """The report is the first message of the conversation too; it has the report's id, and so its photos."""
    text = "\n".join(filter(None, (report.content, report.place and f"地点：{report.place}")))
    message = InboxMessage(
        id=report.id,
        channel=WEB,
        account=talk.account,
        event_key=f"report:{report.id}",
        sender=talk.user,
        text=text,
        received_at=context.now(),
        lat=report.lat,
        lon=report.lon,
    )
    await book(context, uow, talk, message)


async def book(context: Context, uow: UnitOfWork, talk: Conversation, message: InboxMessage) -> bool:
    """Into the conversation, where a person reads it; False = it was there already."""
    if not await uow.messages.receive([message]):
        return False
    kept = await uow.messages.received(message.id)
    assert kept is not None  # it was just written
    kept.conversation_id, kept.contact_id = talk.id, talk.contact_id
    kept.case_id = message.case_id
    kept.processed_at = talk.last_at = context.now()
    talk.last_text, talk.unread = message.text[:PREVIEW], talk.unread + 1
    lodging.wait_for_person(context, talk)
    talk_id = talk.id
    uow.after_commit(lambda: context.live.publish("office", "inbox.changed", {"id": talk_id}))
    return True


# ------------------------------------------------------------------------------------------- progress


async def find(uow: UnitOfWork, ticket: Ticket) -> Report:
    """Raises `WrongCodeError`, after the same work whether or not there is such a number."""
    report = await uow.reports.by_number(ticket.number)
    code = (report.access_code if report else "") or NO_CODE
    fits = hmac.compare_digest(code.encode(), ticket.code.encode())
    if report is None or not fits or not report.access_code:
        raise WrongCodeError
    return report


async def look(context: Context, ticket: Ticket) -> Looked:
    async with context.reading() as uow:
        report = await find(uow, ticket)
        photos = (await uow.media.of([report.id])).get(report.id, ())
        case = await uow.cases.get(report.case_id) if report.case_id else None
        if case is None:
            return Looked(report, None, photos=photos)
        taken = await uow.cases.steps(case.id)
        departments = {one.id: one.name for one in await uow.codes.departments()}
        return Looked(
            report,
            case,
            taken,
            departments,
            photos,
            urged_today=_urged_today(context, taken),
            rated=next((one for one in await _asked(uow, report, case) if one.answered_at), None),
        )


def _urged_today(context: Context, taken: Sequence[CaseStep]) -> bool:
    return any(step.action == "urge" and step.at >= context.today() for step in taken)


async def urge(context: Context, ticket: Ticket) -> None:
    """催办, once a day. Raises `WrongCodeError`, `NotAllowedError`."""
    async with context.uow() as uow:
        report = await find(uow, ticket)
        case = await uow.cases.get(report.case_id) if report.case_id else None
        if case is None or not case.is_open:
            raise NotAllowedError("还没有派单或已经办结，现在不用催；有急事请拨打 12345。")
        locked = await uow.cases.by_number(case.number, lock=True)
        assert locked is not None  # it was there a moment ago
        if _urged_today(context, await uow.cases.steps(case.id)):
            raise NotAllowedError("今天已经催过了，承办单位已收到提醒；明天还可以再催。")
        await steps.take(context, uow, locked, "urge", MACHINE, StepInput(opinion="市民在网页上催办"))
        await uow.commit()


async def withdraw(context: Context, ticket: Ticket) -> bool:
    """True = it is withdrawn; False = it is being handled, and a person was told of the wish.

    Raises `WrongCodeError`, `NotAllowedError`.
    """
    async with context.uow() as uow:
        report = await find(uow, ticket)
        case = await uow.cases.get(report.case_id) if report.case_id else None
        ended = report.decision is not Decision.PENDING if case is None else not case.is_open
        if ended:
            raise NotAllowedError("这件诉求已经有结果了，不用撤回。")
        if case is None:
            report.decision, report.reason = Decision.REFUSE, "市民撤回"
        await _tell_seat(context, uow, report)
        await uow.commit()
    return case is None


async def _tell_seat(context: Context, uow: UnitOfWork, report: Report) -> None:
    """In the conversation that it came by, or in one that begins now."""
    talk = await uow.conversations.get(report.conversation_id) if report.conversation_id else None
    if talk is None or not talk.is_open:
        contact = await uow.contacts.get(report.contact_id)
        address = Address(WEB, WEB, talk.user if talk and talk.channel == WEB else f"report-{report.id}")
        talk = await conversation_of(context, uow, address, contact)
    text = f"【撤回】市民在网页上撤回了 {report.number}"
    message = _note(context, talk, f"withdraw:{report.id}", text)
    message.case_id = report.case_id
    await book(context, uow, talk, message)


def _note(context: Context, talk: Conversation, key: str, text: str) -> InboxMessage:
    return InboxMessage(
        id=context.ids.new(),
        channel=talk.channel,
        account=talk.account,
        event_key=key,
        sender=talk.user,
        text=text,
        received_at=context.now(),
    )


# ------------------------------------------------------------------------------------------- rating


async def rate(context: Context, ticket: Ticket, rating: Rating) -> None:
    """评价, once; unsolved opens the case again. Raises `WrongCodeError`, `NotAllowedError`."""
    async with context.uow() as uow:
        report = await find(uow, ticket)
        case = await uow.cases.get(report.case_id) if report.case_id else None
        if case is None or case.state not in {State.CLOSED, State.FORCED_CLOSE}:
            raise NotAllowedError("办结以后才能评价，现在还在办理中。")
        asked = await _asked(uow, report, case)
        if any(one.answered_at for one in asked):
            raise NotAllowedError("您已经评价过了，谢谢！有新情况可以补充，或拨打 12345。")
        question = asked[0] if asked else _question(context, uow, report, case)
        await followup.answered_on_web(context, uow, question, rating.score, solved=rating.solved)
        await _keep_words(context, uow, report, rating.words.strip())
        await uow.commit()


async def _asked(uow: UnitOfWork, report: Report, case: Case) -> list[FollowUp]:
    """What this citizen was asked since the case was last closed."""
    since = case.closed_at
    return [
        one
        for one in await uow.followups.of_case(case.id)
        if one.contact_id == report.contact_id
        and one.state is not FollowUpState.DROPPED
        and (since is None or one.asked_at >= since)
    ]


def _question(context: Context, uow: UnitOfWork, report: Report, case: Case) -> FollowUp:
    """Nobody could ask them, without a number: the page did."""
    now = context.now()
    asked = FollowUp(context.ids.new(), case.id, report.contact_id, "", asked_at=now, next_at=now)
    uow.followups.add(asked)
    return asked


async def _keep_words(context: Context, uow: UnitOfWork, report: Report, words: str) -> None:
    if not words:
        return
    message = InboxMessage(
        id=context.ids.new(),
        channel=WEB,
        account=WEB,
        event_key=f"rating:{report.id}:{context.ids.new()}",
        sender=f"report-{report.id}",
        text=f"【评价】{words}",
        received_at=context.now(),
    )
    if await uow.messages.receive([message]):
        kept = await uow.messages.received(message.id)
        assert kept is not None  # it was just written
        kept.contact_id, kept.case_id, kept.processed_at = report.contact_id, report.case_id, context.now()
