"""A citizen who writes, for stories about messages: every message goes the whole way from the mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from callcenter.domain.contacts import Address
from callcenter.domain.conversations import Conversation
from callcenter.domain.messages import Inbound
from callcenter.domain.places import Grid, Place, PlaceCandidate, PlaceKind
from callcenter.domain.suggestions import Appeal, CategorySuggestion, Suggestion, Urgency
from callcenter.usecases import intake, understanding
from callcenter.usecases.context import Context
from callcenter.usecases.mailbox import Mailbox
from tests.builders import COLLAPSE, GRID, MOBILE, a_report
from tests.callcenter.usecases.story import user

OPENID = "o-citizen-1"


class Reader:
    """Knows a collapse, a pothole and gas, and nothing else."""

    def suggest(self, text: str) -> Suggestion:
        if "煤气" in text:
            return Suggestion((), (), Urgency.CRITICAL, Appeal.HELP, danger=("gas",))
        if "塌" in text:
            return _class(COLLAPSE, "路面塌陷", 0.95)
        if "坑" in text:
            return _class("事件|01|13", "道路破损", 0.5)
        return Suggestion((), (), Urgency.NORMAL, Appeal.CONSULT)


def _class(code: str, name: str, confidence: float) -> Suggestion:
    return Suggestion((CategorySuggestion(code, name, confidence),), (), Urgency.NORMAL, Appeal.HELP)


class Map:
    """Knows one school."""

    def candidates(self, text: str, limit: int = 3) -> Sequence[PlaceCandidate]:
        at = text.find("实验小学")
        if at < 0:
            return ()
        return [PlaceCandidate("实验小学", PlaceKind.POINT, 28.5, 118.5, 50, 0.8, at, at + 4)]

    def search(self, query: str, limit: int = 10) -> Sequence[Place]:
        return ()

    def grid_at(self, lat: float, lon: float) -> Grid | None:
        return GRID


@dataclass
class Writer:
    """`say` returns what the hotline answered to this message."""

    context: Context
    medium: str = "wechat"
    user: str = OPENID
    account: str = ""
    seen: set[str] = field(default_factory=set)
    sent: int = 0

    def __post_init__(self) -> None:
        self.account = self.account or self.medium
        self.context.classifier, self.context.geocoder = Reader(), Map()

    async def write(self, text: str = "", **more: object) -> None:
        self.sent += 1
        key = f"{self.user}-{self.sent}"
        inbound = Inbound(self.medium, self.account, key, self.user, text, **more)  # type: ignore[arg-type]
        await Mailbox(self.context).accept(inbound)

    async def say(self, text: str = "", **more: object) -> list[str]:
        await self.write(text, **more)
        self.context.clock.pass_by(seconds=1)
        await understanding.tick(self.context)
        return await self.answers()

    async def answers(self) -> list[str]:
        async with self.context.reading() as uow:
            sent = [one for one in await uow.messages.sent_to(self.user, 100) if one.id not in self.seen]
        self.seen |= {one.id for one in sent}
        return [one.text for one in sorted(sent, key=lambda one: (one.created_at, one.id))]

    async def talk(self) -> Conversation:
        async with self.context.reading() as uow:
            found = await uow.conversations.last_of(self.address)
        assert found is not None
        return found

    @property
    def address(self) -> Address:
        """By text every account of ours reaches the citizen."""
        return Address(self.medium, "" if self.medium == "sms" else self.account, self.user)


def by_sms(context: Context) -> Writer:
    return Writer(context, "sms", MOBILE)


async def a_pending_report(context: Context) -> Writer:
    """A citizen of WeChat who reported by themselves; nobody registered it yet."""
    citizen = Writer(context)
    (answer,) = await citizen.say("实验小学门口路面塌了个大坑")
    assert "已登记" in answer
    return citizen


def later(context: Context, **time: float) -> None:
    context.clock.at += timedelta(**time)


async def newest_report(context: Context, citizen: Writer):
    talk = await citizen.talk()
    async with context.reading() as uow:
        return (await uow.reports.of_contact(talk.contact_id, 1))[0]


async def a_case_of(context: Context, citizen: Writer) -> str:
    """Registered by a seat from what the citizen entered."""
    talk = await citizen.talk()
    form = a_report(conversation_id=talk.id, phone="", contact_id="")
    entered = (await newest_report(context, citizen)).number
    _, case = await intake.file_report(context, await user(context, "1027"), form, completes=entered)
    assert case is not None
    await citizen.answers()  # what they are told of the filing
    return case.number
