"""Ready-made people, cases and a whole context on a real database."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.db.engine import session_factory
from callcenter.db.uow import SqlUnitOfWork
from callcenter.domain.cases import Actor, Case, StepInput
from callcenter.domain.challenge import Challenge, zero_bits
from callcenter.domain.codes import Category, Condition, Department, DispatchRule
from callcenter.domain.deadlines import Limit, Unit, WorkCalendar
from callcenter.domain.followups import FollowUpPolicy
from callcenter.domain.places import Grid
from callcenter.domain.reports import Decision, Report
from callcenter.domain.staff import User
from callcenter.domain.suggestions import Appeal, Urgency
from callcenter.pictures import PillowPictures
from callcenter.sounds import SoxSounds
from callcenter.usecases.context import City, Context
from callcenter.usecases.duplicates import DuplicateFinder
from callcenter.usecases.rule_lab import RuleLab
from nlp.likeness import TextLikeness
from nlp.redact import TextRedactor
from tests.fakes import (
    CountingIds,
    FakeClassifier,
    FakeClock,
    FakeGeocoder,
    FakeLearner,
    FakeLive,
    FakeNumbers,
    FakeRuleEngine,
    FakeTelephony,
    MemoryStore,
    PlainPasswords,
    PlainTexts,
)

CHINA = timezone(timedelta(hours=8))
FRIDAY_10 = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 in China, a working day
CALENDAR = WorkCalendar(CHINA)
STANDARD = "GB/T 30428.2-2013"
COLLAPSE = "事件|05|05"
MOBILE = "13800005526"
GRID = Grid("330102001001001", "实验社区网格07", "云溪区", "文昌街道", "实验社区")


def context_on(engine: AsyncEngine) -> Context:
    sessions, readers = session_factory(engine), session_factory(engine, reading=True)
    return Context(
        uow=lambda: SqlUnitOfWork(sessions),
        reading=lambda: SqlUnitOfWork(readers),
        clock=FakeClock(FRIDAY_10),
        ids=CountingIds(),
        live=FakeLive(),
        telephony=FakeTelephony(),
        classifier=FakeClassifier(),
        geocoder=FakeGeocoder(GRID),
        numbers=FakeNumbers(),
        passwords=PlainPasswords(),
        templates=PlainTexts(),
        calendar=CALENDAR,
        followup=FollowUpPolicy(zone=CHINA),
        redactor=TextRedactor(),
        duplicates=DuplicateFinder(TextLikeness()),
        lab=RuleLab(FakeRuleEngine()),
        learner=FakeLearner(),
        media=MemoryStore(),
        pictures=PillowPictures(),
        sounds=SoxSounds(),
        city=City(
            "澜江市",
            STANDARD,
            ("12345", "12319"),
            always_open=True,
            text_channel="sms",
            public_url="https://hotline.example",
        ),
    )


def a_user(role: str = "agent", no: str = "1027", department: str = "") -> User:
    return User(
        id=f"user-{no}",
        username=no,
        name=f"工号{no}",
        staff_no=no,
        password_hash="hashed:secret",
        roles=[role],
        department_id=department,
        queues={"general": 0} if role in {"agent", "team_leader"} else {},
    )


def an_actor(role: str, department: str = "") -> Actor:
    return Actor(f"user-{role}", role, frozenset({role}), department)


def a_case(**given: object) -> Case:
    fields = {
        "id": "case-1",
        "number": "20261120-0001",
        "title": "文昌路路面塌陷",
        "content": "文昌路路面塌了个大坑，没有围挡",
        "channel": "phone",
        "appeal": "help",
        "urgency": "urgent",
        "category": COLLAPSE,
        "category_name": "路面塌陷",
        "reported_at": FRIDAY_10,
        "updated_at": FRIDAY_10,
    }
    return Case(**{**fields, **given})


def a_report(**given: object) -> Report:
    fields = {
        "id": "report-1",
        "number": "",
        "client_key": "form-00000001",
        "filed_at": FRIDAY_10,
        "filed_by": "",
        "decision": Decision.CASE,
        "channel": "phone",
        "appeal": Appeal.HELP,
        "urgency": Urgency.URGENT,
        "content": "文昌路路面塌了个大坑，没有围挡",
        "title": "文昌路路面塌陷",
        "category": COLLAPSE,
        "condition_no": 1,
        "place": "文昌路与澜东大道交叉口",
        "lat": 28.5,
        "lon": 118.5,
    }
    return Report(**{**fields, **given})


FILED = StepInput(condition_no=1, condition_text="影响通行", limit=Limit(2, Unit.URGENT_HOUR), opinion="同意")


def codes() -> list[object]:
    """Fresh rows each time: a database keeps what it is given."""
    return [
        Category(COLLAPSE, STANDARD, "事件", "05", "05", "路面塌陷", "突发事件"),
        Category("事件|01|13", STANDARD, "事件", "01", "13", "道路破损", "市容环境"),
        Condition(COLLAPSE, 1, "影响通行", 2, "urgent_hour"),
        Condition(COLLAPSE, 2, "未影响通行", 5, "work_day"),
        Department("shizheng", "市政设施管理处"),
        Department("paishui", "市排水公司"),
        DispatchRule("事件|05", "", "shizheng", "派单目录 3.2"),
    ]


def solve(asked: Challenge) -> int:
    """The sum of a citizen's page, as the page does it."""
    counter = 0
    while zero_bits(asked.nonce, counter) < asked.bits:
        counter += 1
    return counter
